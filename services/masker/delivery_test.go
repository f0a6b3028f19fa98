package masker

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/columnar"
)

// TestCutDelivery cuts records that stand one after the other without a line break, as Firehose writes them, behind every
// byte: what ends between two records has those before it, and what ends within one stops the object, whatever rows there
// are to drop.
func TestCutDelivery(t *testing.T) {
	t.Parallel()
	p := testPlan(t, "rejectRow: drop\nkey: [ContactId]\nfields:\n  - {path: ContactId, keep: true}\n  - {path: Queue.Duration, keep: true, type: int}\n  - {path: CustomerEndpoint.Address, redact: true}\n  - {path: \"MediaStreams[].Type\", keep: true}\n")
	parts := []string{
		`{"ContactId":"c-1","CustomerEndpoint":{"Address":"+14155550142"},"Queue":{"Duration":42},"MediaStreams":[{"Type":"AUDIO"}]}`,
		`{"ContactId":"c-2","CustomerEndpoint":null,"Queue":null,"MediaStreams":[]}`, "\n",
		`{"ContactId":"c-3","Queue":{"Duration":0}}`, " \r\n",
	}
	whole := map[int]int64{0: 0} // rows by where a record ends
	var text strings.Builder
	rows := int64(0)
	for _, part := range parts {
		if part[0] == '{' {
			rows++
		} else { // blanks may be cut as well
			for i := range len(part) {
				whole[text.Len()+i] = rows
			}
		}
		text.WriteString(part)
		whole[text.Len()] = rows
	}
	for end := range text.Len() + 1 {
		_, r, err := run(t, p, "object.jsonl", text.String()[:end], Options{Source: columnar.FormatJSONL})
		if want, ok := whole[end]; ok {
			if err != nil || r.RowsIn != want || r.RowsOut != want {
				t.Errorf("cut behind %d bytes: %d rows, %v, want %d", end, r.RowsOut, err, want)
			}
			continue
		}
		if class(err) != ClassMalformed {
			t.Errorf("cut behind %d bytes, within a record: %v", end, err)
		} else if strings.Contains(err.Error(), "555") || strings.Contains(err.Error(), "c-") {
			t.Errorf("the message has a value: %v", err)
		}
	}
}

// memberOf is a member of a JSON object, as JSON.
func memberOf(t *testing.T, object, name string) string {
	t.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(object), &members); err != nil {
		t.Fatal(err)
	}
	return string(members[name])
}

// TestListsAndMaps: of lists and maps it shows afterwards whether they were empty or null, and which of their values were.
func TestListsAndMaps(t *testing.T) {
	t.Parallel()
	text := arrow.BinaryTypes.String
	member := arrow.StructOf(arrow.Field{Name: "a", Type: text, Nullable: true})
	fields := []arrow.Field{
		{Name: "id", Type: text, Nullable: true},
		{Name: "list", Type: arrow.ListOf(text), Nullable: true},
		{Name: "deep", Type: arrow.ListOf(arrow.ListOf(arrow.PrimitiveTypes.Int64)), Nullable: true},
		{Name: "objects", Type: arrow.ListOf(member), Nullable: true},
		{Name: "object", Type: member, Nullable: true},
		{Name: "open", Type: mapType, Nullable: true},
	}
	rows := []string{
		`{"id":"1","list":["x",null,""],"deep":[[1,null],[],null],"objects":[{"a":"y"},{"a":null},null],"object":{"a":"z"},"open":[{"key":"k","value":"v"},{"key":"n","value":null}]}`,
		`{"id":"2","list":[],"deep":[],"objects":[],"object":{"a":null},"open":[]}`,
		`{"id":"3","list":null,"deep":null,"objects":null,"object":null,"open":null}`,
		`{"id":"4","list":[null],"deep":[[]],"objects":[null],"object":{"a":""},"open":[{"key":"n","value":""}]}`,
	}
	columns := make([]arrow.Array, len(fields))
	for i, f := range fields {
		var values []string
		for _, r := range rows {
			values = append(values, memberOf(t, r, f.Name))
		}
		columns[i] = fromJSON(t, f.Type, "["+strings.Join(values, ",")+"]")
	}
	in := parquetOf(t, arrow.NewSchema(fields, nil), columns...)
	for name, treatment := range map[string]string{"kept": "keep: true", "masked": "mask: {first: 9}"} {
		p := testPlan(t, "key: [id]\nfields:\n  - {path: id, keep: true}\n  - {path: \"list[]\", "+treatment+"}\n  - {path: \"deep[][]\", keep: true}\n  - {path: \"objects[].a\", "+treatment+"}\n  - {path: object.a, "+treatment+"}\n  - {path: open, map: {keep: [k, n], default: drop}}\n")
		for _, o := range []Options{{}, {Workers: 3, BatchRows: 1}} {
			out, _, err := run(t, p, "x.parquet", in, o)
			if err != nil {
				t.Fatal(err)
			}
			for i, got := range records(t, out) {
				want := rows[i]
				if name == "masked" {
					want = strings.NewReplacer(`"x"`, `"*"`, `"y"`, `"*"`, `"z"`, `"*"`).Replace(want)
				}
				if !sameJSON(t, got, want) {
					t.Errorf("%s with %d workers: got %s, want %s", name, o.Workers, got, want)
				}
			}
		}
	}
}
