package masker

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/sketch"
)

func newOpener(t testing.TB) *sketch.Opener {
	t.Helper()
	var pem bytes.Buffer
	if err := sketch.GenerateKey(&pem); err != nil {
		t.Fatal(err)
	}
	o, err := sketch.NewOpener(pem.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// twoObservers have the same key, so that what they take down can be compared.
func twoObservers() (*Observer, *Observer) {
	a, b := NewObserver(""), NewObserver("")
	b.key, b.hasher = a.key, a.hasher
	return a, b
}

// taken is what an observer took down.
func taken(t testing.TB, o *Observer) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := o.collector.Encode(&out, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// sameObservation wants one sketch of both ways, and counts that are those of the tokens in the outputs.
func sameObservation(t testing.TB, p *Plan, byColumn, byBatch Result, columns, batches *Observer, columnFile, batchFile string) {
	t.Helper()
	if !bytes.Equal(taken(t, columns), taken(t, batches)) {
		t.Error("the sketch depends on the way of masking")
	}
	for i, a := range byColumn.Columns {
		b := byBatch.Columns[i]
		if a.Distinct != nil && !near(*a.Distinct, *b.Distinct) { // exact for one row group, an estimate for several
			t.Errorf("column %s has about %d values by column, and %d by batch", a.Name, *a.Distinct, *b.Distinct)
		}
		a.Distinct, a.Collision, b.Distinct, b.Collision = nil, "", nil, ""
		if !reflect.DeepEqual(a, b) {
			t.Errorf("by column: %+v\nby batch:  %+v", a, b)
		}
	}
	for way, of := range map[string]struct {
		r    Result
		file string
	}{"by column": {byColumn, columnFile}, "by batch": {byBatch, batchFile}} {
		exact, all := tokensIn(t, p, of.file)
		if len(of.r.Domains) != len(p.spaces) {
			t.Fatalf("%s: %d domains, want %d", way, len(of.r.Domains), len(p.spaces))
		}
		for i, d := range of.r.Domains {
			if !slices.Equal(d.Distinct, exact[i]) {
				t.Errorf("%s: domain %s has %v values, and %v tokens in the output", way, d.Domain, d.Distinct, exact[i])
			}
			if !near(d.Estimate, all[i]) {
				t.Errorf("%s: domain %s has about %d values, and %d tokens", way, d.Domain, d.Estimate, all[i])
			}
		}
		nulls := nullsIn(t, of.file)
		for i, c := range of.r.Columns {
			if c.Nulls != nil && *c.Nulls != nulls[i] {
				t.Errorf("%s: column %s has %d nulls, want %d", way, c.Name, *c.Nulls, nulls[i])
			}
		}
	}
}

// near is within what estimates of so few values are off.
func near(a, b int64) bool { return max(a, b)-min(a, b) <= max(a, b)/20+2 }

// tokensIn counts the tokens of a masked file that is flat, by space and row group, and all.
func tokensIn(t testing.TB, p *Plan, file string) (exact [][]int64, all []int64) {
	t.Helper()
	f, err := columnar.OpenFile(strings.NewReader(file), columnar.Options{Format: columnar.FormatParquet})
	if err != nil {
		t.Fatal(err)
	}
	exact, all = make([][]int64, len(p.spaces)), make([]int64, len(p.spaces))
	whole := make([]map[string]bool, len(p.spaces))
	for i := range exact {
		exact[i], whole[i] = []int64{}, map[string]bool{}
	}
	for group := range f.Groups() {
		seen := make([]map[string]bool, len(p.spaces))
		for i := range seen {
			seen[i] = map[string]bool{}
		}
		tenants := chunkOf(t, f, group, slices.IndexFunc(f.Schema().Fields(), func(a arrow.Field) bool { return p.tenant >= 0 && a.Name == p.fields[p.tenant].Path }))
		for _, field := range p.fields {
			at := slices.IndexFunc(f.Schema().Fields(), func(a arrow.Field) bool { return a.Name == field.Path })
			if field.noting.own < 0 || at < 0 {
				continue
			}
			texts := chunkOf(t, f, group, at)
			for row := range texts.Len() {
				if texts.IsNull(row) || texts.ValueStr(row) == "" {
					continue
				}
				tenant := ""
				if tenants != nil && p.spaces[field.noting.own].scope == policy.TenantScope {
					tenant = tenants.ValueStr(row)
				}
				key := tenant + "/" + texts.ValueStr(row)
				seen[field.noting.own][key], whole[field.noting.own][key] = true, true
			}
		}
		for i := range seen {
			exact[i] = append(exact[i], int64(len(seen[i])))
		}
	}
	for i := range whole {
		all[i] = int64(len(whole[i]))
	}
	return exact, all
}

func chunkOf(t testing.TB, f *columnar.File, group, at int) arrow.Array {
	t.Helper()
	if at < 0 {
		return nil
	}
	r, err := f.Column(t.Context(), group, at, false)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	a, err := r.Next(t.Context(), f.Rows(group))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func nullsIn(t testing.TB, file string) []int64 {
	t.Helper()
	f, err := columnar.OpenFile(strings.NewReader(file), columnar.Options{Format: columnar.FormatParquet})
	if err != nil {
		t.Fatal(err)
	}
	out := make([]int64, f.Schema().NumFields())
	for group := range f.Groups() {
		for i := range out {
			out[i] += int64(chunkOf(t, f, group, i).NullN())
		}
	}
	return out
}

const identifiers = `
key: [id]
region: US
tenant: {path: tenant_id, required: true}
fields:
  - {path: id, keep: true}
  - {path: tenant_id, keep: true}
  - {path: phone, token: {domain: phone, format: phone}}
  - {path: fax, redact: {}}
  - {path: email, token: {domain: email, format: email}}
  - {path: firstName, token: {domain: person.name}}
  - {path: lastName, drop: true}
  - {path: agentName, fake: {kind: name, domain: agents}}
  - {path: card, card: {keep: last4}}
  - {path: ssn, "null": true}
  - {path: customer, token: {domain: customer}}
  - {path: accountId, drop: true}
  - {path: other, drop: true}
  - {path: born, redact: {}}
  - {path: address, token: {domain: address, format: auto}}
  - {path: "legs[].ani", token: {domain: phone, format: phone}}
  - {path: note, keep: true}
`

// TestWhatIsTakenOutIsNoted masks one record as JSON and as Parquet and looks for each value's canonical form in the sketch.
func TestWhatIsTakenOutIsNoted(t *testing.T) {
	t.Parallel()
	const record = `{"id":"1","tenant_id":"acme","phone":"(415) 555-9876","fax":"+44 20 7946 0958","email":"Jane.Okafor@Example.com",` +
		`"firstName":"Jane","lastName":"O'Kafór","agentName":"Bo M. Diaz","card":"5500 0055-5555 5559","ssn":"536-22-8146","customer":"CUST-1772300",` +
		`"accountId":"00223456780","other":"zed@example.com","born":"1984-07-02","address":"+1 212 555 0177","legs":[{"ani":"tel:+14155550001"},{"ani":null}],"note":"keep@example.com"}`
	p := testPlan(t, identifiers)
	for _, name := range []string{"x.jsonl", "x.parquet"} {
		body := []byte(record + "\n")
		if name == "x.parquet" {
			var err error
			if body, err = p.toParquet(t.Context(), body); err != nil {
				t.Fatal(err)
			}
		}
		o := NewObserver(t.TempDir())
		var out bytes.Buffer
		r, err := p.Mask(t.Context(), bytes.NewReader(body), name, &out, Options{Observer: o, Workers: 2})
		if err != nil {
			t.Fatal(err)
		}
		raw := taken(t, o)
		set, err := sketch.Read(bytes.NewReader(raw), int64(len(raw)), nil)
		if err != nil {
			t.Fatal(err)
		}
		has := func(h sketch.Hash) bool {
			found, err := set.Among([]sketch.Hash{h}, nil)
			return len(found) == 1 && err == nil
		}
		sum := func(s string) uint64 { return o.hasher.Sum([]byte(s)) }
		number := func(s string) sketch.Hash { k, _ := sketch.Number(len(s)); return k.Of(sum(s)) }
		for _, digits := range []string{"14155559876", "442079460958", "2079460958", "5500005555555559", "536228146", "223456780", "12125550177", "14155550001"} {
			if !has(number(digits)) {
				t.Errorf("%s: number %s is not in the sketch", name, digits)
			}
		}
		for _, mail := range []string{"jane.okafor@example.com", "zed@example.com"} {
			if !has(sketch.Mail.Of(sum(mail))) {
				t.Errorf("%s: %s is not in the sketch", name, mail)
			}
		}
		if !has(sketch.Word.Of(sum("cust1772300"))) || !has(sketch.Pair(sum("jane"), sum("okafor"))) || !has(sketch.Pair(sum("bo"), sum("diaz"))) || !has(sketch.Triple(sum("bo"), sum("m"), sum("diaz"))) {
			t.Errorf("%s: an id or a name is not in the sketch", name)
		}
		if has(sketch.Mail.Of(sum("keep@example.com"))) || has(number("19840702")) || has(number("4155559876")) {
			t.Errorf("%s: what is kept, or a date, is in the sketch", name)
		}
		legs := r.Columns[slices.IndexFunc(r.Columns, func(c attest.Column) bool { return c.Name == "legs" })].Members[0]
		if legs.Nulls == nil || *legs.Nulls != 1 || legs.Elements == nil || *legs.Elements != 2 || legs.Distinct == nil || *legs.Distinct != 1 || legs.Collision == "" {
			t.Errorf("%s: of the legs is attested %+v", name, legs)
		}
		phones := r.Domains[slices.IndexFunc(r.Domains, func(d attest.Domain) bool { return d.Domain == "phone" })]
		if !slices.Equal(phones.Distinct, []int64{3}) || phones.Estimate != 3 {
			t.Errorf("%s: phones are %+v", name, phones)
		}
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestAnObserverChangesNoByte also looks at what a second masking of the same file takes down: other hashes, since the key
// is another.
func TestAnObserverChangesNoByte(t *testing.T) {
	t.Parallel()
	p := testPlan(t, identifiers)
	var lines bytes.Buffer
	for i := range 3000 {
		fmt.Fprintf(&lines, "{\"id\":\"%d\",\"tenant_id\":\"t%d\",\"phone\":\"+1415555%04d\",\"firstName\":\"A%c\",\"lastName\":\"Bo\",\"legs\":[{\"ani\":\"+1415556%04d\"}]}\n", i, i%3, i%700, 'a'+i%26, i%90)
	}
	file, err := p.toParquet(t.Context(), lines.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string][]byte{"x.jsonl": lines.Bytes(), "x.parquet": file} {
		var plain, observed bytes.Buffer
		if _, err := p.Mask(t.Context(), bytes.NewReader(body), name, &plain, Options{Workers: 2}); err != nil {
			t.Fatal(err)
		}
		o := NewObserver(t.TempDir())
		r, err := p.Mask(t.Context(), bytes.NewReader(body), name, &observed, Options{Workers: 2, Observer: o})
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(plain.Bytes(), observed.Bytes()) {
			t.Errorf("%s: the output is another", name)
		}
		if r.Domains[0].Distinct[0] != 2100+90 {
			t.Errorf("%s: %v distinct phones", name, r.Domains[0].Distinct)
		}
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	}
}
