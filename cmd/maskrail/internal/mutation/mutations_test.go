package mutation

import (
	"bytes"
	"encoding/base64"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/services/validator"
)

var update = flag.Bool("update", false, "write the table in docs/gate.md")

// mutation is one way to break a masker.
type mutation struct {
	name   string
	breaks func(*masking)
	by     string // a rule that must fail
}

// token is of the shape that names get.
func token(letter string) string { return "User_" + strings.Repeat(letter, 26) }

// mutations are those of values, of files and of statements.
var mutations = []mutation{
	{"a treatment skipped for one value", func(m *masking) { m.cell("phone", 3, "+14155550103") }, "treatments"},
	{"a whole column passed", func(m *masking) {
		m.text("name", func(row int, _ *string) *string { n, _, _, _ := person(row); return &n })
	}, "treatments"},
	{"a token cut short", func(m *masking) { m.cell("name", 5, m.value("name", 5)[:24]) }, "treatments"},
	{"a date that kept its day", func(m *masking) {
		at := m.at("born")
		b := array.NewDate32Builder(memory.DefaultAllocator)
		for i := range rows {
			b.Append(m.columns[at].(*array.Date32).Value(i) + arrow.Date32(min(i, 1)))
		}
		m.columns[at] = b.NewArray()
	}, "treatments"},
	{"a card that kept eight digits", func(m *masking) { m.cell("card", 0, "4111********1111") }, "treatments"},
	{"a number not redacted", func(m *masking) { m.cell("ssn", 7, "536-22-8145") }, "treatments"},
	{"a value inside a JSON text not masked", func(m *masking) { m.cell("crm", 2, `{"id":2,"name":"Okafor Ada"}`) }, "treatments"},
	{"a value in a list not masked", func(m *masking) {
		m.lists("phones", func(row int, all []string) []string { return append(all[:1:1], "+14155550199") })
	}, "treatments"},
	{"a value under an open key not masked", func(m *masking) { m.entries("attributes", 4, "other", "p04@example.com") }, "treatments"},

	{"a row not scrubbed", func(m *masking) { m.cell("notes", 8, "call back on (415) 555-0108") }, "detectors"},
	{"a card in a note, with signs of no width", func(m *masking) { m.cell("notes", 8, "card 4111\u200b 1111\u200b 1111\u200b 1111") }, "detectors"},
	{"a number in base64", func(m *masking) {
		m.cell("notes", 8, "ref "+base64.StdEncoding.EncodeToString([]byte("+14155550108")))
	}, "detectors"},
	{"a number spoken digit by digit", func(m *masking) { m.cell("notes", 8, "four one five five five five oh one oh eight") }, "detectors"},
	{"a number in a kept column", func(m *masking) { m.cell("queue", 1, "q (415) 555-0101") }, "detectors"},

	{"statistics copied", func(m *masking) { m.loud = "name" }, "metadata"},
	{"a value left in a dictionary", func(m *masking) { m.dictionary("notes", "Okafor Ada rang") }, "metadata"},
	{"the source's metadata kept in the footer", func(m *masking) { m.footer("source", "p01@example.com") }, "metadata"},
	{"bytes of the source between chunks", func(m *masking) { m.gap("Okafor Ada") }, "metadata"},
	{"a number in the store's metadata", func(m *masking) { m.storeMetadata("origin", "p01@example.com") }, "metadata"},

	{"rows lost", func(m *masking) { m.pick([2]int64{0, 10}, [2]int64{11, rows}) }, "rows"},
	{"rows doubled", func(m *masking) { m.pick([2]int64{0, rows}, [2]int64{4, 5}) }, "rows"},
	{"rows doubled, and counted so", func(m *masking) {
		m.pick([2]int64{0, rows}, [2]int64{4, 5})
		m.says.RowsIn, m.says.RowsOut, m.says.Tenants, m.ref.Rows = rows+1, rows+1, map[string]int64{"acme": rows + 1}, rows+1
	}, "key"},
	{"a key lost", func(m *masking) {
		m.text("id", func(row int, text *string) *string {
			if row == 6 {
				return nil
			}
			return text
		})
	}, "key"},
	{"two tenants mixed", func(m *masking) {
		m.cell("tenant_id", 9, "globex")
		m.says.Tenants = map[string]int64{"acme": rows - 1, "globex": 1}
	}, "tenants"},
	{"a tenant that the policy does not know", func(m *masking) {
		m.text("tenant_id", func(int, *string) *string { return new("initech") })
		m.says.Tenant, m.ref.Tenant, m.says.Tenants = "initech", "initech", map[string]int64{"initech": rows}
	}, "tenants"},
	{"rows by tenant counted wrong", func(m *masking) {
		m.says.Tenant, m.ref.Tenant, m.says.Tenants = objref.Several, objref.Several, map[string]int64{"acme": rows - 2, "globex": 2}
	}, "tenants"},
	{"a dropped column written", func(m *masking) { m.column("secret", "x", "drop") }, "schema"},
	{"columns in another order", func(m *masking) { m.swap("queue", "phone") }, "schema"},

	{"another policy's digest", func(m *masking) { m.says.Policy = "sha256:" + strings.Repeat("0", 64) }, "attestation"},
	{"another environment's object", func(m *masking) { m.says.Environment = "sandbox-02" }, "attestation"},
	{"signed by a key that nobody trusts", func(m *masking) { m.signer = newSigner(m.t) }, "attestation"},
	{"a bit flipped after it was signed", func(m *masking) {
		m.after = func() {
			m.body[len(m.body)/2] ^= 1
			m.put(m.buckets.Masked, m.ref.Object.Key, m.body)
		}
	}, "attestation"},
	{"the statement on another object", func(m *masking) {
		m.after = func() {
			other, err := m.signer.SignMasked(m.ref.Object.Key, digest([]byte("another")), m.says)
			m.must(err)
			m.put(m.buckets.Masked, m.ref.Attestations[0], other)
		}
	}, "attestation"},
	{"no canary", func(m *masking) { m.says.Canary = nil }, "canary"},
	{"the canary of another masker", func(m *masking) { m.says.Canary = &attest.Beside{Key: m.says.Canary.Key, SHA256: digest(nil)} }, "canary"},
	{"a treatment skipped for everybody, the canary too", func(m *masking) { m.brokenCanary() }, "canary (the environment stops)"},

	{"one wrong key", func(m *masking) { m.cell("name", 5, token("q")) }, "integrity"},
	{"a token of another tenant's key", func(m *masking) { m.cell("phone", 5, m.world.mask("globex").value("phone", 5)) }, "integrity"},
	{"letter case not folded", func(m *masking) {
		m.text("name", func(row int, text *string) *string {
			if row >= people {
				return new(token("q")[:30] + string("abcdefghijklmnopqrstuvwxyz"[row%people]))
			}
			return text
		})
	}, "integrity"},
	{"two persons with one token", func(m *masking) {
		first, second := m.value("name", 0), m.value("name", 1)
		m.text("name", func(_ int, text *string) *string {
			if text != nil && *text == second {
				return &first
			}
			return text
		})
	}, "integrity"},
	{"a token where nothing was", func(m *masking) { m.cell("mail", 9, strings.Repeat("q", 26)+"@masked.invalid") }, "integrity"},
	{"nothing where a token was", func(m *masking) {
		m.text("mail", func(row int, text *string) *string {
			if row == 3 {
				return nil
			}
			return text
		})
	}, "integrity"},
	{"a list shortened", func(m *masking) {
		m.lists("phones", func(row int, all []string) []string {
			if row == 2 {
				return all[:1]
			}
			return all
		})
	}, "integrity"},
	{"a name not scrubbed", func(m *masking) { m.cell("notes", 0, "Okafor Ada called about order 1000") }, "survivors"},
	{"a customer's number in a kept column", func(m *masking) { m.cell("queue", 0, "q4155550100") }, "survivors"},
}

// row is a line of the table.
type row struct{ breaks, refused string }

// TestMutations breaks a masker in each way and wants the gate to refuse what it wrote. With -v it prints the table.
func TestMutations(t *testing.T) {
	t.Parallel()
	w := setup(t)
	control := w.mask("acme")
	if failed := w.validate(control.store()); len(failed) > 0 {
		t.Fatalf("what nobody broke, written again, fails %v", failed)
	}
	other := setup(t).mask("acme")
	other.write(nil)
	if failed := other.validate(other.store()); len(failed) > 0 {
		t.Fatalf("what nobody broke, written by another writer, fails %v", failed)
	}
	mutations := slices.DeleteFunc(slices.Clone(mutations), func(m mutation) bool { return !control.judgedBy(m.by) })
	table := make([]row, len(mutations))
	t.Run("all", func(t *testing.T) {
		for i, mutate := range mutations {
			t.Run(mutate.name, func(t *testing.T) {
				t.Parallel()
				m := setup(t).mask("acme")
				mutate.breaks(m)
				failed := m.validate(m.store())
				if !slices.Contains(failed, mutate.by) {
					t.Errorf("the gate refuses it by %v, want %s among them", failed, mutate.by)
				}
				table[i] = row{mutate.name, strings.Join(failed, ", ")}
			})
		}
	})
	if t.Failed() {
		return
	}
	document(t, table)
}

// judgedBy reports that the gate has a rule.
func (m *masking) judgedBy(rule string) bool {
	rule, _, _ = strings.Cut(rule, " ")
	return bytes.Contains(m.get(m.buckets.Masked, m.ref.Object.Key+validator.ReportSuffix), fmt.Appendf(nil, `"rule": %q`, rule))
}

// The marks between which docs/gate.md has the table.
const (
	page  = "../../../../docs/gate.md"
	begin = "<!-- mutations: go test ./cmd/maskrail/internal/mutation -run TestMutations -update -->\n"
	end   = "<!-- end of mutations -->\n"
)

// document prints the table and holds the one in the documentation against it.
func document(t *testing.T, table []row) {
	t.Helper()
	var b strings.Builder
	b.WriteString("| The masker, broken | Refused by |\n|---|---|\n")
	for _, r := range table {
		fmt.Fprintf(&b, "| %s | %s |\n", r.breaks, r.refused)
	}
	t.Logf("%d ways to break the masker, all refused\n%s", len(table), b.String())
	doc, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := bytes.Cut(doc, []byte(begin))
	old, tail, closed := bytes.Cut(rest, []byte(end))
	if !ok || !closed {
		t.Fatalf("%s has no place for the table", page)
	}
	if string(old) == b.String() {
		return
	}
	if !*update {
		t.Fatalf("the table of %s is another: -update writes it", page)
	}
	if err := os.WriteFile(page, slices.Concat(head, []byte(begin), []byte(b.String()), []byte(end), tail), 0o644); err != nil {
		t.Fatal(err)
	}
}
