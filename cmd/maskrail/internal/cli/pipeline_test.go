package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"testing"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/memblob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/bus/membus"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/sketch"
	"github.com/maskrail/maskrail/libs/telemetry"
	"github.com/maskrail/maskrail/services/loader"
	"github.com/maskrail/maskrail/services/masker"
	"github.com/maskrail/maskrail/services/validator"
)

const (
	calls = `apiVersion: maskrail.io/v1
kind: Policy
metadata: {name: calls, version: 1}
entity: call
key: [id]
tenant: {path: tenant_id, required: true}
fields:
  - {path: id, keep: true}
  - {path: tenant_id, keep: true}
  - {path: phone, token: {domain: phone, format: phone}}
`
	callA = "id,tenant_id,phone\n1,acme,+14155550142\n2,acme,+14155550143\n"
	callB = "id,tenant_id,phone\n3,acme,+14155550144\n4,acme,+14155550145\n"
)

// work is what masker and validator made of two files, with keys of their own.
type work struct {
	dir                         string
	policy                      string // file
	masker, validator, stranger *attest.Signer
	trust                       attest.TrustFolder
	objects                     map[string][]byte // the masked bucket
	refs                        [2]objref.Ref     // as the validator hands them on
}

// objectA and objectB are the keys of the masked objects.
func (w *work) objectA() string { return w.refs[0].Object.Key }
func (w *work) objectB() string { return w.refs[1].Object.Key }

// fromStart is a bus whose durables begin with what is there already.
type fromStart struct{ bus.Bus }

func (b fromStart) Consume(ctx context.Context, c bus.Consumer, handle func(context.Context, bus.Delivery)) error {
	c.All = true
	return b.Bus.Consume(ctx, c, handle)
}

// running runs a worker until the test ends.
func running(t *testing.T, w app.Worker) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = w.Run(ctx) // which ends with the cause
	}()
	t.Cleanup(func() { cancel(); <-done })
}

// first waits for the first references on one of the streams.
func first(t *testing.T, b bus.Bus, n int, streams ...string) (refs []objref.Ref) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	found := make(chan objref.Ref)
	for _, s := range streams {
		go func() {
			_ = b.Read(ctx, bus.Query{Stream: s, Follow: true}, func(m bus.Message) error {
				r, _, err := objref.Decode(m)
				if err != nil {
					return err
				}
				select {
				case found <- r:
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			})
		}()
	}
	for range n {
		select {
		case r := <-found:
			refs = append(refs, r)
		case <-t.Context().Done():
			t.Fatal("nothing came")
		}
	}
	return refs
}

func publish(t *testing.T, b bus.Bus, r objref.Ref, at objref.Stage) {
	t.Helper()
	m, err := objref.Encode(r, at, r.Subject(at), "/test")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Publish(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, s blob.Store, bucket, key string, body []byte) objref.Object {
	t.Helper()
	o, err := s.Put(t.Context(), blob.Location{Bucket: bucket, Key: key}, bytes.NewReader(body), int64(len(body)), blob.PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return objref.From(o)
}

// newKey makes a signing key, and trusts it unless the role is "".
func (w *work) newKey(t *testing.T, name, role string) *attest.Signer {
	t.Helper()
	file := filepath.Join(w.dir, name+".pem")
	if _, err := execute(t, "keygen", "--signing", file); err != nil {
		t.Fatal(err)
	}
	s, err := attest.LoadSigner(file)
	if err != nil {
		t.Fatal(err)
	}
	if role == "" {
		return s
	}
	if _, err := execute(t, "trust", "add", string(w.trust), "--role", role, "--key", file+attest.PublicSuffix, "--env", "sandbox"); err != nil {
		t.Fatal(err)
	}
	return s
}

// produce masks and validates with the real workers on a store and a bus in memory.
func produce(t *testing.T) *work {
	t.Helper()
	w := &work{dir: t.TempDir(), objects: map[string][]byte{}}
	w.policy, w.trust = file(t, "calls.yaml", calls), attest.TrustFolder(filepath.Join(w.dir, "trust"))
	w.masker, w.validator, w.stranger = w.newKey(t, "masker", attest.Masker), w.newKey(t, "validator", attest.Validator), w.newKey(t, "stranger", "")
	if _, err := execute(t, "trust", "allow", string(w.trust), "--policy", w.policy, "--env", "sandbox"); err != nil {
		t.Fatal(err)
	}
	trust, err := w.trust.Open()
	if err != nil {
		t.Fatal(err)
	}
	policies, err := policy.Load(w.policy)
	if err != nil {
		t.Fatal(err)
	}
	common := app.DefaultCommon()
	common.TempDir = w.dir
	deps := app.Deps{Store: memblob.New(common.Buckets.Raw, common.Buckets.Masked, common.Buckets.Quarantine),
		Bus: fromStart{membus.New(bus.Streams(bus.Horizon))}, Telemetry: telemetry.Discard()}
	opener, err := sketch.NewKeyPair()
	if err != nil {
		t.Fatal(err)
	}
	mc := masker.Default()
	mc.Common, mc.Environment = common, "sandbox"
	m, err := masker.New(mc, policies, keys.Example(), w.masker, opener.Sealer(), trust, deps)
	if err != nil {
		t.Fatal(err)
	}
	vc := validator.Default()
	vc.Common, vc.Environment = common, "sandbox"
	v, err := validator.New(vc, policies, w.validator, opener, trust.Always(), deps)
	if err != nil {
		t.Fatal(err)
	}
	running(t, v)
	for i, rows := range []string{callA, callB} {
		raw := put(t, deps.Store, common.Buckets.Raw, "call/"+string('a'+rune(i))+".csv", []byte(rows))
		out, err := m.Mask(t.Context(), objref.Ref{Entity: "call", Run: "run-1", Tenant: objref.Several, Object: raw})
		if err != nil {
			t.Fatal(err)
		}
		publish(t, deps.Bus, out[0], objref.AtMasked)
		w.refs[i] = first(t, deps.Bus, i+1, bus.Validated)[i]
	}
	for o, err := range deps.Store.List(t.Context(), common.Buckets.Masked, "") {
		if err != nil {
			t.Fatal(err)
		}
		body, _, err := deps.Store.Get(t.Context(), o.Location, blob.Range{})
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(body)
		if err := errors.Join(err, body.Close()); err != nil {
			t.Fatal(err)
		}
		w.objects[o.Key] = content
	}
	return w
}

// changed is a copy that may be spoiled.
func (w *work) changed(change func(*work)) *work {
	c := *w
	c.objects = maps.Clone(w.objects)
	change(&c)
	return &c
}

// load hands object A to a real loader, by a reference to the bytes that lie there, and returns what became of it.
func (w *work) load(t *testing.T) objref.Outcome {
	t.Helper()
	c := loader.Default()
	c.Environment, c.Sandbox = "sandbox", filepath.Join(t.TempDir(), "box.duckdb")
	b := c.Buckets
	deps := app.Deps{Store: memblob.New(b.Raw, b.Masked, b.Quarantine), Bus: fromStart{membus.New(bus.Streams(bus.Horizon))}, Telemetry: telemetry.Discard()}
	ref := w.refs[0]
	for key, content := range w.objects {
		if o := put(t, deps.Store, b.Masked, key, content); key == w.objectA() {
			ref.Object = o
		}
	}
	trust, err := w.trust.Open()
	if err != nil {
		t.Fatal(err)
	}
	l, err := loader.New(c, trust.Always(), deps)
	if err != nil {
		t.Fatal(err)
	}
	publish(t, deps.Bus, ref, objref.AtValidated)
	running(t, l)
	return *first(t, deps.Bus, 1, bus.Loaded, bus.Rejected, bus.Dead)[0].Outcome
}

// download writes the masked bucket to a folder, as an auditor gets it, and returns the file of object A.
func (w *work) download(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for key, content := range w.objects {
		if err := os.WriteFile(filepath.Join(dir, path.Base(key)), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, path.Base(w.objectA()))
}
