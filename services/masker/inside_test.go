package masker

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// genesysAttributes is a policy for the participant attributes of Genesys, whose keys are whatever a flow has set.
const genesysAttributes = `
tenant: {path: tenant_id}
fields:
  - {path: tenant_id, keep: true}
  - {path: phone, token: {domain: phone, format: phone}}
  - path: attributes
    map:
      keep: [tenant_id, LOB, language]
      fields:
        - {path: "Email Address", token: {domain: email, format: email}}
        - {path: context.customerName, token: {domain: person.name, prefix: User_}}
        - {path: cardOnFile, card: {keep: last4}}
        - {path: varDOB, date: {truncate: year}}
        - {path: memberNo, redact: {}}
        - {path: contact, when: {path: contactType, in: [phone]}, token: {domain: phone, format: phone}}
        - {path: contact, when: {path: contactType, in: [email, mail]}, token: {domain: email, format: email}}
        - {path: contact, redact: {}}
        - {path: contactType, keep: true}
        - {path: secret, drop: true}
        - {path: unused, "null": true}
        - path: crmPayload
          json:
            invalid: redact
            fields:
              - {path: name, token: {domain: person.name, prefix: User_}}
              - {path: phone, token: {domain: phone, format: phone}}
              - {path: id, keep: true}
      default: {scrub: {context: [phone]}}
`

// TestAttributes pins what becomes of attributes as Genesys delivers them: as an Arrow map, and as a JSON text.
func TestAttributes(t *testing.T) {
	t.Parallel()
	p := testPlan(t, genesysAttributes)
	in, err := os.ReadFile(filepath.Join("testdata", "attributes.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for line := range bytes.Lines(in) {
		texts = append(texts, strings.TrimSpace(string(line)))
	}
	var asMap, asText bytes.Buffer
	out, err := treat(t, p, mapsOf(t, texts))
	if err != nil {
		t.Fatal(err)
	}
	for row := range out.Len() {
		asMap.WriteString(textOfMap(t, out.(*array.Map), row) + "\n")
	}
	if out, err = treat(t, p, stringsOf(texts)); err != nil {
		t.Fatal(err)
	}
	for row := range out.Len() {
		asText.WriteString(out.(*array.String).Value(row) + "\n")
	}
	if asMap.String() != asText.String() {
		t.Errorf("a map becomes\n%s\na text\n%s", asMap.String(), asText.String())
	}
	golden(t, "attributes.golden.jsonl", asText.Bytes())
}

// treat masks the last field's column, for the tenant acme and without the values of other fields.
func treat(t testing.TB, p *Plan, column arrow.Array) (arrow.Array, error) {
	t.Helper()
	defer column.Release()
	columns := make([]arrow.Array, len(p.fields))
	tenants := array.NewStringBuilder(memory.DefaultAllocator)
	nothing := array.NewStringBuilder(memory.DefaultAllocator)
	for range column.Len() {
		tenants.Append("acme")
		nothing.AppendNull()
	}
	columns[0], columns[len(columns)-1] = tenants.NewArray(), column
	for i := 1; i < len(columns)-1; i++ {
		columns[i] = nothing.NewArray()
	}
	f := flatFrame(p, columns, column.Len())
	if err := f.own(""); err != nil {
		t.Fatal(err)
	}
	s := newScratch(p)
	s.begin(f)
	last := len(columns) - 1
	out, err := p.fields[last].operator.mask(s, f.columns[last])
	if s.layers.used != 0 {
		t.Errorf("%d layers are still open", s.layers.used)
	}
	if err == nil {
		want, ok := p.fields[last].operator.output(column.DataType())
		if !ok || !arrow.TypeEqual(want, out.DataType()) || out.Len() != column.Len() {
			t.Errorf("got %d values of %s, want %d of %s", out.Len(), out.DataType(), column.Len(), want)
		}
	}
	return out, err
}

// treatText masks one text.
func treatText(t testing.TB, p *Plan, text string) (string, error) {
	t.Helper()
	out, err := treat(t, p, stringsOf([]string{text}))
	if err != nil {
		return "", err
	}
	defer out.Release()
	if out.IsNull(0) {
		return "null", nil
	}
	return out.(*array.String).Value(0), nil
}

func stringsOf(texts []string) arrow.Array {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	defer b.Release()
	for _, s := range texts {
		b.Append(s)
	}
	return b.NewArray()
}

// mapsOf makes Arrow maps of JSON objects of texts.
func mapsOf(t testing.TB, objects []string) arrow.Array {
	t.Helper()
	b := array.NewMapBuilder(memory.DefaultAllocator, arrow.BinaryTypes.String, arrow.BinaryTypes.String, false)
	defer b.Release()
	for _, object := range objects {
		d := json.NewDecoder(strings.NewReader(object))
		if token, err := d.Token(); token == nil && err == nil {
			b.AppendNull()
			continue
		}
		b.Append(true)
		for d.More() {
			key, err := d.Token()
			value, err2 := d.Token()
			if err = errors.Join(err, err2); err != nil {
				t.Fatal(err)
			}
			b.KeyBuilder().(*array.StringBuilder).Append(key.(string))
			if s, ok := value.(string); ok {
				b.ItemBuilder().(*array.StringBuilder).Append(s)
			} else {
				b.ItemBuilder().AppendNull()
			}
		}
	}
	return b.NewArray()
}

// textOfMap writes a map as a JSON object.
func textOfMap(t testing.TB, m *array.Map, row int) string {
	t.Helper()
	if m.IsNull(row) {
		return "null"
	}
	from, to := m.ValueOffsets(row)
	var members []string
	for i := int(from); i < int(to); i++ {
		key := quoted(t, m.Keys().(*array.String).Value(i))
		value := "null"
		if m.Items().IsValid(i) {
			value = quoted(t, m.Items().(*array.String).Value(i))
		}
		members = append(members, key+":"+value)
	}
	return "{" + strings.Join(members, ",") + "}"
}

func quoted(t testing.TB, s string) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(b.String())
}

// begins reports that want ends where a message goes on, and got does.
func begins(got, want string) bool {
	return strings.HasSuffix(want, ": ") && strings.HasPrefix(got, want)
}

// problem is the class and the detail of the fault that err is.
func problem(t testing.TB, err error) string {
	t.Helper()
	var bad *fault
	if !errors.As(err, &bad) {
		t.Fatalf("got %v, want a fault", err)
	}
	return bad.class + ": " + bad.detail
}

// BenchmarkAttributes masks the attributes of Genesys participants, in bytes of keys and values.
func BenchmarkAttributes(b *testing.B) {
	p := testPlan(b, genesysAttributes)
	in, err := os.ReadFile(filepath.Join("testdata", "attributes.jsonl"))
	if err != nil {
		b.Fatal(err)
	}
	object, _, _ := strings.Cut(string(in), "\n")
	objects := slices.Repeat([]string{object}, 1024)
	for name, column := range map[string]arrow.Array{"map": mapsOf(b, objects), "text": stringsOf(objects)} {
		b.Run(name, func(b *testing.B) {
			tenant := stringsOf(slices.Repeat([]string{"acme"}, column.Len()))
			f := flatFrame(p, []arrow.Array{tenant, tenant, column}, column.Len())
			if err := f.own(""); err != nil {
				b.Fatal(err)
			}
			s := newScratch(p)
			b.SetBytes(int64(len(object) * len(objects)))
			b.ReportAllocs()
			for b.Loop() {
				s.begin(f)
				out, err := p.fields[2].operator.mask(s, f.columns[2])
				if err != nil {
					b.Fatal(err)
				}
				out.Release()
			}
		})
	}
}
