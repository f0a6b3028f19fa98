package masker

import (
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/detect"
)

const scrubPolicy = `
tenant: {path: t}
fields:
  - {path: t, keep: true}
  - {path: first, token: {domain: person.name}}
  - {path: last, token: {domain: person.name}}
  - {path: phone, token: {domain: phone, format: phone}}
  - {path: email, token: {domain: email, format: email}}
  - {path: card, card: {keep: last4}}
  - {path: id, token: {domain: customer}}
  - {path: notes, scrub: {detect: [phone, email, card, ssn], context: [first, last, phone, email, card, id]}}
`

// scrubOne masks one note beside the row's own values.
func scrubOne(t testing.TB, p *Plan, values map[string]string, note string) string {
	t.Helper()
	names := []string{"t", "first", "last", "phone", "email", "card", "id", "notes"}
	var columns []arrow.Array
	for _, n := range names {
		b := array.NewStringBuilder(memory.DefaultAllocator)
		v, ok := values[n]
		switch {
		case n == "t":
			b.Append("acme")
		case n == "notes":
			b.Append(note)
		case ok:
			b.Append(v)
		default:
			b.AppendNull()
		}
		columns = append(columns, b.NewArray())
	}
	f := flatFrame(p, columns, 1)
	if err := f.own(""); err != nil {
		t.Fatal(err)
	}
	s := newScratch(p)
	s.begin(f)
	last := len(names) - 1
	out, err := p.fields[last].operator.mask(s, f.columns[last])
	if err != nil {
		t.Fatal(err)
	}
	return out.(*array.String).Value(0)
}

func TestScrub(t *testing.T) {
	t.Parallel()
	p := testPlan(t, scrubPolicy)
	jane := map[string]string{"first": "Jane", "last": "Doé", "phone": "+1 415 555 0132", "email": "jane.doe@example.com", "id": "C-77 X"}
	tests := map[string]struct {
		values     map[string]string
		note, want string
	}{
		"nothing":              {jane, "asked about the invoice", "asked about the invoice"},
		"empty row":            {nil, "Jane called", "Jane called"},
		"detectors":            {nil, "call 415-555-0199 or a@b.com, 4111 1111 1111 1111, 123-45-6789", "call [PHONE] or [EMAIL], [CARD], [SSN]"},
		"names":                {jane, "JANE doe called", "[NAME] [NAME] called"},
		"possessive":           {jane, "Doe's card", "[NAME]'s card"},
		"whole words only":     {jane, "Janet and does", "Janet and does"},
		"accents":              {map[string]string{"last": "Muller"}, "Frau Müller", "Frau [NAME]"},
		"accents in the row":   {map[string]string{"last": "Müller"}, "frau MULLER", "frau [NAME]"},
		"decomposed":           {map[string]string{"last": "Müller"}, "Frau Mu\u0308ller!", "Frau [NAME]!"},
		"letters of their own": {map[string]string{"last": "Łukasiewicz-Sørensen"}, "lukasiewicz sorensen", "[NAME]"},
		"double name":          {map[string]string{"first": "Mary Ann"}, "mary \t ann; Mary-Ann; Ann", "[NAME]; [NAME]; [NAME]"},
		"escaped":              {jane, `{"a":"Hi\nJane","b":"Do\u00e9\tasked","c":["jane.doe\u0040example.com"]}`, `{"a":"Hi\n[NAME]","b":"[NAME]\tasked","c":["[EMAIL]"]}`},
		"escaped twice":        {jane, `"{\"a\":\"Hi\\nJane, D\\u006f\\u00e9\"}"`, `"{\"a\":\"Hi\\n[NAME], [NAME]\"}"`},
		"escaped pair":         {jane, `\ud83d\ude00Jane\ud83d Jane\`, `\ud83d\ude00[NAME]\ud83d [NAME]\`},
		"no escapes":           {jane, `C:\Jane\notes\u00`, `C:\[NAME]\notes\u00`},
		"full name in parts":   {map[string]string{"first": "John A. Smith"}, "Mr. Smith, John", "Mr. [NAME], [NAME]"},
		"short name":           {map[string]string{"first": "Li", "last": "X"}, "Li x", "[NAME] x"},
		"unspaced script":      {map[string]string{"last": "田中"}, "田中さんから電話", "[NAME]さんから電話"},
		"hidden characters":    {jane, "Ja\u200bne rang", "[NAME] rang"},
		"quote":                {map[string]string{"last": "O'Brien"}, "Mr O’Brien", "Mr [NAME]"},
		"phone as it stands":   {jane, "rang from +1 415 555 0132", "rang from [PHONE]"},
		"phone in pieces":      {jane, "4 1 5 - 5 5 5 - 0 1 3 2 ok", "[PHONE] ok"},
		"phone glued":          {jane, "id4155550132x", "id[PHONE]x"},
		"phone locally":        {jane, "at 555 0132 later", "at [PHONE] later"},
		"other number":         {jane, "ticket 5550133 12", "ticket 5550133 12"},
		"foreign phone":        {map[string]string{"phone": "+41 44 668 18 00"}, "Tel 044 668 18 00", "Tel [PHONE]"},
		"email":                {jane, "Jane.Doe@Example.COM", "[EMAIL]"},
		"email in two":         {jane, "mail to jane.doe@example.com.", "mail to [EMAIL]."},
		"customer id":          {jane, "account c-77  x open", "account [REDACTED] open"},
		"card by value":        {map[string]string{"card": "4111111111111112"}, "card 4111/1111/1111/1112", "card [CARD]"},
		"made by taking out":   {map[string]string{"first": "Al"}, "41555 Al 50132", "41555 [NAME] 50132"},
		"called by a number":   {map[string]string{"first": "tel:+14155550132"}, "box 555 0132 y", "box [NAME] y"},
		"name in address":      {map[string]string{"first": "jane"}, "jane@example.com", "[EMAIL]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := scrubOne(t, p, tt.values, tt.note); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// FuzzScrub: no note leaves a finding or the row's own name or number behind, and a second pass finds no more.
func FuzzScrub(f *testing.F) {
	f.Add("Jane", "+1 415 555 0132", "jane rang from 415 555 0132, jane@example.com")
	f.Add("Mü", "020 7946 0958", "MU\u0308 4 1 1 1 1111 1111 1111")
	f.Add("a b", "1", "A-B ab\xff a\tb")
	p := testPlan(f, scrubPolicy)
	set, err := detect.NewSet("US", detect.Phone, detect.Email, detect.Card, detect.SSN)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, name, phone, note string) {
		if note == "" {
			return
		}
		values := map[string]string{"first": name, "phone": phone}
		got := scrubOne(t, p, values, note)
		if set.Contains([]byte(got)) {
			t.Errorf("a finding is left in %q", got)
		}
		plain := " " + strings.ToLower(got) + " "
		own := strings.ToLower(name)
		if len(own) >= 3 && onlyLetters(own) && strings.Contains(plain, " "+own+" ") {
			t.Errorf("the name %q is left in %q", name, got)
		}
	})
}

func onlyLetters(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < 'a' || r > 'z' }) < 0
}

// TestScrubBound: a record with long lists of values and texts ends in a fault before anything is looked for, however the
// file is divided into batches.
func TestScrubBound(t *testing.T) {
	t.Parallel()
	p := testPlan(t, `
rejectRow: drop
fields:
  - {path: id, keep: true}
  - {path: "people[]", token: {domain: person.name, scope: environment}}
  - {path: "notes[]", scrub: {context: ["people[]"]}}
`)
	const many = 100_000
	list := func(n int) string { return "[" + strings.Repeat("null,", n-1) + "null]" }
	note := `"` + strings.Repeat("x", many) + `"`
	in := `{"id":"1","people":` + list(many/2) + `,"notes":[` + note + "]}\n" +
		`{"id":"2","people":` + list(many/2) + `,"notes":[` + note + `,"x",` + note + "]}\n" +
		`{"id":"3","people":` + list(many/2) + `,"notes":[` + note + "]}\n" +
		`{"id":"4","people":` + list(2) + `,"notes":[` + note + "]}\n"
	for _, rows := range []int{1, 4} {
		_, r, err := run(t, p, "x.jsonl", in, Options{BatchRows: rows})
		if err != nil {
			t.Fatal(err)
		}
		if r.RowsOut != 3 || r.Rejects[ClassBadValue] != 1 {
			t.Errorf("batches of %d: %d rows out, rejects %v", rows, r.RowsOut, r.Rejects)
		}
	}
}
