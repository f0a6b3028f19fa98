package masker

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/detect"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/policy"
)

// realDigits is what formats need that make digits which may be somebody's.
const realDigits = `, expect: {classes: [phone, card, ssn], why: "test"}`

// formatColumns are columns of every format of tokens, with their treatments.
var formatColumns = []struct{ name, treatment string }{
	{"card", "token: {domain: pan, format: card}"},
	{"uuid", "token: {domain: conversation, format: uuid}"},
	{"digits", "token: {domain: account, format: digits}" + realDigits},
	{"auto", "token: {domain: address, format: auto}"},
	{"phone", "token: {domain: phone, format: phone}"},
	{"email", "token: {domain: email, format: email}"},
	{"text", "token: {domain: address}"},
	{"fpe", "fpe: {domain: ticket, alphabet: alphanumeric}" + realDigits},
}

func formatPolicy(t testing.TB) *policy.Policy {
	t.Helper()
	return formatPolicyWith(t, func(treatment string) string { return treatment })
}

func formatPolicyWith(t testing.TB, edit func(treatment string) string) *policy.Policy {
	t.Helper()
	var body strings.Builder
	body.WriteString("tenant: {path: tenant}\nfields:\n  - {path: tenant, keep: true}\n")
	for _, c := range formatColumns {
		fmt.Fprintf(&body, "  - {path: %s, %s}\n", c.name, edit(c.treatment))
	}
	return testPolicy(t, body.String())
}

// maskOne is one value under one treatment.
func maskOne(t testing.TB, plan *Plan, column, tenant, value string) string {
	t.Helper()
	out, err := tryMask(t, plan, column, tenant, value)
	if err != nil {
		t.Fatalf("%s: %v", column, err)
	}
	return out
}

// tryMask masks one value, which has no line break.
func tryMask(t testing.TB, plan *Plan, column, tenant, value string) (string, error) {
	t.Helper()
	quoted := `"` + strings.ReplaceAll(value, `"`, `""`) + `"`
	out, _, err := run(t, plan, "in.csv", "tenant,"+column+"\n"+tenant+","+quoted+"\n", Options{Format: "csv", Workers: 1})
	if err != nil {
		return "", err
	}
	return formatCell(out, plan, column), nil
}

// formatCell finds a column of the one row in CSV; no token has a comma.
func formatCell(out string, plan *Plan, column string) string {
	lines := strings.Split(out, "\n")
	at := slices.Index(strings.Split(lines[0], ","), column)
	return strings.Trim(strings.Split(lines[1], ",")[at], `"`)
}

const textShape = `^[a-z2-7]{26}$`

func TestFormatShapes(t *testing.T) {
	t.Parallel()
	plan := compiled(t, formatPolicy(t), "sandbox")
	const (
		mailShape = `^[a-z2-7]{26}@masked\.invalid$`
		telShape  = `^\+999[0-9]{12}$`
		uuidShape = `^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`
	)
	tests := []struct{ column, in, shape string }{
		{"card", "4111 1111 1111 1111", `^[98][0-9]{15}$`},
		{"card", "378282246310005", `^[98][0-9]{14}$`},
		{"card", "4222222222222", `^[98][0-9]{12}$`},
		{"card", "4111111111111112", textShape}, // the check digit is wrong
		{"card", "12345678", textShape},
		{"card", "no card", textShape},
		{"uuid", "550e8400-e29b-41d4-a716-446655440000", uuidShape},
		{"uuid", "whatever", uuidShape},
		{"digits", "0012345678", `^[0-9]{10}$`},
		{"digits", "123456", `^[0-9]{6}$`},
		{"digits", "12345", textShape},
		{"digits", "A-12345678", textShape},
		{"auto", "+1 415 555 0132", telShape},
		{"auto", "tel:+14155550132", telShape},
		{"auto", "sip:+14155550132@pbx.example.com", telShape},
		{"auto", "jane@example.com", mailShape},
		{"auto", "Jane Doe <jane@example.com>", mailShape},
		{"auto", "mailto:jane@example.com?subject=x", mailShape},
		{"auto", "sip:jane@example.com", textShape},
		{"auto", "Front Desk", textShape},
		{"auto", "911x", textShape},
		{"auto", "550e8400-e29b-41d4-a716-446655440000", textShape},
		{"fpe", "AB-12345/x", `^[0-9A-Za-z]{2}-[0-9A-Za-z]{5}/[0-9A-Za-z]$`},
	}
	for _, tt := range tests {
		if got := maskOne(t, plan, tt.column, "acme", tt.in); !regexp.MustCompile(tt.shape).MatchString(got) || got == tt.in {
			t.Errorf("%s of %q: got %q, want %s", tt.column, tt.in, got, tt.shape)
		}
	}
}

// TestFormatsJoin: two spellings of one value are one token, in whatever column of the domain.
func TestFormatsJoin(t *testing.T) {
	t.Parallel()
	plan := compiled(t, formatPolicy(t), "sandbox")
	type cell struct{ column, value string }
	tests := []struct {
		name  string
		cells []cell
	}{
		{"card", []cell{{"card", "4111 1111 1111 1111"}, {"card", "4111-1111-1111-1111"}, {"card", "4111111111111111"}, {"card", "４１１１111111111111"}}},
		{"no card", []cell{{"card", "4111 1111 1111 1112"}, {"card", "4111-1111-1111-1112"}}},
		{"digits", []cell{{"digits", "123-456-789"}, {"digits", "123456789"}, {"digits", " 123 456 789"}}},
		{"uuid of a uuid", []cell{{"uuid", "550E8400-E29B-41D4-A716-446655440000"}, {"uuid", " 550e8400-e29b-41d4-a716-446655440000"}}},
		{"uuid of a text", []cell{{"uuid", " ﬁ "}, {"uuid", "fi"}}},
		{"number", []cell{{"auto", "tel:+1-415-555-0132"}, {"auto", "(415) 555-0132"}, {"auto", "sip:4155550132@10.0.0.1"}, {"phone", "+14155550132"}, {"auto", "＋１４１５５５５０１３２"}}},
		{"address", []cell{{"auto", "Jane@Example.com"}, {"auto", `"Doe, Jane" <jane@example.com>`}, {"auto", "MAILTO:jane@example.com"}, {"email", "jane@example.com"}, {"email", "Jane <JANE@example.com>"}, {"auto", "jane＠example.com"}}},
		{"text", []cell{{"auto", " Front Desk"}, {"text", "Front Desk"}}},
	}
	all := map[string]string{}
	for _, tt := range tests {
		want := maskOne(t, plan, tt.cells[0].column, "acme", tt.cells[0].value)
		for _, c := range tt.cells[1:] {
			if got := maskOne(t, plan, c.column, "acme", c.value); got != want {
				t.Errorf("%s: %s of %q is %q, not %q", tt.name, c.column, c.value, got, want)
			}
		}
		if other, used := all[want]; used {
			t.Errorf("%s and %s have one token", tt.name, other)
		}
		all[want] = tt.name
	}
	for _, value := range []string{"ABC", "abc"} { // letter case counts in what is no UUID
		token := maskOne(t, plan, "uuid", "acme", value)
		if _, used := all[token]; used {
			t.Errorf("uuid of %q: the token is there already", value)
		}
		all[token] = value
	}
}

// formatValues are values that each column's format shapes.
var formatValues = map[string]string{
	"card": "4111111111111111", "uuid": "conv-1", "digits": "0123456789", "auto": "+14155550132",
	"phone": "+14155550199", "email": "jane@example.com", "text": "desk", "fpe": "Ticket-4711",
}

// TestFormatsUnlinkable: tenants, environments, epochs and domains have tokens of their own.
func TestFormatsUnlinkable(t *testing.T) {
	t.Parallel()
	pol := formatPolicy(t)
	ring, err := keys.Load(keys.Source{Text: keys.NewSecret([]byte(testKey + "2:zGmJ0mC5W4rF8nqkq0b1xT3vYh2Qe7aUuZ5sLw9dR4E=\n"))})
	if err != nil {
		t.Fatal(err)
	}
	later, err := Compile(pol, ring, "sandbox")
	if err != nil {
		t.Fatal(err)
	}
	first, err := ring.At(1)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Compile(pol, first, "sandbox")
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := formatPolicyWith(t, func(treatment string) string { return strings.ReplaceAll(treatment, "domain: ", "domain: other.") })
	plan, sandbox2, other := compiled(t, pol, "sandbox"), compiled(t, pol, "sandbox-02"), compiled(t, elsewhere, "sandbox")
	for _, c := range formatColumns {
		value := formatValues[c.name]
		token := maskOne(t, plan, c.name, "acme", value)
		if got := maskOne(t, again, c.name, "acme", value); got != token {
			t.Errorf("%s: the first epoch of a longer ring gives another token", c.name)
		}
		for what, got := range map[string]string{
			"another tenant":      maskOne(t, plan, c.name, "globex", value),
			"another environment": maskOne(t, sandbox2, c.name, "acme", value),
			"another epoch":       maskOne(t, later, c.name, "acme", value),
			"another domain":      maskOne(t, other, c.name, "acme", value),
		} {
			numbers := c.name == "auto" && what == "another domain" // they are in the domain phone
			if got == token && !numbers {
				t.Errorf("%s: %s has the same token", c.name, what)
			}
		}
	}
}

// TestEveryKeyHasOnePurpose: one value, one domain, every construction: nothing is computed twice with one key.
func TestEveryKeyHasOnePurpose(t *testing.T) {
	t.Parallel()
	p := &Plan{ring: testRing(t), environment: "sandbox"}
	for _, f := range []policy.Format{policy.Text, policy.Email, policy.Phone, policy.CardNumber, policy.Digits, policy.UUID, policy.Auto} {
		p.newToken(policy.Token{Domain: "phone", Format: f, Length: policy.TokenLength, Scope: policy.TenantScope})
	}
	for _, a := range []string{"0123456789", "9876543210", "ab"} {
		if _, err := p.newFPE(policy.FPE{Domain: "phone", Alphabet: a, Scope: policy.TenantScope}); err != nil {
			t.Fatal(err)
		}
	}
	names := map[string]bool{}
	for _, k := range p.keys {
		names[k.domain+k.use] = true
	}
	// Text, phone, card, digits, UUID, three alphabets, and the domain email that auto brings.
	if len(p.keys) != 9 || len(names) != 9 {
		t.Errorf("%d keys of %d names, want 9", len(p.keys), len(names))
	}
}

func TestFPERefuses(t *testing.T) {
	t.Parallel()
	plan := compiled(t, formatPolicy(t), "sandbox")
	for _, value := range []string{"abc", "--", "Ticket-4711é", "Ticket-4711\u200b", strings.Repeat("a", 5000)} {
		_, err := tryMask(t, plan, "fpe", "acme", value)
		if class(err) != ClassBadValue || !strings.Contains(fmt.Sprint(err), "fpe") {
			t.Errorf("got %v, want a value that is refused", err)
		}
		if err != nil && strings.Contains(err.Error(), value) {
			t.Error("the value is in the error")
		}
	}
}

// TestFormatsOfAllSources: the same rows as CSV, JSON Lines and Parquet, plain and with dictionaries, have the same
// tokens; empty stays empty, null stays null, and no detector finds a token.
func TestFormatsOfAllSources(t *testing.T) {
	t.Parallel()
	plan := compiled(t, formatPolicy(t), "sandbox")
	const rows = 300
	var asCSV, asJSON strings.Builder
	fields := []arrow.Field{{Name: "tenant", Type: arrow.BinaryTypes.String, Nullable: true}}
	asCSV.WriteString("tenant")
	for _, c := range formatColumns {
		asCSV.WriteString("," + c.name)
		fields = append(fields, arrow.Field{Name: c.name, Type: arrow.BinaryTypes.String, Nullable: true})
	}
	asCSV.WriteByte('\n')
	plain, coded := make([]*array.StringBuilder, len(fields)), make([]*array.BinaryDictionaryBuilder, len(fields))
	dictionary := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	for i := range fields {
		plain[i] = array.NewStringBuilder(memory.DefaultAllocator)
		coded[i] = array.NewDictionaryBuilder(memory.DefaultAllocator, dictionary).(*array.BinaryDictionaryBuilder)
	}
	for row := range rows {
		var line, members []string
		for i, f := range fields {
			value := []string{"acme", "globex"}[row%2]
			if i > 0 {
				value = formatValue(f.Name, row)
			}
			empty := i > 0 && row%20 == i
			null := i > 0 && row%20 == i+1
			switch {
			case null:
				line, members = append(line, ""), append(members, fmt.Sprintf("%q:null", f.Name))
				plain[i].AppendNull()
				coded[i].AppendNull()
				continue
			case empty:
				value = ""
			}
			line, members = append(line, `"`+value+`"`), append(members, fmt.Sprintf("%q:%q", f.Name, value))
			plain[i].Append(value)
			if err := coded[i].AppendString(value); err != nil {
				t.Fatal(err)
			}
		}
		asCSV.WriteString(strings.Join(line, ",") + "\n")
		asJSON.WriteString("{" + strings.Join(members, ",") + "}\n")
	}
	plainColumns, codedColumns := make([]arrow.Array, len(fields)), make([]arrow.Array, len(fields))
	codedFields := slices.Clone(fields)
	for i := range fields {
		plainColumns[i], codedColumns[i] = plain[i].NewArray(), coded[i].NewArray()
		codedFields[i].Type = dictionary
	}
	sources := []struct{ name, content string }{
		{"a.csv", asCSV.String()},
		{"b.jsonl", asJSON.String()},
		{"c.parquet", parquetOf(t, arrow.NewSchema(fields, nil), plainColumns...)},
		{"d.parquet", parquetOf(t, arrow.NewSchema(codedFields, nil), codedColumns...)},
	}
	want := ""
	for _, s := range sources {
		for _, workers := range []int{1, 3} {
			out, _, err := run(t, plan, s.name, s.content, Options{Format: "csv", Workers: workers, BatchRows: 64})
			if err != nil {
				t.Fatal(err)
			}
			if want == "" {
				want = out
			}
			if out != want {
				t.Errorf("%s with %d workers gives other tokens", s.name, workers)
			}
		}
	}
	set, err := detect.NewSet("US")
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSpace(want), "\n")[1:] {
		for k, cell := range strings.Split(line, ",") {
			if k > 0 && (i%20 == k) != (cell == `""`) || k > 0 && (i%20 == k+1) != (cell == "") {
				t.Fatalf("row %d: empty or null of %s is not kept, or comes from nowhere", i, fields[k].Name)
			}
			if name := fields[k].Name; name != "digits" && name != "fpe" && set.Contains([]byte(cell)) {
				t.Errorf("row %d: the token of %s is a finding", i, name)
			}
		}
	}
}

// formatValue is a value for a column, of some twenty.
func formatValue(column string, row int) string {
	n := row % 23
	switch column {
	case "card":
		return []string{"4111111111111111", "5555 5555 5555 4444", "3782-822463-10005", "nothing"}[n%4]
	case "digits":
		return fmt.Sprintf("%0*d", 4+n%9, n)
	case "auto":
		return []string{fmt.Sprintf("+1 415 555 %04d", n), fmt.Sprintf("U%d@example.com", n), fmt.Sprintf("desk %d", n)}[n%3]
	case "phone":
		return fmt.Sprintf("+1415555%04d", n)
	case "email":
		return fmt.Sprintf("u%d@example.com", n)
	default:
		return fmt.Sprintf("value-%06d", n)
	}
}

// TestAutoKeys: rows whose keys have one token are one row, whatever kind of value it is.
func TestAutoKeys(t *testing.T) {
	t.Parallel()
	p := testPolicy(t, "key: [id]\nfields:\n  - {path: id, token: {domain: address, format: auto, scope: environment}}\n")
	plan := compiled(t, p, "sandbox")
	in := "id\n+14155550132\n(415) 555-0132\njane@example.com\nJane <JANE@example.com>\ndesk\n desk\nDesk\n"
	_, r, err := run(t, plan, "x.csv", in, Options{})
	if err != nil || r.RowsOut != 4 || r.Rejects[ClassDuplicateKey] != 3 {
		t.Errorf("got %+v, %v, want three duplicates", r, err)
	}
}
