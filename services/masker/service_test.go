package masker

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/memblob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/bus/membus"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/sketch"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/libs/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is a masker with everything around it in memory.
type bench struct {
	t      testing.TB
	store  *memblob.Store
	bus    *membus.Bus
	config Config
	signer *attest.Signer
	opener *sketch.Opener
	body   string // of the policy
}

func setup(t testing.TB) *bench {
	t.Helper()
	b := &bench{t: t, store: memblob.New("maskrail-raw", "maskrail-masked", "maskrail-quarantine"), bus: membus.New(bus.Streams(bus.Horizon)), config: Default(), signer: newSigner(t), opener: newOpener(t), body: people}
	b.config.Environment = "sandbox"
	b.config.TempDir = t.TempDir()
	return b
}

func newSigner(t testing.TB) *attest.Signer {
	t.Helper()
	var pem bytes.Buffer
	if err := attest.GenerateKey(&pem); err != nil {
		t.Fatal(err)
	}
	s, err := attest.NewSigner(pem.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (b *bench) service(store blob.Store) *Service {
	b.t.Helper()
	set, err := policy.Parse("test.yaml", []byte(header+b.body), nil)
	if err != nil {
		b.t.Fatal(err)
	}
	s, err := New(b.config, set, testRing(b.t), b.signer, b.opener.Sealer(), attest.Trust{}, app.Deps{Bus: b.bus, Store: store, Telemetry: telemetry.Discard()})
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

// drop puts a raw object and returns its reference.
func (b *bench) drop(key, content string) objref.Ref {
	b.t.Helper()
	o, err := b.store.Put(context.Background(), blob.Location{Bucket: "maskrail-raw", Key: key}, strings.NewReader(content), int64(len(content)), blob.PutOptions{})
	if err != nil {
		b.t.Fatal(err)
	}
	raw := objref.From(o)
	return objref.Ref{Entity: "interaction", Run: objref.DropRun(raw), Tenant: objref.Several, Object: raw}
}

// keys are those of masked objects and their attestations; what belongs to them lies below _.
func (b *bench) keys() []string {
	var keys []string
	for o, err := range b.store.List(context.Background(), "maskrail-masked", "") {
		if err != nil {
			b.t.Fatal(err)
		}
		if !strings.HasPrefix(o.Key, "_") {
			keys = append(keys, o.Key)
		}
	}
	return keys
}

func (b *bench) read(key string) []byte {
	b.t.Helper()
	body, _, err := b.store.Get(context.Background(), blob.Location{Bucket: "maskrail-masked", Key: key}, blob.Range{})
	if err != nil {
		b.t.Fatal(err)
	}
	defer body.Close()
	content, err := io.ReadAll(body)
	if err != nil {
		b.t.Fatal(err)
	}
	return content
}

// statement is what an attestation says, but for its sketch: that has a random key of its own each time.
func (b *bench) statement(key, sha256 string) attest.Masked {
	b.t.Helper()
	m := b.attested(objref.Ref{Attestations: []string{key}, Object: objref.Object{SHA256: sha256}})
	if m.Sketch == nil {
		b.t.Error("the statement names no sketch")
	}
	m.Sketch = nil
	return m
}

func TestMaskObject(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.service(b.store)
	in := b.drop("interaction/+14155550132/x.csv", asCSV(peopleRows(100)))
	out, err := s.Mask(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if len(out) != 1 {
		t.Fatalf("%d references, want 1", len(out))
	}
	ref := out[0]
	if ref.Environment != "sandbox" || ref.Rows != 100 || ref.Run != in.Run || ref.Entity != "interaction" || ref.Tenant != objref.Several ||
		ref.KeyEpoch != 1 || ref.Object.Format != "parquet" || ref.Source == nil || ref.Source.Key != in.Object.Key || ref.Source.SHA256 == "" {
		t.Errorf("wrong reference: %+v", ref)
	}
	if !strings.HasPrefix(ref.Object.Key, "sandbox/interaction/_/") || strings.Contains(ref.Object.Key, "5550132") {
		t.Errorf("wrong key %s", ref.Object.Key)
	}
	if _, err := objref.Encode(ref, objref.AtMasked, ref.Subject(objref.AtMasked), "/masker"); err != nil {
		t.Error(err)
	}
	trust, err := b.signer.Own(attest.Masker)
	if err != nil {
		t.Fatal(err)
	}
	m, err := trust.VerifyMasked(b.read(ref.Attestations[0]), ref.Object.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if m.RowsIn != 100 || m.RowsOut != 100 || !slices.Equal(m.Key, []string{"id"}) || m.TenantColumn != "tenant" || len(m.Tenants) != 3 ||
		len(m.Columns) != len(peopleColumns) || m.Policy != ref.Policy || m.Writer != Writer || m.Code != app.Version() || m.Source.SHA256 != ref.Source.SHA256 {
		t.Errorf("wrong statement: %+v", m)
	}
	if names, err := os.ReadDir(b.config.TempDir); err != nil || len(names) > 0 {
		t.Errorf("files are left in the temporary directory: %v %v", names, err)
	}
}

// TestAgain: redelivery, a second worker and a lost attestation end in the same objects and the same reference.
func TestAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.drop("interaction/x.csv", asCSV(peopleRows(50)))
	first, err := b.service(b.store).Mask(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	keys := b.keys()
	masked, statement := b.read(keys[0]), b.statement(keys[1], first[0].Object.SHA256)
	check := func(what string) {
		t.Helper()
		again, err := b.service(b.store).Mask(t.Context(), in)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if !reflect.DeepEqual(first, again) {
			t.Errorf("%s: another reference\n%+v\n%+v", what, first, again)
		}
		if !slices.Equal(b.keys(), keys) || !bytes.Equal(b.read(keys[0]), masked) || !reflect.DeepEqual(b.statement(keys[1], first[0].Object.SHA256), statement) {
			t.Errorf("%s: the objects are not the same", what)
		}
	}
	check("delivered again")
	remove := func(key string) {
		t.Helper()
		if err := b.store.Delete(t.Context(), blob.Location{Bucket: "maskrail-masked", Key: key}); err != nil {
			t.Fatal(err)
		}
	}
	remove(keys[1])
	check("killed before the attestation")
	remove(keys[0])
	check("object moved away, attestation left")

	// What is done is not done again: the raw object may be gone by then.
	if err := b.store.Delete(t.Context(), in.Object.Location()); err != nil {
		t.Fatal(err)
	}
	check("raw object gone")
}

// TestOccupied: an object that is not ours where ours belongs is never overwritten and never vouched for.
func TestOccupied(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.drop("interaction/x.csv", asCSV(peopleRows(5)))
	if _, err := b.service(b.store).Mask(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	keys := b.keys()
	put := func(key, content string) {
		t.Helper()
		if _, err := b.store.Put(t.Context(), blob.Location{Bucket: "maskrail-masked", Key: key}, strings.NewReader(content), int64(len(content)), blob.PutOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	envelope := string(b.read(keys[1]))
	put(keys[0], "something else")
	if _, err := b.service(b.store).Mask(t.Context(), in); !stage.IsPermanent(err) || !errors.Is(err, attest.ErrMismatch) {
		t.Errorf("other bytes under a genuine attestation: %v", err)
	}
	if err := b.store.Delete(t.Context(), blob.Location{Bucket: "maskrail-masked", Key: keys[1]}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.service(b.store).Mask(t.Context(), in); !stage.IsPermanent(err) || !errors.Is(err, errDiffers) {
		t.Errorf("other bytes without an attestation: %v", err)
	}
	if got := string(b.read(keys[0])); got != "something else" {
		t.Error("the object was overwritten")
	}
	if err := b.store.Delete(t.Context(), blob.Location{Bucket: "maskrail-masked", Key: keys[0]}); err != nil {
		t.Fatal(err)
	}
	put(keys[1], strings.Replace(envelope, b.signer.KeyID(), strings.Repeat("0", 64), 1))
	if _, err := b.service(b.store).Mask(t.Context(), in); !stage.IsPermanent(err) || !errors.Is(err, attest.ErrUntrusted) {
		t.Errorf("an attestation of a stranger: %v", err)
	}
}

func TestTargets(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.drop("interaction/x.csv", "a")
	base := func() *Service { return b.service(b.store) }
	seen := map[string]string{}
	see := func(what string, s *Service, in objref.Ref) {
		key := s.target(s.plans["interaction"], in).object.Key
		if other, twice := seen[key]; twice {
			t.Errorf("%s and %s have one target", what, other)
		}
		seen[key] = what
	}
	see("base", base(), in)
	other := in
	other.Object.Version += "x"
	see("version", base(), other)
	other = in
	other.Tenant = "acme"
	see("tenant", base(), other)
	other = in
	other.Run = "another"
	if k := base().target(base().plans["interaction"], other).object.Key; seen[k] != "base" {
		t.Error("the run changes the target")
	}
	b.config.Environment = "sandbox-02"
	see("environment", base(), in)
	b.config.Environment = "sandbox"
	b.body = strings.Replace(people, "last4", "none", 1)
	see("policy", base(), in)
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.service(b.store)
	tests := map[string]struct {
		in        func() objref.Ref
		class     string
		permanent string
	}{
		"unknown entity": {func() objref.Ref {
			r := b.drop("order/x.csv", "a")
			r.Entity = "order"
			return r
		}, ClassNoPolicy, ""},
		"unknown field": {func() objref.Ref { return b.drop("interaction/u.csv", "id,tenant,x\n1,acme,1\n") }, ClassUnknownField, ""},
		"malformed":     {func() objref.Ref { return b.drop("interaction/m.parquet", "PAR1") }, ClassMalformed, ""},
		"empty":         {func() objref.Ref { return b.drop("interaction/e.parquet", "") }, ClassMalformed, ""},
		"overwritten": {func() objref.Ref {
			r := b.drop("interaction/o.csv", "id,tenant\n1,acme\n")
			b.drop("interaction/o.csv", "id,tenant\n2,acme\n")
			return r
		}, "", "overwritten: the newer version has its own reference"},
		"gone": {func() objref.Ref {
			r := b.drop("interaction/g.csv", "id,tenant\n1,acme\n")
			if err := b.store.Delete(t.Context(), r.Object.Location()); err != nil {
				t.Fatal(err)
			}
			return r
		}, "", "the raw object is gone"},
		"another digest": {func() objref.Ref {
			r := b.drop("interaction/d.csv", "id,tenant\n1,acme\n")
			r.Object.SHA256 = strings.Repeat("0", 64)
			return r
		}, "", "another digest"},
		"another environment": {func() objref.Ref {
			r := b.drop("interaction/v.csv", "id,tenant\n1,acme\n")
			r.Environment = "sandbox-02"
			return r
		}, "", "another environment"},
		"another bucket": {func() objref.Ref {
			r := b.drop("interaction/b.csv", "id,tenant\n1,acme\n")
			r.Object.Bucket = "maskrail-masked"
			return r
		}, "", "not in the raw bucket"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := s.Mask(t.Context(), tt.in())
			if class(err) != tt.class {
				t.Errorf("got %v, want class %q", err, tt.class)
			}
			if tt.permanent != "" && (!stage.IsPermanent(err) || !strings.Contains(err.Error(), tt.permanent)) {
				t.Errorf("got %v, want permanent: %s", err, tt.permanent)
			}
		})
	}
	if keys := b.keys(); len(keys) > 0 {
		t.Errorf("objects were written: %v", keys)
	}
}

// flaky fails the puts of one name once.
type flaky struct {
	blob.Store
	suffix string
	failed bool
}

var errNetwork = errors.New("connection reset")

func (f *flaky) Put(ctx context.Context, loc blob.Location, body io.ReadSeeker, size int64, o blob.PutOptions) (blob.Object, error) {
	obj, err := f.Store.Put(ctx, loc, body, size, o)
	if strings.HasSuffix(loc.Key, f.suffix) && !f.failed {
		f.failed = true
		return blob.Object{}, errNetwork // written, but the answer is lost
	}
	return obj, err
}

func TestLostAnswers(t *testing.T) {
	t.Parallel()
	for _, suffix := range []string{".parquet", ".json"} {
		b := setup(t)
		s := b.service(&flaky{Store: b.store, suffix: suffix})
		in := b.drop("interaction/x.csv", asCSV(peopleRows(5)))
		_, err := s.Mask(t.Context(), in)
		if _, rejected := stage.Rejected(err); !errors.Is(err, errNetwork) || rejected || stage.IsPermanent(err) {
			t.Fatalf("%s: got %v, want an error that is tried again", suffix, err)
		}
		out, err := s.Mask(t.Context(), in)
		if err != nil || len(out) != 1 {
			t.Fatalf("%s: %v", suffix, err)
		}
	}
}

// fromStart opens durables at the first message, so that the test need not know when they are there.
type fromStart struct{ bus.Bus }

func (b fromStart) Consume(ctx context.Context, c bus.Consumer, handle func(context.Context, bus.Delivery)) error {
	c.All = true
	return b.Bus.Consume(ctx, c, handle)
}

// TestRun sends references over the bus, live and replayed, and reads what comes out.
func TestRun(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.service(b.store)
	s.deps.Bus = fromStart{b.bus}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()

	publish := func(r objref.Ref, subject string) {
		t.Helper()
		m, err := objref.Encode(r, objref.AtRaw, subject, "/test")
		if err != nil {
			t.Fatal(err)
		}
		if err := b.bus.Publish(ctx, m); err != nil {
			t.Fatal(err)
		}
	}
	good := b.drop("interaction/good.csv", asCSV(peopleRows(10)))
	publish(good, good.Subject(objref.AtRaw))
	bad := b.drop("interaction/bad.csv", "id,tenant,surprise\n1,acme,x\n")
	other := bad
	other.Run = "of another masker"
	publish(other, other.ReplaySubject("sandbox-02", objref.AtRaw))
	publish(bad, bad.ReplaySubject("sandbox", objref.AtRaw))

	if r := b.first(bus.Masked); r.Rows != 10 || r.Run != good.Run {
		t.Errorf("masked: %+v", r)
	}
	if r := b.first(bus.Rejected); r.Outcome.Reason.Class != ClassUnknownField || r.Outcome.Reason.Field != `"surprise"` || r.Outcome.Reason.Service != Name || r.Run != bad.Run {
		t.Errorf("rejected: %+v", r.Outcome)
	}
	stop()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("run ended with %v", err)
	}
}

// first waits for the first reference on a stream.
func (b *bench) first(stream string) (r objref.Ref) {
	b.t.Helper()
	enough := errors.New("enough")
	err := b.bus.Read(b.t.Context(), bus.Query{Stream: stream, Follow: true}, func(m bus.Message) (err error) {
		if r, _, err = objref.Decode(m); err != nil {
			return err
		}
		return enough
	})
	if !errors.Is(err, enough) {
		b.t.Fatal(err)
	}
	return r
}

func TestConfig(t *testing.T) {
	t.Parallel()
	if err := Default().Validate(); err == nil {
		t.Error("a configuration without environment, policy and keys is valid")
	} else {
		for _, field := range []string{"environment:", "policy:", "keyFile:", "signingKey:"} {
			if !strings.Contains(err.Error(), field) {
				t.Errorf("%s is not named in %v", field, err)
			}
		}
	}
	c := Default()
	c.Environment, c.Policy, c.KeyFile, c.SigningKey, c.SealTo = "sandbox-01", "p.yaml", "k", "s", "p"
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	c.Environment = "sand box"
	if err := c.Validate(); err == nil {
		t.Error("an environment with a space is valid")
	}
}
