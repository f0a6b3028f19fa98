package scan_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/scan"
	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/detect"
	"github.com/maskrail/maskrail/libs/policy"
)

const (
	mail   = "jo@example.com"
	number = "(415) 555-0142"
	card   = "4111 1111 1111 1111"
)

func look(t *testing.T, content, name, policyText string) scan.Report {
	t.Helper()
	set, err := detect.NewSet("US", detect.Phone, detect.Email, detect.Card, detect.SSN)
	if err != nil {
		t.Fatal(err)
	}
	o := scan.Options{Set: set, Workers: 2}
	if policyText != "" {
		path := filepath.Join(t.TempDir(), "policy.yaml")
		if err := os.WriteFile(path, []byte("apiVersion: maskrail.io/v1\nkind: Policy\nmetadata: {name: x, version: 1}\nentity: x\n"+policyText), 0o600); err != nil {
			t.Fatal(err)
		}
		policies, err := policy.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		o.Policy, _ = policies.For("x")
	}
	r, err := scan.File(t.Context(), strings.NewReader(content), name, o)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{mail, number, card, "4111111111111111", "4155550142"} {
		if strings.Contains(string(shown), value) {
			t.Errorf("a value shows: %s", shown)
		}
	}
	return r
}

// TestRows: the rows that are told are those of the file, however deep a value lies.
func TestRows(t *testing.T) {
	t.Parallel()
	r := look(t, `{"id": "a", "who": {"mails": []}}
{"id": "`+mail+`", "who": {"mails": [{"to": "x"}, {"to": "`+mail+` and `+mail+`"}, {"to": "`+mail+`"}]}}
{"id": null, "who": null}
{"id": "c", "who": {"mails": [{"to": "`+number+`"}]}}
`, "x.jsonl", `fields:
  - {path: id, keep: true}
  - {path: "who.mails[].to", redact: {with: x}}
`)
	if r.Rows != 4 || len(r.Fields) != 2 {
		t.Fatalf("%+v", r)
	}
	want := map[string]string{
		"id":             `[{"class":"email","cells":1,"rows":[2],"unexpected":true,"sure":1}]`,
		"who.mails[].to": `[{"class":"email","cells":2,"rows":[2],"unexpected":false,"sure":2},{"class":"phone","cells":1,"rows":[4],"unexpected":false,"sure":1}]`,
	}
	for _, f := range r.Fields {
		if got, _ := json.Marshal(f.Classes); string(got) != want[f.Field] {
			t.Errorf("%s: %s, want %s", f.Field, got, want[f.Field])
		}
	}
	if r.Unexpected() != 1 {
		t.Errorf("%d cells unexpected, want 1", r.Unexpected())
	}
}

// TestExpected: what a policy takes out of a field, or expects in it, may be there.
func TestExpected(t *testing.T) {
	t.Parallel()
	const text = `{"v": "` + mail + `"}` + "\n"
	tests := []struct {
		name, field string
		unexpected  bool
	}{
		{"kept", "{path: v, keep: true}", true},
		{"kept, and expected", "{path: v, keep: true, expect: {classes: [email], why: office}}", false},
		{"kept, and another class expected", "{path: v, keep: true, expect: {classes: [phone], why: office}}", true},
		{"masked", "{path: v, redact: {with: x}}", false},
		{"searched for it", "{path: v, scrub: {detect: [email]}}", false},
		{"searched for others", "{path: v, scrub: {detect: [phone]}}", true},
		{"not named", "{path: w, keep: true}", true},
		{"kept under a condition", "{path: v, redact: {with: x}, when: {path: w, in: [a]}}\n  - {path: v, keep: true}\n  - {path: w, keep: true}", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := look(t, text, "x.jsonl", "fields:\n  - "+test.field+"\n")
			if got := r.Unexpected() > 0; got != test.unexpected {
				t.Errorf("unexpected: %t, want %t: %+v", got, test.unexpected, r.Fields)
			}
		})
	}
}

// TestNumbers: a number as long as a card's is looked at, others are not.
func TestNumbers(t *testing.T) {
	t.Parallel()
	r := look(t, "n,m\n4111111111111111,4155550142\n", "x.csv", "fields:\n  - {path: n, keep: true, type: int}\n  - {path: m, keep: true, type: int}\n")
	for _, f := range r.Fields {
		if f.Field == "n" && (len(f.Classes) != 1 || f.Classes[0].Class != detect.Card) {
			t.Errorf("%+v: want a card", f)
		}
	}
}

// TestBytes: bytes that are no text are told, for nobody has looked into them. Open maps are one field.
func TestBytes(t *testing.T) {
	t.Parallel()
	schema := arrow.NewSchema([]arrow.Field{{Name: "raw", Type: arrow.BinaryTypes.Binary}, {Name: "open", Type: arrow.MapOf(arrow.BinaryTypes.String, arrow.BinaryTypes.String)}}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	raw, open := b.Field(0).(*array.BinaryBuilder), b.Field(1).(*array.MapBuilder)
	for _, v := range []string{"\xff\xfe", mail} {
		raw.Append([]byte(v))
		open.Append(true)
		open.KeyBuilder().(*array.StringBuilder).Append(number)
		open.ItemBuilder().(*array.StringBuilder).Append(mail)
	}
	batch := b.NewRecordBatch()
	defer batch.Release()
	var file strings.Builder
	w, err := columnar.NewWriter(&file, schema, columnar.WriteOptions{Format: columnar.FormatParquet})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(batch); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := look(t, file.String(), "x.parquet", "")
	if f := r.Fields[0]; f.Unreadable != 1 || f.Cells != 1 || len(f.Classes) != 1 {
		t.Errorf("%+v: want one cell read and one not", f)
	}
	if f := r.Fields[1]; len(f.Classes) != 2 || f.Classes[1].Cells != 2 {
		t.Errorf("%+v: want the keys and the values", f)
	}
}
