package masker

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/detect"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/services/masker/internal/invent"
)

var fakeKinds = []policy.FakeKind{policy.FakeName, policy.FakeFirstName, policy.FakeLastName, policy.FakeCompany, policy.FakeJob,
	policy.FakeStreet, policy.FakeCity, policy.FakeState, policy.FakeCountry}

func faking(kind policy.FakeKind) policy.Fake {
	return policy.Fake{Kind: kind, Domain: "person.name", Scope: policy.EnvironmentScope}
}

// TestFakeGolden pins some fakes of every kind.
func TestFakeGolden(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	for _, kind := range fakeKinds {
		out, err := treatColumn(t, faking(kind), arrayOf(t, arrow.BinaryTypes.String, "Jane Doe", "John Q. Public", "Łukasz Żółć", "12 Main St", "null", ""))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "%s: %s\n", kind, strings.Join(written(t, out), " | "))
	}
	golden(t, "fakes.golden.txt", []byte(got.String()))
}

// TestFakeSubjects: what is one name is one fake, in whatever way it is written, and in a column of any type.
func TestFakeSubjects(t *testing.T) {
	t.Parallel()
	for _, of := range textTypes {
		out, err := treatColumn(t, faking(policy.FakeName), arrayOf(t, of, "Jane Doe", " JANE   doe ", "jane\u00a0doe", "Ｊane Doe", "Jane Due", "null", ""))
		if err != nil {
			t.Fatal(err)
		}
		got := written(t, out)
		if got[0] != got[1] || got[0] != got[2] || got[0] != got[3] || got[0] == got[4] || got[5] != "null" || got[6] != "" {
			t.Errorf("%s: got %q", of, got)
		}
	}
	out, err := treatColumn(t, faking(policy.FakeName), arrayOf(t, arrow.PrimitiveTypes.Int64, "7", "null"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := treatColumn(t, faking(policy.FakeName), arrayOf(t, arrow.BinaryTypes.String, "7"))
	if err != nil {
		t.Fatal(err)
	}
	if written(t, out)[0] != written(t, again)[0] {
		t.Error("a number and its text have two fakes")
	}
}

const callers = `
key: [id]
tenant: {path: tenant}
fields:
  - {path: id, keep: true}
  - {path: tenant, keep: true}
  - {path: name, fake: {kind: name}}
  - {path: notes, scrub: {context: [name]}}
`

func callersPolicy(t testing.TB, f policy.Fake) *policy.Policy {
	return treating(t, callers, map[string]policy.Treatment{"name": f})
}

// TestFakeSeparated: another tenant, environment or domain has other fakes; environment scope has one for all tenants.
func TestFakeSeparated(t *testing.T) {
	t.Parallel()
	const n = 500
	rows := func(tenant string) string {
		var b strings.Builder
		b.WriteString("id,tenant,name,notes\n")
		for i := range n {
			fmt.Fprintf(&b, "%s-%d,%s,Caller %d,\n", tenant, i, tenant, i)
		}
		return b.String()
	}
	names := func(f policy.Fake, environment, in string) []string {
		var out []string
		for _, line := range csv(t, compiled(t, callersPolicy(t, f), environment), in)[1:] {
			out = append(out, strings.Split(line, ",")[2])
		}
		return out
	}
	f := policy.Fake{Kind: policy.FakeName, Domain: "person.name", Scope: policy.TenantScope}
	other, wide := f, f
	other.Domain, wide.Scope = "agent.name", policy.EnvironmentScope
	base := names(f, "sandbox", rows("acme"))
	if !slices.Equal(base, names(f, "sandbox", rows("acme"))) {
		t.Error("the second run gives other fakes")
	}
	for what, again := range map[string][]string{
		"tenant": names(f, "sandbox", rows("globex")), "environment": names(f, "sandbox-02", rows("acme")), "domain": names(other, "sandbox", rows("acme")),
		"scope": names(wide, "sandbox", rows("acme")),
	} {
		for i := range base {
			if base[i] == again[i] {
				t.Errorf("row %d has one fake with another %s", i, what)
			}
		}
	}
	if !slices.Equal(names(wide, "sandbox", rows("acme")), names(wide, "sandbox", rows("globex"))) {
		t.Error("with the scope environment two tenants have other fakes")
	}
}

// TestFakeNeverItself treats every value of a kind.
func TestFakeNeverItself(t *testing.T) {
	t.Parallel()
	for _, kind := range []policy.FakeKind{policy.FakeState, policy.FakeCity, policy.FakeCountry, policy.FakeFirstName} {
		k, _ := invent.Of(string(kind))
		b := array.NewStringBuilder(memory.DefaultAllocator)
		for i := range k.Values() {
			value := string(k.Append(nil, i))
			b.Append(value)
			b.Append(" " + strings.ToUpper(value))
		}
		in := b.NewStringArray()
		in.Retain()
		out, err := treatColumn(t, faking(kind), in)
		if err != nil {
			t.Fatal(err)
		}
		got := written(t, out)
		for i := range in.Len() {
			if strings.EqualFold(got[i], strings.TrimSpace(in.Value(i))) {
				t.Errorf("%s: a value stays", kind)
			}
			if got[i] != got[i&^1] {
				t.Errorf("%s: a value in capitals has another fake", kind)
			}
		}
		in.Release()
	}
}

// TestFakesAreNoFindings: no detector is sure that a fake is what it looks for. A name alone is suspected, which it should be.
func TestFakesAreNoFindings(t *testing.T) {
	t.Parallel()
	set, err := detect.NewSet("US", detect.Classes()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range fakeKinds {
		k, _ := invent.Of(string(kind))
		var text []byte
		for i := uint64(0); i < k.Values(); i += k.Values()/20_000 + 1 {
			text = k.Append(text[:0], i)
			for _, found := range set.Find(nil, text) {
				if found.Score >= detect.Sure {
					t.Fatalf("%s: %s is found", kind, text)
				}
			}
		}
	}
}

// TestFakeInContext: a name that is faked in its column goes out of the text beside it, whole and in parts.
func TestFakeInContext(t *testing.T) {
	t.Parallel()
	p := compiled(t, callersPolicy(t, faking(policy.FakeName)), "sandbox")
	in := `{"id":"1","tenant":"acme","name":"Jane Doe","notes":"spoke with jane DOE, then Doe called back"}` + "\n"
	out := maskTo(t, p, "in.jsonl", in, columnar.FormatJSONL)
	if !strings.Contains(out, `"notes":"spoke with [NAME], then [NAME] called back"`) {
		t.Errorf("got %s", out)
	}
}

func TestFakeRefused(t *testing.T) {
	t.Parallel()
	for _, f := range []policy.Fake{{Kind: "ssn", Domain: "d", Scope: policy.TenantScope}, {Kind: policy.FakeName, Scope: policy.TenantScope}, {Kind: policy.FakeName, Domain: "d", Scope: "other"}} {
		if _, err := Compile(callersPolicy(t, f), testRing(t), "sandbox"); err == nil {
			t.Errorf("%+v is compiled", f)
		}
	}
}

func BenchmarkFake(b *testing.B) {
	p := compiled(b, callersPolicy(b, faking(policy.FakeName)), "sandbox")
	names := array.NewStringBuilder(memory.DefaultAllocator)
	const rows = 65_536
	for i := range rows {
		names.Append(fmt.Sprint("Caller Number ", i))
	}
	columns := make([]arrow.Array, len(p.fields))
	columns[2] = names.NewArray()
	maskAgain(b, newScratch(p), 2, columns, rows, "ns/value")
}
