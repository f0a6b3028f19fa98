package validator

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"go.uber.org/goleak"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/memblob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/bus/membus"
	"github.com/maskrail/maskrail/libs/canary"
	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/sketch"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/libs/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	env        = "sandbox-01"
	masked     = "maskrail-masked"
	quarantine = "maskrail-quarantine"
)

// world is a validator with its stores, and the keys of those it deals with.
type world struct {
	*Service
	t        testing.TB
	store    *memblob.Store
	bus      *membus.Bus
	masker   *attest.Signer
	opener   *sketch.Opener
	policies *policy.Set
}

func setup(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, store: memblob.New("maskrail-raw", masked, quarantine), bus: membus.New(bus.Streams(bus.Horizon))}
	w.masker, w.opener = newSigner(t), newOpener(t)
	var err error
	if w.policies, err = policy.Load("testdata/policy.yaml"); err != nil {
		t.Fatal(err)
	}
	w.Service = w.service(newSigner(t))
	return w
}

// service is another validator on the same stores.
func (w *world) service(signer *attest.Signer) *Service {
	w.t.Helper()
	c := Default()
	c.Environment, c.TempDir, c.Workers = env, w.t.TempDir(), 2
	s, err := New(c, w.policies, signer, w.opener, w.believes(signer).Always(), app.Deps{Bus: w.bus, Store: w.store, Telemetry: telemetry.Discard()})
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// believes is trust in the masker and in validators, and the policies are allowed.
func (w *world) believes(validators ...*attest.Signer) attest.Trust {
	w.t.Helper()
	entries := []attest.Entry{{Role: attest.Masker, Key: w.masker.PublicPEM(), Environments: []string{env}}}
	for _, v := range validators {
		entries = append(entries, attest.Entry{Role: attest.Validator, Key: v.PublicPEM(), Environments: []string{env}})
	}
	trust, err := attest.NewTrust(entries...)
	if err != nil {
		w.t.Fatal(err)
	}
	return trust.Allow(env, w.policies.Digests()...)
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

// object is a masked object before it is stored, which tests break.
type object struct {
	fields  []arrow.Field
	rows    [][]any
	loud    []string // masked columns that get statistics
	content []byte   // instead of what the rows give
	masked  attest.Masked
	ref     objref.Ref
	signer  *attest.Signer
	meta    map[string]string

	raw        []rawValue // what the masker has taken out
	unsketched bool       // there is no sketch
	uncounted  bool       // nor counts
	sketched   string     // digest of the bytes that the statement names a sketch of
}

var text = arrow.BinaryTypes.String

// good is an object of two rows with which nothing is wrong.
func (w *world) good() *object {
	o := &object{signer: w.masker, fields: fields(), raw: rawSample}
	o.rows = [][]any{sample(0, "acme"), sample(1, "acme")}
	p, _ := w.policies.For("interaction")
	source := objref.Object{Bucket: "maskrail-raw", Key: "interaction/one.csv", Version: "etag:1", SHA256: digest(nil)}
	o.masked = attest.Masked{
		Environment: env, Entity: "interaction", Tenant: "acme", Policy: p.Digest(), KeyEpoch: 1, Writer: "test/1", Code: "test",
		Source: attest.Source{SHA256: source.SHA256, Identity: source.Identity()}, Key: p.Key, TenantColumn: "tenant_id",
	}
	o.ref = objref.Ref{
		Entity: "interaction", Environment: env, Run: "run-1", Tenant: "acme", Source: &source, Policy: p.Digest(), KeyEpoch: 1,
		Object: objref.Object{Bucket: masked, Key: env + "/interaction/acme/0011.parquet", Format: "parquet"},
	}
	o.ref.Attestations = []string{o.ref.Object.Key + ".masked.dsse.json"}
	o.count()
	o.masked.Canary = w.canary(p)
	for _, f := range o.fields {
		field, _ := p.Field(f.Name)
		o.masked.Columns = append(o.masked.Columns, attest.Column{Name: f.Name, Type: f.Type.String(), Treatment: field.Treatment.Name()})
	}
	return o
}

// fields are the columns of the test's policy.
func fields() (all []arrow.Field) {
	for _, n := range []string{"id", "tenant_id", "durationMs", "phone", "email", "name", "card", "ssn", "dob", "middle", "line", "notes"} {
		all = append(all, arrow.Field{Name: n, Type: text, Nullable: true})
	}
	all[2].Type, all[8].Type = arrow.PrimitiveTypes.Int64, arrow.FixedWidthTypes.Date32
	return all
}

func sample(i int, tenant string) []any {
	return []any{
		fmt.Sprintf("7b3b5a2e-6c1d-4a57-9d0b-%012d", i), tenant, int64(41_000 + i),
		fmt.Sprintf("+999%012d", 4155550142+i), "abcdefghijklmnopqrstuvwxyz"[:25] + string('a'+rune(i%26)) + "@masked.invalid",
		"User_abcdefghijklmnopqrstuvwxy" + string('a'+rune(i%26)), "************1111", "[MASKED]",
		arrow.Date32(-14245), nil, "+14155550100", "called about the bill, reach me at [PHONE]",
	}
}

// count attests and declares the rows that are there.
func (o *object) count() {
	n := int64(len(o.rows))
	o.masked.RowsIn, o.masked.RowsOut, o.ref.Rows = n, n, n
	o.masked.Tenants = map[string]int64{}
	for _, row := range o.rows {
		o.masked.Tenants[fmt.Sprint(row[1])]++
	}
}

// at is the place of a column.
func (o *object) at(column string) int {
	for i, f := range o.fields {
		if f.Name == column {
			return i
		}
	}
	panic("no column " + column)
}

// add appends a column with the value in every row, and attests it.
func (o *object) add(f arrow.Field, treatment string, value any) {
	o.fields = append(o.fields, f)
	for i := range o.rows {
		o.rows[i] = append(o.rows[i], value)
	}
	o.masked.Columns = append(o.masked.Columns, attest.Column{Name: f.Name, Type: f.Type.String(), Treatment: treatment})
}

// put stores the object and its attestation and returns its reference.
func (w *world) put(o *object) objref.Ref {
	w.t.Helper()
	body := o.content
	if body == nil {
		body = o.encode(w.t)
	}
	stored, err := w.store.Put(w.t.Context(), blob.Location{Bucket: masked, Key: o.ref.Object.Key}, bytes.NewReader(body), int64(len(body)),
		blob.PutOptions{Metadata: o.meta})
	if err != nil {
		w.t.Fatal(err)
	}
	if !o.uncounted {
		o.counts()
	}
	if !o.unsketched {
		w.sketch(o, digest(body))
	}
	if o.signer != nil {
		w.attest(o, digest(body))
	}
	ref := o.ref
	ref.Object = objref.From(stored)
	ref.Object.Format = "parquet"
	return ref
}

func (w *world) attest(o *object, sha256 string) {
	w.t.Helper()
	envelope, err := o.signer.SignMasked(o.ref.Object.Key, sha256, o.masked)
	if err != nil {
		w.t.Fatal(err)
	}
	w.overwrite(masked, o.ref.Object.Key+".masked.dsse.json", envelope)
}

func (w *world) overwrite(bucket, key string, body []byte) {
	w.t.Helper()
	if _, err := w.store.Put(w.t.Context(), blob.Location{Bucket: bucket, Key: key}, bytes.NewReader(body), int64(len(body)), blob.PutOptions{}); err != nil {
		w.t.Fatal(err)
	}
}

// encode writes the rows as the masker's writer does.
func (o *object) encode(t testing.TB) []byte {
	t.Helper()
	schema := arrow.NewSchema(o.fields, nil)
	var silent []string
	for _, f := range o.fields {
		switch f.Name {
		case "id", "tenant_id", "durationMs", "line":
		default:
			silent = append(silent, f.Name)
		}
	}
	silent = without(silent, o.loud)
	var out bytes.Buffer
	writer, err := columnar.NewWriter(&out, schema, columnar.WriteOptions{Format: columnar.FormatParquet, NoStatistics: silent})
	if err != nil {
		t.Fatal(err)
	}
	if len(o.rows) > 0 {
		batch := record(t, schema, o.rows)
		defer batch.Release()
		if err := writer.Write(batch); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func without(all, some []string) (rest []string) {
	for _, a := range all {
		keep := true
		for _, s := range some {
			keep = keep && a != s
		}
		if keep {
			rest = append(rest, a)
		}
	}
	return rest
}

func record(t testing.TB, schema *arrow.Schema, rows [][]any) arrow.RecordBatch {
	t.Helper()
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for _, row := range rows {
		for i, v := range row {
			appendValue(t, b.Field(i), v)
		}
	}
	return b.NewRecordBatch()
}

func appendValue(t testing.TB, b array.Builder, v any) {
	t.Helper()
	if v == nil {
		b.AppendNull()
		return
	}
	switch b := b.(type) {
	case *array.StringBuilder:
		b.Append(v.(string))
	case *array.BinaryBuilder:
		b.Append([]byte(v.(string)))
	case *array.Int64Builder:
		b.Append(v.(int64))
	case *array.Float64Builder:
		b.Append(v.(float64))
	case *array.Date32Builder:
		b.Append(v.(arrow.Date32))
	case *array.ListBuilder:
		b.Append(true)
		appendValue(t, b.ValueBuilder(), v)
	case *array.StructBuilder:
		b.Append(true)
		appendValue(t, b.FieldBuilder(0), v)
	default:
		t.Fatalf("no value for a %T", b)
	}
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// has reports whether the bucket holds the key.
func (w *world) has(bucket, key string) bool {
	w.t.Helper()
	_, err := w.store.Head(w.t.Context(), blob.Location{Bucket: bucket, Key: key})
	return err == nil
}

func (w *world) read(bucket, key string) []byte {
	w.t.Helper()
	b, err := readDocument(context.Background(), w.store, bucket, key)
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

// refused validates and wants a rejection, parked with its report.
func (w *world) refused(in objref.Ref) (objref.Reason, Report) {
	w.t.Helper()
	out, err := w.validate(w.t.Context(), in)
	reason, ok := stage.Rejected(err)
	if !ok {
		w.t.Fatalf("want a rejection, got %d references and the error %v", len(out), err)
	}
	r, ok := decodeReport(w.read(quarantine, in.Object.Key+ReportSuffix))
	if !ok {
		w.t.Fatal("the report cannot be read")
	}
	if r.Reason != reason {
		w.t.Errorf("the report says %v, the rejection %v", r.Reason, reason)
	}
	if !w.has(quarantine, in.Object.Key) {
		w.t.Error("the object is not in quarantine")
	}
	w.condemned(in, r)
	for o, err := range w.store.List(w.t.Context(), masked, in.Object.Key) {
		w.t.Errorf("the masked bucket still holds something of the object: %d bytes, %v", o.Bytes, err)
	}
	return reason, r
}

// condemned wants a signed refusal beside the object in quarantine, which says of each rule what the report says.
func (w *world) condemned(in objref.Ref, r Report) {
	w.t.Helper()
	trust, err := w.trust()
	if err != nil {
		w.t.Fatal(err)
	}
	v, err := trust.VerifyValidated(w.read(quarantine, in.Object.Key+RefusalSuffix), r.SHA256)
	if err != nil || v.Passed() || v.Environment != env || v.Rules != Rules || v.Policy != in.Policy || len(v.Checks) != len(r.Rules) {
		w.t.Fatalf("the refusal: %v\n%+v", err, v)
	}
	for i, c := range v.Checks {
		if c.Name != r.Rules[i].Rule || c.Passed != (r.Rules[i].Result == Passed) || !c.Passed && c.Detail == "" {
			w.t.Errorf("the refusal says %+v, the report %+v", c, r.Rules[i])
		}
	}
}

// finding is the first finding of the class in the report.
func (r Report) finding(class string) (Finding, bool) {
	for _, o := range r.Rules {
		for _, f := range o.Findings {
			if f.Class == class {
				return f, true
			}
		}
	}
	return Finding{}, false
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (w *world) remove(bucket, key string) {
	w.t.Helper()
	if err := w.store.Delete(w.t.Context(), blob.Location{Bucket: bucket, Key: key}); err != nil {
		w.t.Fatal(err)
	}
}

// canary stores what a masker makes of canary records under the policy, and returns where it is.
func (w *world) canary(p *policy.Policy) *attest.Beside {
	w.t.Helper()
	o := &object{}
	o.fields = fields()
	for i := range canary.Count() {
		o.rows = append(o.rows, sample(i, "acme"))
	}
	return w.canaryOf(p, o, "0011")
}

func (w *world) canaryOf(p *policy.Policy, o *object, id string) *attest.Beside {
	w.t.Helper()
	body := o.encode(w.t)
	key := canary.Prefix + env + "/interaction/" + id
	about := canary.Statement{Environment: env, Entity: "interaction", Policy: p.Digest(), KeyEpoch: 1, Writer: "test/1", Code: "test", Rows: int64(canary.Count())}
	var parts []canary.Part
	for _, suffix := range []string{".pages.parquet", ".batches.parquet"} {
		w.overwrite(masked, key+suffix, body)
		parts = append(parts, canary.Part{Key: key + suffix, SHA256: digest(body)})
	}
	envelope, err := about.Sign(w.masker, parts)
	if err != nil {
		w.t.Fatal(err)
	}
	w.overwrite(masked, key+".masked.dsse.json", envelope)
	return &attest.Beside{Key: key + ".masked.dsse.json", SHA256: digest(envelope)}
}
