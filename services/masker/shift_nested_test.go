package masker

import (
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/columnar"
)

const calls = `
key: [id]
unknown: drop
rejectRow: drop
fields:
  - {path: id, keep: true}
  - {path: customer, token: {domain: phone, format: phone, scope: environment}}
  - {path: opened, date: {shift: {by: customer, max: 300d}}}
  - {path: "people[].kind", keep: true}
  - {path: "people[].who", token: {domain: person.name, format: auto, scope: environment}}
  - {path: "people[].born", date: {shift: {by: who, max: 300d}}}
  - {path: "people[].calls[].start", date: {shift: {by: who, max: 300d}}}
  - {path: "people[].calls[].end", date: {shift: {by: customer, max: 300d}}}
`

// TestShiftNested: the subject is in the object around a date, wherever in lists the two are, and a number is the same
// subject in a column of numbers and in one of addresses of all kinds.
func TestShiftNested(t *testing.T) {
	t.Parallel()
	p := testPlan(t, calls)
	row := func(id, customer string, people ...string) string {
		return fmt.Sprintf(`{"id":%q,"customer":%q,"opened":"2024-06-15","people":[%s]}`+"\n", id, customer, strings.Join(people, ","))
	}
	person := func(who string) string {
		return fmt.Sprintf(`{"kind":"x","who":%q,"born":"2024-06-15","calls":[{"start":"2024-06-15","end":"2024-06-15"},{"start":"2024-06-15","end":"2024-06-15"}]}`, who)
	}
	in := row("1", "+14155550132", person("(415) 555-0132"), person("Jane Doe"), person(" jane  doe")) +
		row("2", "415-555-0199", person("Jane Doe"), person("415.555.0132")) +
		row("3", "415-555-0199", strings.Replace(person("Jane Doe"), "2024-06-15", "15.6.2024", 1)) +
		row("4", "415-555-0199")
	text := func(name string) arrow.Field {
		return arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true}
	}
	calls := arrow.Field{Name: "calls", Type: arrow.ListOf(arrow.StructOf(text("start"), text("end"))), Nullable: true}
	people := arrow.Field{Name: "people", Type: arrow.ListOf(arrow.StructOf(text("kind"), text("who"), text("born"), calls)), Nullable: true}
	schema := arrow.NewSchema([]arrow.Field{text("id"), text("customer"), text("opened"), people}, nil)
	batch, _, err := array.RecordFromJSON(memory.DefaultAllocator, schema, strings.NewReader("["+strings.ReplaceAll(strings.TrimSpace(in), "\n", ",")+"]"))
	if err != nil {
		t.Fatal(err)
	}
	defer batch.Release()
	lines := records(t, maskTo(t, p, "in.parquet", parquetOf(t, schema, batch.Columns()...), columnar.FormatParquet))
	if len(lines) != 3 || !strings.Contains(lines[2], `"id":"4"`) {
		t.Fatalf("a row with a date that cannot be read is not left out: %s", lines)
	}
	dates := func(line string) (found []string) {
		for _, part := range strings.Split(line, `"`) {
			if len(part) == len("2024-06-15") && part[4] == '-' && part[7] == '-' {
				found = append(found, part)
			}
		}
		return found
	}
	one, two := dates(lines[0]), dates(lines[1])
	if len(one) != 16 || len(two) != 11 {
		t.Fatalf("%d and %d dates: %s", len(one), len(two), lines)
	}
	phone, other, jane := one[0], two[0], one[6]
	if phone == jane || phone == other || jane == other {
		t.Errorf("three subjects move alike: %s %s %s", phone, jane, other)
	}
	// A row is opened; then born, end, start, end, start of each person.
	for i, want := range []string{phone, phone, phone, phone, phone, phone, jane, phone, jane, phone, jane, jane, phone, jane, phone, jane} {
		if one[i] != want {
			t.Errorf("date %d of the first row is %s, want %s", i, one[i], want)
		}
	}
	for i, want := range []string{other, jane, other, jane, other, jane, phone, other, phone, other, phone} {
		if two[i] != want {
			t.Errorf("date %d of the second row is %s, want %s", i, two[i], want)
		}
	}
}

// TestShiftConditional: a subject that is a pseudonym under a condition is compared as one wherever it stands.
func TestShiftConditional(t *testing.T) {
	t.Parallel()
	p := testPlan(t, `
key: [id]
fields:
  - {path: id, keep: true}
  - {path: way, keep: true}
  - {path: other, when: {path: way, in: [IN]}, token: {domain: phone, format: phone, scope: environment}}
  - {path: other, redact: true}
  - {path: at, date: {shift: {by: other, max: 300d}}}
`)
	got := csv(t, p, "id,way,other,at\n1,IN,(415) 555-0132,2024-06-15\n2,OUT,+14155550132,2024-06-15\n")
	one, two := strings.Split(got[1], ","), strings.Split(got[2], ",")
	if one[3] != two[3] || one[3] == "2024-06-15" {
		t.Errorf("got %q", got)
	}
}
