package validator

import (
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/objref"
)

func TestPass(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*object){
		"a good object": func(*object) {},
		"no rows":       func(o *object) { o.rows = nil; o.count() },
		"several tenants": func(o *object) {
			o.rows = append(o.rows, sample(2, "globex"))
			o.masked.Tenant, o.ref.Tenant = objref.Several, objref.Several
			o.count()
		},
		"the same key in two tenants": func(o *object) {
			o.rows = [][]any{sample(0, "acme"), sample(0, "globex")}
			o.masked.Tenant, o.ref.Tenant = objref.Several, objref.Several
			o.count()
		},
		"nulls wherever there may be one": func(o *object) {
			for i := range o.fields {
				if n := o.fields[i].Name; n != "id" && n != "tenant_id" {
					o.rows[0][i] = nil
				}
			}
		},
		"empty texts": func(o *object) {
			for _, n := range []string{"phone", "email", "name", "card", "notes"} {
				o.rows[0][o.at(n)] = ""
			}
		},
		"a phone token in text form": func(o *object) { o.rows[0][o.at("phone")] = "abcdefghijklmnopqrstuvwxyz" },
		"an expected phone number":   func(o *object) { o.rows[0][o.at("line")] = "(212) 555-0188" },
		"a trace in the object's metadata": func(o *object) {
			o.meta = map[string]string{"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
		},
		"more rows than a batch and a row group": func(o *object) {
			o.rows = nil
			for i := range 140_000 {
				o.rows = append(o.rows, sample(i, "acme"))
			}
			o.count()
		},
	}
	for name, prepare := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			o := w.good()
			prepare(o)
			in := w.put(o)
			out, err := w.validate(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			if len(out) != 1 || !slices.Equal(out[0].Attestations, []string{in.Attestations[0], in.Object.Key + VerdictSuffix}) {
				t.Fatalf("references handed on: %d, attestations %v", len(out), out[0].Attestations)
			}
			w.proven(out[0])
		})
	}
}

// proven holds the object against the loader's gate.
func (w *world) proven(ref objref.Ref) attest.Validated {
	w.t.Helper()
	p, err := w.believes(w.signer).VerifyProof(attest.Evidence{
		Masked: w.read(masked, ref.Attestations[0]), Validated: w.read(masked, ref.Attestations[1]), SHA256: ref.Object.SHA256, Environment: env,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if p.Validated.Rows != ref.Rows || p.Validated.Rules != Rules || len(p.Validated.Checks) != len(rules) {
		w.t.Errorf("the verdict is on %d rows by rules %s with %d checks", p.Validated.Rows, p.Validated.Rules, len(p.Validated.Checks))
	}
	return p.Validated
}

func TestExpectedHitsAreCounted(t *testing.T) {
	t.Parallel()
	w := setup(t)
	out, err := w.validate(t.Context(), w.put(w.good()))
	if err != nil {
		t.Fatal(err)
	}
	v := w.proven(out[0])
	i := slices.IndexFunc(v.Checks, func(c attest.Check) bool { return c.Name == "detectors" })
	if !strings.Contains(v.Checks[i].Detail, "2 phone in line") {
		t.Errorf("the check says %q", v.Checks[i].Detail)
	}
}

// TestSuspicionsPass: what rests on context is counted where no treatment was to take it out.
func TestSuspicionsPass(t *testing.T) {
	t.Parallel()
	w := setup(t)
	o := w.good()
	o.rows[0][o.at("id")] = "call 555-0142"
	out, err := w.validate(t.Context(), w.put(o))
	if err != nil {
		t.Fatal(err)
	}
	v := w.proven(out[0])
	i := slices.IndexFunc(v.Checks, func(c attest.Check) bool { return c.Name == "detectors" })
	if !strings.Contains(v.Checks[i].Detail, "1 suspicion on context alone") {
		t.Errorf("the check says %q", v.Checks[i].Detail)
	}
}

func TestUnknownColumnsPassWhenThePolicySaysSo(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.use(strings.Replace(string(readFile(t, "testdata/policy.yaml")), "fields:", "unknown: pass\nfields:", 1))
	o := w.good()
	o.add(arrow.Field{Name: "extra", Type: text, Nullable: true}, "pass", "whatever")
	if _, err := w.validate(t.Context(), w.put(o)); err != nil {
		t.Error(err)
	}
	o = w.good()
	o.add(arrow.Field{Name: "secret", Type: text, Nullable: true}, "pass", "whatever")
	if reason, _ := w.refused(w.put(o)); reason.Class != ClassSchema || reason.Field != "secret" {
		t.Errorf("a column that the policy drops is refused as %v", reason)
	}
}
