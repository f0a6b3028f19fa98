package mutation

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/pair"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/memblob"
	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/services/validator"
)

const environment = "sandbox-01"

const policyText = `apiVersion: maskrail.io/v1
kind: Policy
metadata: {name: mutations, version: 1}
entity: interaction
key: [id]
tenant: {path: tenant_id, known: [acme, globex]}
fields:
  - {path: id, keep: true}
  - {path: tenant_id, keep: true}
  - {path: queue, keep: true}
  - {path: phone, token: {domain: phone, format: phone}}
  - {path: mail, token: {domain: email, format: email}}
  - {path: name, token: {domain: person.name, prefix: User_}}
  - {path: card, card: {keep: last4}}
  - {path: ssn, redact: {}}
  - {path: born, type: date, date: {truncate: year}}
  - {path: secret, drop: true}
  - {path: notes, scrub: {context: [name]}}
  - {path: "phones[]", token: {domain: phone, format: phone}}
  - {path: attributes, map: {keep: [language], default: redact}}
  - {path: crm, json: {fields: [{path: name, token: {domain: person.name, prefix: User_}}, {path: id, keep: true}]}}
`

const (
	rows   = 60
	people = 25
)

// person is somebody of the raw data, who calls more than once.
func person(i int) (name, phone, mail, card string) {
	n := i % people
	name = []string{"Okafor", "Lindqvist", "Castellanos", "Nakagawa", "Whitfield"}[n%5] + " " + []string{"Ada", "Bram", "Cleo", "Dario", "Edda"}[n/5]
	return name, fmt.Sprintf("(415) 555-%04d", 100+n), fmt.Sprintf("p%02d.%s@example.com", n, strings.ToLower(name[:5])), "4111 1111 1111 1111"
}

// raw are the records before they are masked, as JSON Lines. Every other name is in other letters.
func raw(tenant string) []byte {
	var out bytes.Buffer
	for i := range rows {
		name, phone, mail, card := person(i)
		shown := name
		if i >= people {
			shown = strings.ToUpper(name)
		}
		r := map[string]any{
			"id": fmt.Sprintf("7b3b5a2e-6c1d-4a57-9d0b-%012d", i), "tenant_id": tenant, "queue": fmt.Sprintf("q-%d", i%3),
			"phone": phone, "mail": mail, "name": shown, "card": card, "ssn": "536-22-8145", "born": fmt.Sprintf("19%02d-07-1%d", 40+i%50, i%9),
			"secret": "x", "notes": name + " called from " + phone + " about order 100" + fmt.Sprint(i), "phones": []string{phone, "415-555-0199"},
			"attributes": map[string]string{"language": "en", "other": mail}, "crm": fmt.Sprintf(`{"id":%d,"name":%q}`, i, name),
		}
		if i%10 == 9 {
			r["mail"] = nil
		}
		line, _ := json.Marshal(r) //nolint:errchkjson // strings
		out.Write(append(line, '\n'))
	}
	return out.Bytes()
}

// world is a masker and a validator on one store.
type world struct {
	*pair.Pair
	t       *testing.T
	store   *memblob.Store
	buckets app.Buckets
}

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, buckets: pair.Buckets()}
	w.store = memblob.New(w.buckets.Raw, w.buckets.Masked, w.buckets.Quarantine)
	policies, err := policy.Parse("mutations.yaml", []byte(policyText), nil)
	w.must(err)
	all, err := pair.NewKeys()
	w.must(err)
	w.Pair, err = pair.New(pair.Options{
		Environment: environment, Policies: policies, Ring: keys.Example(), Store: w.store, Keys: all, Workers: 1, TempDir: t.TempDir(),
	})
	w.must(err)
	return w
}

func newSigner(t *testing.T) *attest.Signer {
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

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) put(bucket, key string, body []byte) blob.Object {
	w.t.Helper()
	o, err := w.store.Put(w.t.Context(), blob.Location{Bucket: bucket, Key: key}, bytes.NewReader(body), int64(len(body)), blob.PutOptions{})
	w.must(err)
	return o
}

func (w *world) get(bucket, key string) []byte {
	w.t.Helper()
	r, _, err := w.store.Get(w.t.Context(), blob.Location{Bucket: bucket, Key: key}, blob.Range{})
	w.must(err)
	defer r.Close()
	body, err := io.ReadAll(r)
	w.must(err)
	return body
}

// mask masks the records of a tenant, from JSON Lines or from Parquet, and reads back what became of them.
func (w *world) mask(tenant string) *masking {
	w.t.Helper()
	in := objref.Ref{Entity: "interaction", Tenant: tenant, Run: "run-1",
		Object: objref.From(w.put(w.buckets.Raw, "interaction/"+tenant+".jsonl", raw(tenant)))}
	out, err := w.Masker.Mask(w.t.Context(), in)
	w.must(err)
	m := &masking{world: w, ref: out[0], signer: w.Signer, body: w.get(w.buckets.Masked, out[0].Object.Key)}
	m.says, err = w.Trust.VerifyMasked(w.get(w.buckets.Masked, out[0].Attestations[0]), out[0].Object.SHA256)
	w.must(err)
	m.read()
	return m
}

// masking is what a masker wrote, and what it says of it, to be changed.
type masking struct {
	*world
	ref     objref.Ref
	says    attest.Masked
	signer  *attest.Signer
	body    []byte
	schema  *arrow.Schema
	columns []arrow.Array
	kept    bool   // body is written as it is
	loud    string // a masked column that gets statistics
	after   func() // when all is stored
}

func (m *masking) read() {
	m.t.Helper()
	if n := m.canaries(); n != rows {
		m.t.Fatalf("%d rows in the first batch, want %d", n, rows)
	}
}

// canaries reads a file of however many rows, which are one batch.
func (m *masking) canaries() int64 {
	m.t.Helper()
	r, err := columnar.Open(bytes.NewReader(m.body), columnar.Options{Format: columnar.FormatParquet})
	m.must(err)
	defer r.Close()
	batch, err := r.Next(m.t.Context())
	m.must(err)
	m.schema = batch.Schema()
	m.columns = slices.Clone(batch.Columns()) // never released: what is not is for the garbage collector
	return batch.NumRows()
}

// silent are the columns without statistics, as the masker writes them.
func (m *masking) silent() (names []string) {
	for _, f := range m.schema.Fields() {
		if f.Name != "id" && f.Name != "tenant_id" && f.Name != "queue" && f.Name != m.loud {
			names = append(names, f.Name)
		}
	}
	return names
}

// store writes the object and its statement again, over what the masker stored, and returns the reference.
func (m *masking) store() objref.Ref {
	m.t.Helper()
	if !m.kept {
		var out bytes.Buffer
		w, err := columnar.NewWriter(&out, m.schema, columnar.WriteOptions{Format: columnar.FormatParquet, NoStatistics: m.silent()})
		m.must(err)
		batch := array.NewRecordBatch(m.schema, m.columns, int64(m.columns[0].Len()))
		m.must(w.Write(batch))
		batch.Release()
		m.must(w.Close())
		m.body = out.Bytes()
	}
	object := m.put(m.buckets.Masked, m.ref.Object.Key, m.body)
	m.reseal()
	envelope, err := m.signer.SignMasked(m.ref.Object.Key, digest(m.body), m.says)
	m.must(err)
	m.put(m.buckets.Masked, m.ref.Attestations[0], envelope)
	m.ref.Object = objref.From(object)
	m.ref.Object.Format = string(columnar.FormatParquet)
	if m.after != nil {
		m.after()
	}
	return m.ref
}

// reseal seals the sketch's key for the bytes that are stored now. It lies behind the magic and its length in two bytes.
func (m *masking) reseal() {
	m.t.Helper()
	const length, sealed = 16, 18
	b := m.get(m.buckets.Masked, m.says.Sketch.Key)
	end := sealed + int(binary.LittleEndian.Uint16(b[length:]))
	key, err := m.Opener.Open(b[sealed:end], m.ref.Object.SHA256)
	m.must(err)
	again, err := m.Opener.Sealer().Seal(key, digest(m.body))
	m.must(err)
	copy(b[sealed:end], again)
	m.says.Sketch.SHA256 = digest(b)
	m.put(m.buckets.Masked, m.says.Sketch.Key, b)
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// at is the place of a column.
func (m *masking) at(name string) int {
	found := m.schema.FieldIndices(name)
	if len(found) != 1 {
		m.t.Fatalf("no column %s", name)
	}
	return found[0]
}

// text changes the texts of a column; nil is null.
func (m *masking) text(name string, change func(row int, text *string) *string) {
	m.t.Helper()
	at := m.at(name)
	old, ok := m.columns[at].(*array.String)
	if !ok {
		m.t.Fatalf("column %s is %s", name, m.columns[at].DataType())
	}
	b := array.NewStringBuilder(memory.DefaultAllocator)
	defer b.Release()
	for row := range old.Len() {
		var text *string
		if old.IsValid(row) {
			text = new(old.Value(row))
		}
		if text = change(row, text); text == nil {
			b.AppendNull()
		} else {
			b.Append(*text)
		}
	}
	m.columns[at] = b.NewArray()
}

// cell sets one text.
func (m *masking) cell(name string, row int, text string) {
	m.t.Helper()
	m.text(name, func(r int, old *string) *string {
		if r == row {
			return &text
		}
		return old
	})
}

// value is a text of a column.
func (m *masking) value(name string, row int) string {
	m.t.Helper()
	return m.columns[m.at(name)].(*array.String).Value(row)
}

// pick keeps the rows from to, of every column.
func (m *masking) pick(stretches ...[2]int64) {
	m.t.Helper()
	for i, c := range m.columns {
		var parts []arrow.Array
		for _, s := range stretches {
			parts = append(parts, array.NewSlice(c, s[0], s[1]))
		}
		all, err := array.Concatenate(parts, memory.DefaultAllocator)
		m.must(err)
		m.columns[i] = all
	}
}

// validate lets the gate judge, and returns the rules that fail, "wait" when it takes no objects, nothing when it passes.
func (w *world) validate(in objref.Ref) (failed []string) {
	w.t.Helper()
	_, err := w.Validator.Validate(w.t.Context(), in)
	if err == nil {
		return nil
	}
	if _, waits := stage.Delay(err); waits {
		return []string{"canary (the environment stops)"}
	}
	if _, rejected := stage.Rejected(err); !rejected {
		w.t.Fatal(err)
	}
	var report validator.Report
	if err := json.Unmarshal(w.get(w.buckets.Quarantine, in.Object.Key+validator.ReportSuffix), &report); err != nil {
		w.t.Fatal(errors.Join(errors.New("the report cannot be read"), err))
	}
	for _, o := range report.Rules {
		if o.Result == validator.Failed {
			w.t.Logf("%s: %+v", o.Rule, o.Findings)
			failed = append(failed, o.Rule)
		}
	}
	return failed
}
