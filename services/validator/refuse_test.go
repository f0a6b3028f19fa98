package validator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/telemetry"
)

// use replaces the policies.
func (w *world) use(document string) {
	w.t.Helper()
	set, err := policy.Parse("test.yaml", []byte(document), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	w.policies = set
	w.Service = w.service(w.signer)
}

// leaked is a phone number that no report and no error may show.
const leaked = "(415) 555-0142"

// TestRefuse breaks one thing each that a rule guards.
func TestRefuse(t *testing.T) {
	t.Parallel()
	cell := func(column string, value any) func(*world, *object) {
		return func(_ *world, o *object) { o.rows[1][o.at(column)] = value }
	}
	foreign := func(change func(*attest.Masked)) func(*world, *object) {
		return func(_ *world, o *object) { change(&o.masked) }
	}
	tests := map[string]struct {
		spoil func(*world, *object)
		rule  string // the only one that fails, unless it is empty
		want  Finding
	}{
		"a phone number in one cell of free text": {cell("notes", "call "+leaked), "detectors",
			Finding{Class: ClassHit, Field: "notes", Detector: "phone", Count: 1}},
		"a mail address": {cell("notes", "ask ann@example.com"), "detectors", Finding{Class: ClassHit, Field: "notes", Detector: "email", Count: 1}},
		"a card number":  {cell("notes", "4111 1111 1111 1111"), "detectors", Finding{Class: ClassHit, Field: "notes", Detector: "card", Count: 1}},
		"a social security number": {cell("notes", "ssn 536-22-8145"), "detectors",
			Finding{Class: ClassHit, Field: "notes", Detector: "ssn", Count: 1}},
		"a card as a number": {cell("durationMs", int64(4111111111111111)), "detectors",
			Finding{Class: ClassHit, Field: "durationMs", Detector: "card", Count: 1}},
		"a class beside the expected one": {cell("line", "ann@example.com"), "detectors",
			Finding{Class: ClassHit, Field: "line", Detector: "email", Count: 1}},
		"an expected phone number in another column": {cell("notes", "+1 415 555 0100"), "detectors",
			Finding{Class: ClassHit, Field: "notes", Detector: "phone", Count: 1}},
		"a phone number that was not masked": {cell("phone", leaked), "", Finding{Class: ClassHit, Field: "phone", Detector: "phone", Count: 1}},
		"a name that was not masked":         {cell("name", "Ann"), "treatments", Finding{Class: ClassTreatment, Field: "name", Count: 1}},
		"a value that was not nulled":        {cell("middle", "M"), "treatments", Finding{Class: ClassTreatment, Field: "middle", Count: 1}},
		"a value that was not redacted":      {cell("ssn", "none"), "treatments", Finding{Class: ClassTreatment, Field: "ssn", Count: 1}},
		"a date that was not truncated":      {cell("dob", arrow.Date32(-14200)), "treatments", Finding{Class: ClassTreatment, Field: "dob", Count: 1}},
		"a card with too many digits":        {cell("card", "411111******1111"), "treatments", Finding{Class: ClassTreatment, Field: "card", Count: 1}},

		"a weak finding of a class that the scrub takes out": {cell("notes", "call 555-0142"), "detectors",
			Finding{Class: ClassHit, Field: "notes", Detector: "phone", Count: 1}},
		"a number in base64": {cell("notes", "see KzE0MTU1NTUwMTQy"), "detectors",
			Finding{Class: ClassHit, Field: "notes", Detector: "phone", Count: 1}},
		"a number digit by digit": {cell("notes", "at four one five five five five oh one four two"), "detectors",
			Finding{Class: ClassHit, Field: "notes", Detector: "phone", Count: 1}},

		"a row of another tenant": {func(_ *world, o *object) { o.rows[1][1] = "globex"; o.count() }, "tenants",
			Finding{Class: ClassForeignTenant, Field: "tenant_id", Count: 1}},
		"an unknown tenant": {func(_ *world, o *object) {
			o.rows[1][1] = "initech"
			o.count()
			o.masked.Tenant, o.ref.Tenant = objref.Several, objref.Several
		}, "tenants", Finding{Class: ClassUnknownTenant, Field: "tenant_id", Count: 1}},
		"a row without a tenant": {func(_ *world, o *object) { o.rows[1][1] = nil }, "tenants",
			Finding{Class: ClassNoTenant, Field: "tenant_id", Count: 1}},
		"more tenants than are told apart": {func(_ *world, o *object) {
			for i := range maxTenants + 1 {
				o.rows = append(o.rows, sample(i+2, fmt.Sprint("tenant-", i)))
			}
			o.count()
			o.masked.Tenant, o.ref.Tenant = objref.Several, objref.Several
		}, "", Finding{Class: ClassUnknownTenant, Field: "tenant_id", Count: maxTenants - 1}},
		"a reference that names no tenant": {func(_ *world, o *object) { o.ref.Tenant = "" }, "", Finding{Class: ClassAttestation}},
		"a tenant of blanks": {func(_ *world, o *object) { o.rows[1][1] = "  "; o.count() }, "tenants",
			Finding{Class: ClassNoTenant, Field: "tenant_id", Count: 1}},
		"rows by tenant are others than attested": {func(_ *world, o *object) {
			o.rows = append(o.rows, sample(2, "globex"))
			o.masked.Tenant, o.ref.Tenant = objref.Several, objref.Several
			o.count()
			o.masked.Tenants = map[string]int64{"acme": 1, "globex": 2}
		}, "tenants", Finding{Class: ClassTenantRows, Field: "tenant_id", Count: 2}},

		"a key twice":       {cell("id", sample(0, "")[0]), "key", Finding{Class: ClassDuplicateKey, Field: "id", Count: 1}},
		"a row without key": {cell("id", nil), "key", Finding{Class: ClassNullKey, Field: "id", Count: 1}},
		"an empty key":      {cell("id", ""), "key", Finding{Class: ClassNullKey, Field: "id", Count: 1}},

		"fewer rows than attested": {func(_ *world, o *object) { o.rows = o.rows[:1] }, "", Finding{Class: ClassRows, Count: 1}},
		"fewer rows than the reference says": {func(_ *world, o *object) { o.ref.Rows = 3 }, "rows",
			Finding{Class: ClassRows, Count: 2}},

		"a column too many": {func(_ *world, o *object) {
			o.add(arrow.Field{Name: "extra", Type: text, Nullable: true}, "keep", "x")
		}, "schema", Finding{Class: ClassSchema, Field: `"extra"`}},
		"a column too few": {func(_ *world, o *object) {
			last := len(o.fields) - 1
			o.fields, o.masked.Columns = o.fields[:last], o.masked.Columns[:last]
			for i := range o.rows {
				o.rows[i] = o.rows[i][:last]
			}
		}, "schema", Finding{Class: ClassSchema, Field: "notes"}},
		"columns in another order": {func(_ *world, o *object) {
			a, b := o.at("line"), o.at("notes")
			o.fields[a].Name, o.fields[b].Name = "notes", "line"
			for i := range o.rows {
				o.rows[i][a], o.rows[i][b] = o.rows[i][b], o.rows[i][a]
			}
		}, "schema", Finding{Class: ClassSchema, Field: "line"}},
		"a dropped column that is there": {func(_ *world, o *object) {
			o.add(arrow.Field{Name: "secret", Type: text, Nullable: true}, "drop", "x")
		}, "schema", Finding{Class: ClassSchema, Field: "secret"}},
		"no tenant column": {func(_ *world, o *object) { o.fields[1].Name = "tenant" }, "", Finding{Class: ClassMissingField, Field: "tenant_id"}},
		"no key column":    {func(_ *world, o *object) { o.fields[0].Name = "number" }, "", Finding{Class: ClassMissingField, Field: "id"}},
		"a token column of numbers": {func(_ *world, o *object) {
			i := o.at("name")
			o.fields[i].Type, o.masked.Columns[i].Type = arrow.PrimitiveTypes.Int64, "int64"
			o.rows[0][i], o.rows[1][i] = nil, nil
		}, "schema", Finding{Class: ClassSchema, Field: "name"}},
		"another treatment attested": {foreign(func(m *attest.Masked) { m.Columns[3].Treatment = "keep" }), "schema",
			Finding{Class: ClassSchema, Field: "phone"}},
		"another type attested": {foreign(func(m *attest.Masked) { m.Columns[3].Type = "int64" }), "schema",
			Finding{Class: ClassSchema, Field: "phone"}},
		"another name attested": {foreign(func(m *attest.Masked) { m.Columns[3].Name = "fax" }), "schema",
			Finding{Class: ClassSchema, Field: "phone"}},
		"another key attested": {foreign(func(m *attest.Masked) { m.Key = []string{"notes"} }), "schema", Finding{Class: ClassSchema}},
		"another tenant column attested": {foreign(func(m *attest.Masked) { m.TenantColumn = "notes" }), "schema",
			Finding{Class: ClassSchema, Field: "tenant_id"}},
		"a number hidden in a nested column": {func(_ *world, o *object) {
			o.add(arrow.Field{Name: "list", Type: arrow.ListOf(text), Nullable: true}, "keep", leaked)
		}, "", Finding{Class: ClassHit, Field: `"list"[]`, Detector: "phone", Count: 2}},
		"a number hidden in a struct": {func(_ *world, o *object) {
			o.add(arrow.Field{Name: "box", Type: arrow.StructOf(arrow.Field{Name: "x", Type: text, Nullable: true}), Nullable: true}, "keep", leaked)
		}, "", Finding{Class: ClassHit, Field: `"box"."x"`, Detector: "phone", Count: 2}},
		"a number hidden in bytes": {func(_ *world, o *object) {
			o.add(arrow.Field{Name: "raw", Type: arrow.BinaryTypes.Binary, Nullable: true}, "keep", leaked)
		}, "", Finding{Class: ClassHit, Field: `"raw"`, Detector: "phone", Count: 2}},
		"an address hidden in UTF-16": {func(_ *world, o *object) {
			o.add(arrow.Field{Name: "raw", Type: arrow.BinaryTypes.Binary, Nullable: true}, "keep", "j\x00o\x00@\x00e\x00x\x00.\x00c\x00o\x00m\x00")
		}, "", Finding{Class: ClassUnreadable, Field: `"raw"`, Count: 2}},
		"a card as a floating point number": {func(_ *world, o *object) {
			o.add(arrow.Field{Name: "f", Type: arrow.PrimitiveTypes.Float64, Nullable: true}, "keep", 4111111111111111.0)
		}, "", Finding{Class: ClassHit, Field: `"f"`, Detector: "card", Count: 2}},
		"a number as the name of a column": {func(_ *world, o *object) {
			o.add(arrow.Field{Name: leaked, Type: text, Nullable: true}, "keep", "x")
		}, "", Finding{Class: ClassMetadata, Detector: "phone"}},

		"no attestation": {func(_ *world, o *object) { o.signer = nil }, "attestation", Finding{Class: ClassAttestation}},
		"an attestation by an unknown key": {func(w *world, o *object) { o.signer = newSigner(w.t) }, "attestation",
			Finding{Class: ClassAttestation}},
		"an attestation by the validator's key": {func(w *world, o *object) { o.signer = w.signer }, "attestation",
			Finding{Class: ClassAttestation}},
		"another environment": {foreign(func(m *attest.Masked) { m.Environment = "sandbox-02" }), "attestation", Finding{Class: ClassAttestation}},
		"another entity":      {foreign(func(m *attest.Masked) { m.Entity = "conversation" }), "attestation", Finding{Class: ClassAttestation}},
		"another tenant":      {foreign(func(m *attest.Masked) { m.Tenant = "globex" }), "attestation", Finding{Class: ClassAttestation}},
		"another source":      {foreign(func(m *attest.Masked) { m.Source.Identity = "x" }), "attestation", Finding{Class: ClassAttestation}},
		"another key epoch":   {foreign(func(m *attest.Masked) { m.KeyEpoch = 2 }), "attestation", Finding{Class: ClassAttestation}},
		"another policy":      {foreign(func(m *attest.Masked) { m.Policy = "sha256:00" }), "attestation", Finding{Class: ClassAttestation}},
		"a policy that is not this environment's": {func(_ *world, o *object) { o.masked.Policy, o.ref.Policy = "sha256:00", "sha256:00" },
			"attestation", Finding{Class: ClassAttestation}},
		"an entity without a policy": {func(_ *world, o *object) { o.masked.Entity, o.ref.Entity = "call", "call" }, "",
			Finding{Class: ClassNoPolicy}},

		"statistics of a masked column": {func(_ *world, o *object) { o.loud = []string{"name"} }, "metadata",
			Finding{Class: ClassMetadata, Field: "name"}},
		"a mail address in the object's metadata": {func(_ *world, o *object) { o.meta = map[string]string{"origin": "ann@example.com"} },
			"metadata", Finding{Class: ClassMetadata, Detector: "email"}},
		"no Parquet":    {func(_ *world, o *object) { o.content = []byte("id,phone\n1," + leaked + "\n") }, "file", Finding{Class: ClassMalformed}},
		"cut off":       {func(w *world, o *object) { b := o.encode(w.t); o.content = b[:len(b)/2] }, "file", Finding{Class: ClassMalformed}},
		"an empty file": {func(_ *world, o *object) { o.content = []byte{} }, "file", Finding{Class: ClassMalformed}},
		"a page that does not decode": {func(w *world, o *object) {
			o.content = o.encode(w.t)
			clear(o.content[40:200])
		}, "file", Finding{Class: ClassMalformed, Field: `"id"`}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			o := w.good()
			tt.spoil(w, o)
			in := w.put(o)
			_, report := w.refused(in)
			got, ok := report.finding(tt.want.Class)
			if !ok {
				t.Fatalf("the report has no finding %s: %+v", tt.want.Class, report.Rules)
			}
			got.Detail = ""
			if got != tt.want {
				t.Errorf("found %+v, want %+v", got, tt.want)
			}
			for _, r := range report.Rules {
				if tt.rule != "" && (r.Result == Failed) != (r.Rule == tt.rule) {
					t.Errorf("rule %s: %s, findings %+v", r.Rule, r.Result, r.Findings)
				}
			}
			w.silent(in, leaked, "555-0142", "ann@", "536-22-8145")
		})
	}
}

// silent wants none of the values in the report or the reason.
func (w *world) silent(in objref.Ref, values ...string) {
	w.t.Helper()
	for _, suffix := range []string{ReportSuffix, RefusalSuffix} {
		shown := w.read(quarantine, in.Object.Key+suffix)
		var envelope struct{ Payload []byte }
		if json.Unmarshal(shown, &envelope) == nil {
			shown = append(shown, envelope.Payload...)
		}
		for _, v := range values {
			if bytes.Contains(shown, []byte(v)) {
				w.t.Errorf("%s shows a value: %s", suffix, shown)
			}
		}
	}
}

func TestEveryRuleIsReported(t *testing.T) {
	t.Parallel()
	w := setup(t)
	o := w.good()
	o.rows[0][o.at("notes")] = "call " + leaked
	o.rows[1][o.at("id")] = nil
	o.rows[1][o.at("tenant_id")] = "globex"
	o.masked.KeyEpoch = 2
	reason, report := w.refused(w.put(o))
	failed := map[string]bool{}
	for i, r := range report.Rules {
		if r.Rule != rules[i].Name || r.Result == NotRun {
			t.Errorf("rule %s: %s", r.Rule, r.Result)
		}
		failed[r.Rule] = r.Result == Failed
	}
	for _, rule := range []string{"attestation", "key", "tenants", "detectors"} {
		if !failed[rule] {
			t.Errorf("rule %s passed", rule)
		}
	}
	if reason.Class != ClassAttestation || !strings.Contains(reason.Detail, "3 more checks failed") {
		t.Errorf("the reason is %v", reason)
	}
}

func TestSigningKeyMustNotBeAMaskers(t *testing.T) {
	t.Parallel()
	w := setup(t)
	trust, err := attest.NewTrust(attest.Entry{Role: attest.Masker, Key: w.signer.PublicPEM(), Environments: []string{env}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = New(w.cfg, w.policies, w.signer, w.opener, trust.Always(), app.Deps{Bus: w.bus, Store: w.store, Telemetry: telemetry.Discard()})
	if !app.IsUsage(err) {
		t.Errorf("a validator that could sign as a masker starts: %v", err)
	}
}
