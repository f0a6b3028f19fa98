package loader

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/memblob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/bus/membus"
	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/telemetry"
)

// bundle is a loader with a store and a bus in memory.
type bundle struct {
	*Loader
	t                 *testing.T
	masker, validator *attest.Signer
	stranger          *attest.Signer
	store             *memblob.Store
	bus               *membus.Bus
	path              string
}

func signer(t *testing.T) *attest.Signer {
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

func setup(t *testing.T) bundle {
	t.Helper()
	b := bundle{t: t, masker: signer(t), validator: signer(t), stranger: signer(t), path: filepath.Join(t.TempDir(), "box.duckdb")}
	trust := b.believes(attest.Entry{}, attest.Entry{})
	var err error
	c := Default()
	c.Environment, c.Sandbox, c.Notice = "box", b.path, 100*time.Millisecond
	b.store = memblob.New(c.Buckets.Raw, c.Buckets.Masked, c.Buckets.Quarantine)
	b.bus = membus.New(bus.Streams(bus.Horizon))
	b.Loader, err = New(c, trust.Always(), app.Deps{Bus: b.bus, Store: b.store, Telemetry: telemetry.Discard()})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// given is the time of every verdict: before the clock of synctest, which begins in 2000.
const given = "1999-12-31T08:00:00Z"

// believes is trust in masker and validator for the environment, within the windows of the entries.
func (b bundle) believes(masker, validator attest.Entry) attest.Trust {
	b.t.Helper()
	masker.Role, masker.Key, masker.Environments = attest.Masker, b.masker.PublicPEM(), []string{"box"}
	validator.Role, validator.Key, validator.Environments = attest.Validator, b.validator.PublicPEM(), []string{"box"}
	trust, err := attest.NewTrust(masker, validator)
	if err != nil {
		b.t.Fatal(err)
	}
	return trust.Allow("box", "sha256:aa")
}

// parquet is rows of tenant_id, interactionId and note.
func parquet(t *testing.T, rows ...[3]string) []byte {
	t.Helper()
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "tenant_id", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "interactionId", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "note", Type: arrow.BinaryTypes.String, Nullable: true},
	}, nil)
	rb := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer rb.Release()
	for _, r := range rows {
		for i, cell := range r {
			rb.Field(i).(*array.StringBuilder).Append(cell)
		}
	}
	batch := rb.NewRecordBatch()
	defer batch.Release()
	var out bytes.Buffer
	w, err := columnar.NewWriter(&out, schema, columnar.WriteOptions{Format: columnar.FormatParquet})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(batch); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func (b bundle) put(key string, body []byte) blob.Object {
	b.t.Helper()
	o, err := b.store.Put(b.t.Context(), blob.Location{Bucket: b.c.Buckets.Masked, Key: key}, bytes.NewReader(body), int64(len(body)), blob.PutOptions{})
	if err != nil {
		b.t.Fatal(err)
	}
	return o
}

// order is an object on its way to the loader, and what may be wrong with it.
type order struct {
	body      []byte
	rows      int64
	masked    attest.Masked
	validated attest.Validated
	ref       objref.Ref
	signers   [2]*attest.Signer
}

// object makes an order of the rows; change may spoil it before it is signed, and the reference after.
func (b bundle) object(name string, change func(*order), rows ...[3]string) objref.Ref {
	b.t.Helper()
	source := objref.Object{Bucket: b.c.Buckets.Raw, Key: "interaction/" + name, Version: "v1", SHA256: hash([]byte(name))}
	o := &order{
		body: parquet(b.t, rows...), rows: int64(len(rows)), signers: [2]*attest.Signer{b.masker, b.validator},
		masked: attest.Masked{
			Environment: "box", Entity: "interaction", Tenant: objref.Several,
			Source: attest.Source{SHA256: source.SHA256, Identity: source.Identity(), Bytes: 1},
			Policy: "sha256:aa", KeyFingerprint: "k1", KeyEpoch: 1, Writer: "1", RowsIn: int64(len(rows)), RowsOut: int64(len(rows)),
			Key: []string{"interactionId"}, TenantColumn: "tenant_id",
			Columns: []attest.Column{{Name: "tenant_id", Type: "utf8", Treatment: "keep"}, {Name: "interactionId", Type: "utf8", Treatment: "keep"}, {Name: "note", Type: "utf8", Treatment: "scrub"}},
		},
		validated: attest.Validated{
			Environment: "box", Entity: "interaction", Tenant: objref.Several, Policy: "sha256:aa", Rules: "1", At: given, Rows: int64(len(rows)),
			Checks: []attest.Check{{Name: "rows", Passed: true}},
		},
		ref: objref.Ref{
			Entity: "interaction", Environment: "box", Run: "run-1", Tenant: objref.Several, Rows: int64(len(rows)),
			Source: &source, Policy: "sha256:aa", KeyEpoch: 1,
		},
	}
	if change != nil {
		change(o)
	}
	key := "box/interaction/" + name + ".parquet"
	stored := b.put(key, o.body)
	o.ref.Object = objref.From(stored)
	masker, err := o.signers[0].SignMasked(key, stored.SHA256, o.masked)
	if err != nil {
		b.t.Fatal(err)
	}
	if o.validated.Masker == "" {
		o.validated.Masker = attest.Digest(masker)
	}
	validator, err := o.signers[1].SignValidated(key, stored.SHA256, o.validated)
	if err != nil {
		b.t.Fatal(err)
	}
	if o.ref.Attestations == nil {
		o.ref.Attestations = []string{key + ".dsse.json", key + ".validated.dsse.json"}
	}
	b.put(key+".dsse.json", masker)
	b.put(key+".validated.dsse.json", validator)
	return o.ref
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// expect reads one value from the sandbox as an analyst does.
func (b bundle) expect(query, want string) {
	b.t.Helper()
	db, err := sql.Open("duckdb", b.path)
	if err != nil {
		b.t.Fatal(err)
	}
	defer db.Close()
	var got any
	if err := db.QueryRow(query).Scan(&got); err != nil {
		b.t.Fatalf("%s: %v", query, err)
	}
	if fmt.Sprint(got) != want {
		b.t.Errorf("%s = %v, want %s", query, got, want)
	}
}

// start runs the loader until the test ends.
func (b bundle) start() {
	ctx, cancel := context.WithCancel(b.t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	b.t.Cleanup(func() { cancel(); <-done })
}

// publish hands a reference to the loader.
func (b bundle) publish(r objref.Ref, subject string) {
	b.t.Helper()
	m, err := objref.Encode(r, objref.AtValidated, subject, "/test")
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.bus.Publish(b.t.Context(), m); err != nil {
		b.t.Fatal(err)
	}
}

// ends are the messages on a stream that ends an object's way, once nobody has anything to do any more.
func (b bundle) ends(stream string, n int) []objref.Ref {
	b.t.Helper()
	synctest.Wait()
	var out []objref.Ref
	err := b.bus.Read(b.t.Context(), bus.Query{Stream: stream}, func(m bus.Message) error {
		r, _, err := objref.Decode(m)
		out = append(out, r)
		return err
	})
	if err != nil || len(out) != n {
		b.t.Fatalf("%d messages on %s, want %d: %v", len(out), stream, n, err)
	}
	return out
}
