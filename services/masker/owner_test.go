package masker

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/objref"
)

// withoutTenant takes the tenant's column out of rows of people, as files in a folder of a partition have none.
func withoutTenant(t testing.TB, rows [][]string) map[string]string {
	t.Helper()
	at := slices.Index(peopleColumns, "tenant")
	var csv, jsonl strings.Builder
	line := func(cells []string) {
		csv.WriteString(strings.Join(slices.Delete(slices.Clone(cells), at, at+1), ",") + "\n")
	}
	line(peopleColumns)
	for _, r := range rows {
		line(r)
		sep := "{"
		for i, v := range r {
			if i != at {
				fmt.Fprintf(&jsonl, "%s%q:%q", sep, peopleColumns[i], v)
				sep = ","
			}
		}
		jsonl.WriteString("}\n")
	}
	narrow := make([][]string, len(rows))
	for i, r := range rows {
		narrow[i] = slices.Delete(slices.Clone(r), at, at+1)
	}
	return map[string]string{"x.csv": csv.String(), "x.jsonl": jsonl.String(), "x.parquet": parquetOfTexts(t, slices.Delete(slices.Clone(peopleColumns), at, at+1), narrow)}
}

// TestRowsOfOneTenant: a file without a column of the tenant, in an object of one tenant, is masked as if every row had it;
// and tokens of the same people in an object of another tenant have nothing in common with them.
func TestRowsOfOneTenant(t *testing.T) {
	t.Parallel()
	rows := peopleRows(3000)
	for _, r := range rows {
		r[slices.Index(peopleColumns, "tenant")] = "acme"
	}
	for _, body := range []string{people, "duplicates: newest\n" + people, "rejectRow: drop\n" + strings.Replace(people, "{path: tenant}", "{path: tenant, known: [acme, globex]}", 1)} {
		p := testPlan(t, body)
		out, want, err := run(t, p, "x.csv", asCSV(rows), Options{Tenant: "acme"})
		if err != nil {
			t.Fatal(err)
		}
		table := records(t, out)
		for name, in := range withoutTenant(t, rows) {
			for _, o := range []Options{{Workers: 1, Tenant: "acme"}, {Workers: 4, BatchRows: 77, Tenant: "acme"}} {
				out, got, err := run(t, p, name, in, o)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if !slices.Equal(records(t, out), table) {
					t.Errorf("%s with %d workers gives another table", name, o.Workers)
				}
				if got.RowsOut != want.RowsOut || got.Tenants["acme"] != got.RowsOut || len(got.Tenants) != 1 || len(got.Drift) != 0 {
					t.Errorf("%s: %d rows of tenants %v, drift %v", name, got.RowsOut, got.Tenants, got.Drift)
				}
			}
			other, _, err := run(t, p, name, in, Options{Tenant: "globex"})
			if err != nil {
				t.Fatal(err)
			}
			for _, token := range []string{"User_", "+999", "@masked.invalid"} {
				if !strings.Contains(table[0], token) {
					t.Fatalf("no %s in %s", token, table[0])
				}
			}
			a, b := strings.Fields(strings.ReplaceAll(table[0], `"`, " ")), strings.Fields(strings.ReplaceAll(records(t, other)[0], `"`, " "))
			for _, word := range a {
				if (strings.HasPrefix(word, "User_") || strings.HasPrefix(word, "+999")) && slices.Contains(b, word) {
					t.Errorf("%s: two tenants share the token %s", name, word)
				}
			}
		}
	}
}

// TestClaims: what a route says of an object is a claim that its content must bear out.
func TestClaims(t *testing.T) {
	t.Parallel()
	known := small
	number := strings.Replace(strings.Replace(small, ", known: [acme, globex]", "", 1), "{path: tenant, keep: true}", "{path: tenant, keep: true, type: int}", 1)
	optional := "tenant: {path: tenant, required: false}\nfields: [{path: id, keep: true}, {path: tenant, keep: true}]\n"
	resolved := "key: [id]\ntenant: {paths: ['tags[\"owner\"]'], as: tenant}\nfields: [{path: id, keep: true}, {path: tags, map: {keep: [owner], default: drop}}]\n"
	dialects := "source: {csv: {delimiter: ;}, dialects: {pipe: {delimiter: '|', header: false}}}\nfields: [{path: id, keep: true}, {path: n, keep: true}]\n"
	tests := map[string]struct {
		policy, name, in string
		o                Options
		class, detail    string // of the rejection; "" where there is none
		want             []string
	}{
		"tenant of the object":            {known, "x.csv", "id\n1\n", Options{Tenant: "acme"}, "", "", []string{`{"id":"1","tenant":"acme","born":null,"n":null}`}},
		"no object's tenant":              {known, "x.csv", "id\n1\n", Options{Tenant: objref.Several}, ClassMissingField, "the tenant column is not in the object", nil},
		"tenant that nobody knows":        {known, "x.csv", "id\n1\n", Options{Tenant: "initech"}, ClassUnknownTenant, "not among tenant.known", nil},
		"foreign row":                     {known, "x.jsonl", `{"id":"1","tenant":"acme"}{"id":"2","tenant":"globex"}`, Options{Tenant: "acme"}, ClassUnknownTenant, "row 2: the row is of another tenant than its object", nil},
		"in other letters":                {strings.Replace(known, ", known: [acme, globex]", "", 1), "x.csv", "id,tenant\n1,Acme\n", Options{Tenant: "acme"}, ClassUnknownTenant, "row 1: the row is of another tenant", nil},
		"blank cell":                      {known, "x.csv", "id,tenant\n1,acme\n2,\n", Options{Tenant: "acme"}, ClassUnknownTenant, "row 2: the row has no tenant", nil},
		"tenant that may be missing":      {optional, "x.csv", "id,tenant\n1,acme\n2,\n", Options{Tenant: "acme"}, ClassUnknownTenant, "row 2: the row has no tenant, and its object is of one", nil},
		"no column that may be missing":   {optional, "x.csv", "id\n1\n", Options{Tenant: "acme"}, "", "", []string{`{"id":"1","tenant":"acme"}`}},
		"tenant that is a number":         {number, "x.csv", "id\n1\n", Options{Tenant: "acme"}, ClassMissingField, "the tenant column is not in the object", nil},
		"tenant inside of the record":     {resolved, "x.jsonl", `{"id":"1","tags":{"owner":"globex"}}`, Options{Tenant: "acme"}, ClassUnknownTenant, "another tenant than its object", nil},
		"none inside of the record":       {resolved, "x.jsonl", `{"id":"1","tags":{}}{"id":"2","tags":{"owner":"acme"}}`, Options{Tenant: "acme"}, "", "", []string{`{"id":"1","tags":[],"tenant":"acme","tenant_source":"object"}`, `{"id":"2","tags":[{"key":"owner","value":"acme"}],"tenant":"acme","tenant_source":"tags.owner"}`}},
		"none, and no object's tenant":    {resolved, "x.jsonl", `{"id":"1","tags":{}}`, Options{}, ClassUnknownTenant, "the row has no tenant", nil},
		"blank inside of the record":      {resolved, "x.jsonl", `{"id":"1","tags":{"owner":" "}}`, Options{Tenant: "acme"}, ClassUnknownTenant, "the row has no tenant", nil},
		"no rows":                         {known, "x.jsonl", "", Options{Tenant: "acme"}, "", "", nil},
		"json without a name":             {optional, "object.jsonl", `[{"id":"1","tenant":"a"}]`, Options{Source: "jsonl"}, "", "", []string{`{"id":"1","tenant":"a"}`}},
		"csv that is json":                {optional, "object.csv", `{"id":"1","tenant":"a"}`, Options{Source: "csv"}, ClassMalformed, "the content is jsonl, and the object is declared to be csv", nil},
		"json that is parquet":            {optional, "object.jsonl", asParquet(t, peopleRows(1)), Options{Source: "jsonl"}, ClassMalformed, "the content is parquet, and the object is declared to be jsonl", nil},
		"parquet that is nothing":         {optional, "object.parquet", "", Options{Source: "parquet"}, ClassMalformed, "", nil},
		"own dialect":                     {dialects, "object.csv", "id;n\n1;2\n", Options{Source: "csv"}, "", "", []string{`{"id":"1","n":"2"}`}},
		"named dialect, without a header": {dialects, "object.csv", "1|2\n", Options{Source: "csv", Dialect: "pipe"}, "", "", []string{`{"id":"1","n":"2"}`}},
		"a dialect that nobody named":     {dialects, "object.csv", "1|2\n", Options{Source: "csv", Dialect: "tabs"}, ClassMalformed, "source.dialects of the policy", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, r, err := run(t, testPlan(t, tt.policy), tt.name, tt.in, tt.o)
			if class(err) != tt.class || tt.class == "" && err != nil || err != nil && !strings.Contains(err.Error(), tt.detail) {
				t.Fatalf("%v, want class %q and %q", err, tt.class, tt.detail)
			}
			if err != nil {
				return
			}
			got := records(t, out)
			if r.RowsOut != int64(len(tt.want)) || len(got) != len(tt.want) {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
			for i := range got {
				if !sameJSON(t, got[i], tt.want[i]) {
					t.Errorf("got %s, want %s", got[i], tt.want[i])
				}
			}
		})
	}
}

// TestClaimsInTheKey: the tenant of the object stands in the key of the masked one and in what is attested; a row of another
// stops it, and so does a policy that cannot say whose a row is. How an object is read is part of what it becomes.
func TestClaimsInTheKey(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.service(b.store)
	rows := peopleRows(20)
	for _, r := range rows {
		r[slices.Index(peopleColumns, "tenant")] = "acme"
	}
	in := b.drop("x/1", withoutTenant(t, rows)["x.jsonl"])
	in.Tenant = "acme"
	out, err := s.Mask(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if m := b.attested(out[0]); !strings.HasPrefix(out[0].Object.Key, "sandbox/interaction/acme/") || out[0].Tenant != "acme" || m.Tenant != "acme" || m.Tenants["acme"] != 20 {
		t.Errorf("key %s, tenant %s, attested %s %v", out[0].Object.Key, out[0].Tenant, m.Tenant, m.Tenants)
	}
	declared := in
	declared.Object.Format = "jsonl"
	again, err := s.Mask(t.Context(), declared)
	if err != nil || again[0].Object.Key == out[0].Object.Key || again[0].Object.SHA256 != out[0].Object.SHA256 {
		t.Errorf("with a declared format: %v, or the key or bytes are wrong", err)
	}
	rows[7][slices.Index(peopleColumns, "tenant")] = "globex"
	foreign := b.drop("x/2.csv", asCSV(rows))
	foreign.Tenant = "acme"
	if _, err := s.Mask(t.Context(), foreign); class(err) != ClassUnknownTenant {
		t.Errorf("an object of acme with a row of globex: %v", err)
	}
	b.body = "key: [id]\nfields: [{path: id, keep: true}]\nunknown: drop\n"
	if _, err := b.service(b.store).Mask(t.Context(), in); class(err) != ClassUnknownTenant {
		t.Errorf("a policy without a tenant: %v", err)
	}
	keys := b.keys()
	if slices.ContainsFunc(keys, func(k string) bool { return !strings.HasPrefix(k, "sandbox/interaction/acme/") }) || len(keys) != 4 {
		t.Errorf("masked objects %q, want two with their attestations", keys)
	}
}
