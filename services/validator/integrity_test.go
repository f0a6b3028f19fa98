package validator

import (
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/canary"
	"github.com/maskrail/maskrail/libs/objref"
)

// TestIntegrity breaks what the masker counted, and wants the rule, and none but it, to refuse the object.
func TestIntegrity(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		spoil func(*object)
		want  Finding
		only  bool
	}{
		"two values with one token": {func(o *object) { o.rows[1][o.at("phone")] = o.rows[0][o.at("phone")] }, Finding{Class: ClassDistinct, Count: 1}, true},
		"a value with two tokens": {func(o *object) {
			o.masked.Domains[2].Distinct[0] = 1
		}, Finding{Class: ClassDistinct, Count: 1}, true},
		"one collision and one split": {func(o *object) { // in different row groups they do not make up for each other
			for i := 2; i < 140_000; i++ {
				o.rows = append(o.rows, sample(i, "acme"))
			}
			o.rows[139_999][o.at("phone")] = o.rows[139_998][o.at("phone")]
			o.count()
			o.counts()
			o.rows[1][o.at("phone")] = o.rows[0][o.at("phone")]
			o.rows[139_999][o.at("phone")] = "+999000000000001"
		}, Finding{Class: ClassDistinct, Count: 2}, true},
		"another estimate":     {func(o *object) { o.masked.Domains[0].Estimate = 1000 }, Finding{Class: ClassDistinct}, true},
		"a domain not counted": {func(o *object) { o.masked.Domains = o.masked.Domains[1:] }, Finding{Class: ClassCounts}, true},
		"a domain too many": {func(o *object) {
			o.masked.Domains = append(o.masked.Domains, o.masked.Domains[0])
			o.masked.Domains[3].Domain = "x"
		}, Finding{Class: ClassCounts}, true},
		"a row group too many":   {func(o *object) { o.masked.Domains[0].Distinct = append(o.masked.Domains[0].Distinct, 0) }, Finding{Class: ClassCounts}, true},
		"a token lost":           {func(o *object) { o.rows[1][o.at("name")] = nil }, Finding{Class: ClassDistinct, Count: 1}, true},
		"a null lost":            {func(o *object) { o.rows[1][o.at("middle")] = "" }, Finding{Class: ClassNulls, Field: "middle", Count: 1}, false},
		"a value emptied":        {func(o *object) { o.rows[1][o.at("card")] = nil }, Finding{Class: ClassNulls, Field: "card", Count: 1}, true},
		"nulls not counted":      {func(o *object) { o.masked.Columns[o.at("notes")].Nulls = nil }, Finding{Class: ClassCounts, Field: "notes"}, true},
		"nothing counted at all": {func(o *object) { o.masked.Domains = nil }, Finding{Class: ClassCounts}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			o := w.good()
			o.counts()
			o.uncounted = true
			tt.spoil(o)
			_, report := w.refused(w.put(o))
			rule := report.outcome("integrity")
			if len(rule.Findings) == 0 {
				t.Fatalf("the rule says %+v", rule)
			}
			got := rule.Findings[0]
			if got.Detail = ""; got != tt.want {
				t.Errorf("found %+v, want %+v", got, tt.want)
			}
			for _, r := range report.Rules {
				if tt.only && r.Result == Failed && r.Rule != "integrity" {
					t.Errorf("rule %s: %+v", r.Rule, r.Findings)
				}
			}
		})
	}
}

// TestTokensOfTwoTenantsAreTwo counts one token text in two tenants twice, as the values are two.
func TestTokensOfTwoTenantsAreTwo(t *testing.T) {
	t.Parallel()
	w := setup(t)
	o := w.good()
	o.rows = [][]any{sample(0, "acme"), sample(0, "globex")}
	o.masked.Tenant, o.ref.Tenant = objref.Several, objref.Several
	o.count()
	if _, err := w.validate(t.Context(), w.put(o)); err != nil {
		t.Error(err)
	}
	if o.masked.Domains[0].Distinct[0] != 2 {
		t.Errorf("the test counts %d", o.masked.Domains[0].Distinct[0])
	}
}

// TestListsAreMeasured counts tokens, nulls and elements inside lists of objects.
func TestListsAreMeasured(t *testing.T) {
	t.Parallel()
	const document = `apiVersion: maskrail.io/v1
kind: Policy
metadata: {name: test, version: 1}
entity: interaction
key: [id]
tenant: {path: tenant_id, required: true}
fields:
  - {path: id, keep: true}
  - {path: tenant_id, keep: true}
  - {path: "legs[]", token: {domain: phone, format: phone}}
`
	for name, tt := range map[string]struct {
		spoil func(*object)
		want  string // class, "" to pass
	}{
		"as attested":    {func(*object) {}, ""},
		"another length": {func(o *object) { o.masked.Columns[2].Elements = new(int64(3)) }, ClassLists},
		"another null":   {func(o *object) { o.masked.Columns[2].Nulls = new(int64(1)) }, ClassNulls},
		"not counted":    {func(o *object) { o.masked.Columns[2].Elements = nil }, ClassCounts},
		"another token":  {func(o *object) { o.masked.Domains[0].Distinct[0] = 1 }, ClassDistinct},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			o := w.good()
			w.use(document)
			p, _ := w.policies.For("interaction")
			o.masked.Policy, o.ref.Policy = p.Digest(), p.Digest()
			o.fields, o.masked.Columns = o.fields[:2], o.masked.Columns[:2]
			o.rows[0], o.rows[1] = o.rows[0][:2], o.rows[1][:2]
			o.add(arrow.Field{Name: "legs", Type: arrow.ListOf(text), Nullable: true}, "token", "+999000000000001")
			o.masked.Columns[2].Type = "list<element: utf8, nullable>"
			o.rows[1][2] = "+999000000000002"
			o.counts()
			o.masked.Domains = o.masked.Domains[:1]
			o.masked.Domains[0].Distinct, o.masked.Domains[0].Estimate = []int64{2}, 2
			o.masked.Columns[2].Elements, o.uncounted = new(int64(2)), true
			marked := &object{fields: o.fields}
			for i := range canary.Count() {
				marked.rows = append(marked.rows, []any{fmt.Sprint("canary-", i), "acme", "+999000000000001"})
			}
			o.masked.Canary = w.canaryOf(p, marked, "lists")
			tt.spoil(o)
			in := w.put(o)
			if tt.want == "" {
				if _, err := w.validate(t.Context(), in); err != nil {
					t.Error(err)
				}
				return
			}
			if reason, _ := w.refused(in); reason.Class != tt.want || strings.Contains(reason.Detail, "0001") {
				t.Errorf("refused as %v", reason)
			}
		})
	}
}
