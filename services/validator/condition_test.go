package validator

import (
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/policy"
)

const conditionPolicy = `apiVersion: maskrail.io/v1
kind: Policy
metadata: {name: test, version: 1}
entity: interaction
tenant: {path: t}
fields:
  - {path: t, keep: true}
  - {path: kind.media, keep: true}
  - {path: "people[].role", keep: true}
  - {path: "people[].rank", keep: true, type: int}
  - {path: "people[].hidden", redact: {}}
  - {path: "people[].name", when: {path: role, in: [queue]}, keep: true}
  - {path: "people[].name", when: {path: rank, in: ["7"]}, redact: {with: "-"}}
  - {path: "people[].name", token: {domain: person.name, prefix: User_}}
  - {path: "people[].tags[]", when: {path: role, in: [queue]}, keep: true}
  - {path: "people[].tags[]", redact: {}}
  - {path: "people[].calls[].to", when: {path: role, in: [queue]}, keep: true}
  - {path: "people[].calls[].to", when: {path: kind.media, in: [chat]}, keep: true}
  - {path: "people[].calls[].to", redact: {}}
  - {path: "people[].note", when: {path: hidden, in: [x]}, keep: true}
  - {path: "people[].note", redact: {}}
`

var conditionSchema = func() *arrow.Schema {
	field := func(name string, t arrow.DataType) arrow.Field {
		return arrow.Field{Name: name, Type: t, Nullable: true}
	}
	person := arrow.StructOf(field("role", text), field("rank", arrow.PrimitiveTypes.Int64), field("hidden", text), field("name", text),
		field("tags", arrow.ListOf(text)), field("calls", arrow.ListOf(arrow.StructOf(field("to", text)))), field("note", text))
	return arrow.NewSchema([]arrow.Field{field("t", text), field("kind", arrow.StructOf(field("media", text))), field("people", arrow.ListOf(person))}, nil)
}()

// TestConditions: of several treatments that of the condition which is met must have been at work, wherever a value lies.
func TestConditions(t *testing.T) {
	t.Parallel()
	set, err := policy.Parse("test.yaml", []byte(conditionPolicy), nil)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := set.For("interaction")
	d, err := newDetectors(p)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ row, untreated string }{
		"kept":               {`{"people":[{"role":"queue","name":"Main","tags":["a",null],"calls":[{"to":"1"}]}]}`, ""},
		"by a number":        {`{"people":[{"rank":7,"name":"-"}]}`, ""},
		"token":              {`{"people":[{"role":"customer","name":"` + name26 + `"},{"name":"` + name26 + `"},{"name":null}]}`, ""},
		"a name of no queue": {`{"people":[{"role":"queue","name":"Main"},{"role":"customer","name":"Jane"}]}`, "people[].name"},
		"a name of no role":  {`{"people":[null,{"role":null,"name":"Jane"}]}`, "people[].name"},
		"another treatment":  {`{"people":[{"rank":8,"name":"-"}]}`, "people[].name"},
		"a list":             {`{"people":[{"tags":[]},{"role":"queue","tags":["a"]},{"role":"agent","tags":["[MASKED]","a"]}]}`, "people[].tags[]"},
		"an object around":   {`{"people":[{"role":"queue","calls":[{"to":"1"}]},{"calls":[]},{"role":"agent","calls":[{"to":"[MASKED]"},{"to":"1"}]}]}`, "people[].calls[].to"},
		"by the record":      {`{"kind":{"media":"chat"},"people":[{"calls":[{"to":"1"}]}]}`, ""},
		"not by the record":  {`{"kind":{"media":"call"},"people":[{"calls":[{"to":"1"}]}]}`, "people[].calls[].to"},
		"nobody can tell":    {`{"people":[{"hidden":"[MASKED]","note":"a"}]}`, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Rows before and after, of which the place must not count.
			others := `{"kind":{"media":"chat"},"people":[{"role":"queue","calls":[{"to":"1"},{"to":"2"}]},{"role":"queue"}]}`
			rows, _, err := array.RecordFromJSON(memory.DefaultAllocator, conditionSchema, strings.NewReader("["+others+","+tt.row+","+others+"]"))
			if err != nil {
				t.Fatal(err)
			}
			c := newCells(conditionSchema, p, d)
			batch, err := c.look(t.Context(), rows)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.add(batch); err != nil {
				t.Fatal(err)
			}
			_, found := checkTreatments(&evidence{cells: c})
			switch {
			case tt.untreated == "" && len(found) > 0:
				t.Errorf("found %+v", found)
			case tt.untreated != "" && (len(found) != 1 || found[0].Field != tt.untreated || found[0].Count != 1):
				t.Errorf("found %+v, want one cell of %s", found, tt.untreated)
			}
		})
	}
}
