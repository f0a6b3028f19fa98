package masker

import (
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// TestToldIsWhatIsRead: what a token's operator tells of a column is what a noter reads in it.
func TestToldIsWhatIsRead(t *testing.T) {
	t.Parallel()
	p := testPlan(t, `region: US
tenant: {path: t}
fields:
  - {path: t, keep: true}
  - {path: phone, token: {domain: phone, format: phone}}
  - {path: textPhone, token: {domain: phone.text, format: text}}
  - {path: mail, token: {domain: email, format: email}}
  - {path: card, token: {domain: card, format: card}, expect: {classes: [phone, card, ssn], why: "they look like it"}}
  - {path: digits, token: {domain: account, format: digits}, expect: {classes: [phone, card, ssn], why: "they look like it"}}
  - {path: uuid, token: {domain: record, format: uuid}}
  - {path: name, token: {domain: person.name}}
  - {path: customer, token: {domain: customer, scope: environment}}
  - {path: addressId, token: {domain: address, format: auto}}
`)
	values := []string{"+1 (415) 555-0132", "+44 20 7946 0958", "00 49 30 1234567", "tel:+14155550132", "Jane.Doe@Example.COM", "Jane <jane@example.com>", "mailto:a@b.co",
		"4111 1111 1111 1111", "536-22-8146", "000123456", "1984-07-02", "CUST-0012/aB", "cust0012ab", "550E8400-E29B-41D4-A716-446655440000", "Jane  DOE", "José da Silva",
		"Ångström-12", "anonymous", "000000", "12", "x", " ", "٤١١١ ٤١١١", "1-800-FLOWERS", "agent_7", "\xff\xfe", "sip:4155550132@host.example", "123456789012345678901234567890"}
	tenants, column := array.NewStringBuilder(memory.DefaultAllocator), array.NewStringBuilder(memory.DefaultAllocator)
	for i, v := range append(values, values...) {
		tenants.Append([]string{"acme", "globex", "initech"}[i%3])
		column.Append(v)
	}
	tenants.Append("acme")
	column.AppendNull()
	columns := []arrow.Array{tenants.NewArray()}
	texts := column.NewArray()
	for range p.fields[1:] {
		columns = append(columns, texts)
	}
	f := flatFrame(p, columns, texts.Len())
	if err := f.own(""); err != nil {
		t.Fatal(err)
	}
	o := NewObserver(t.TempDir())
	for i := range p.fields[1:] {
		field := &p.fields[i+1]
		told, read := o.newNoter(p), o.newNoter(p)
		s := newScratch(p)
		s.noter = told
		s.begin(f)
		read.begin(f)
		told.tell = &field.noting
		if !field.noting.tells && field.Path != "textPhone" {
			t.Errorf("%s: nothing is told", field.Path)
			continue
		}
		masked, err := field.operator.mask(s, f.columns[i+1])
		if err != nil {
			t.Fatalf("%s: %v", field.Path, err)
		}
		masked.Release()
		got, err := told.taken()
		if err != nil {
			t.Fatal(err)
		}
		want, err := read.cells(&field.noting, f.columns[i+1], false, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(want) != 2*len(values) {
			t.Errorf("%s: %d of %d values are counted", field.Path, len(want), 2*len(values))
		}
		if field.noting.tells && (!told.heard || !slices.Equal(got, want) || !slices.Equal(told.waiting, read.waiting)) {
			t.Errorf("%s: told is\n%v\nread is\n%v", field.Path, got, want)
		}
	}
	if err := o.Close(); err != nil {
		t.Error(err)
	}
}
