package detect

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func placeholder(c Class) string { return "[" + strings.ToUpper(string(c)) + "]" }

func TestReplace(t *testing.T) {
	t.Parallel()
	s := setOf(t, "US")
	for _, tc := range []struct{ name, text, want string }{
		{"nothing", "hello", "hello"},
		{"empty", "", ""},
		{"whole cell", "415-555-0142", "[PHONE]"},
		{"in text", "Call 415-555-0142 or mail jo@example.com.", "Call [PHONE] or mail [EMAIL]."},
		{"all classes", "jo@example.com, 415-555-0142, 4111 1111 1111 1111, 123-45-6789", "[EMAIL], [PHONE], [CARD], [SSN]"},
		{"both sides", "x 4111 1111 1111 1111 12/27 y", "x [CARD] 12/27 y"},
		{"url", "?tel=%2B14155550142&x=1", "?tel=[PHONE]&x=1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := s.Replace([]byte("> "), []byte(tc.text), placeholder)
			if string(got) != "> "+tc.want {
				t.Errorf("got %q, want %q", got, "> "+tc.want)
			}
		})
	}
}

// A replacement that is itself a finding, or completes one, does not survive.
func TestReplaceByFindings(t *testing.T) {
	t.Parallel()
	s := setOf(t, "US")
	for name, repl := range map[string]func(Class) string{
		"a phone":       func(Class) string { return "415-555-0199" },
		"an address":    func(Class) string { return "x@example.com" },
		"half a number": func(Class) string { return "415" },
		"a context":     func(Class) string { return "call " },
		"a separator":   func(Class) string { return "-" },
		"nothing":       func(Class) string { return "" },
		"an at sign":    func(Class) string { return "a@" },
	} {
		for _, text := range []string{"415-555-0142", "415-4111111111111111-555-0142", "5550142 a@b.com 5550142", "jo@example.com jo@example.com", "123-45-6789 555-0142"} {
			if got := s.Replace(nil, []byte(text), repl); s.Contains(got) {
				t.Errorf("%s: %q became %q", name, text, got)
			}
		}
	}
}

// pieces are what candidates are made of; random rows of them come much closer
// to the detectors' edges than random bytes do.
var pieces = []string{
	"4111", "1111", "415", "555", "0142", "123", "45", "6789", "+", "1", "+1", "44", "0", "00", "20", "7946", "0958", " ", " ", "-", "-", ".", "(", ")", "/", "_", ":",
	"@", "a", "example.com", ".com", "call ", "ssn ", "order ", "#", "tel:", "x12", "\u00a0", "\u200b", "é", "日", "%20", "%40", "%2B", `\u00a0`, `\n`, "550e8400-e29b-41d4-a716-446655440000",
	"my name is ", "John", " Smith", "mr ", "this is ", "calling", "dob ", "born ", "01/02/1980", " March ", "5th", "12 ", "Main ", "Street", ", ", "London ", "SW1A 1AA", "rue ", "cvv ", "security code ",
	"passport ", "licence ", "driving ", "DL# ", "mrn ", "member id ", "X1234567", "GB82", " WEST ", "203.0.113.7", "::", "2001:db8", "00:1A:2B:3C:4D:5E", "https://", "jo:pw", "?token=", "abc", "one ", "four ", "double ", "oh ", "twenty ",
	"first ", "hundred ", "dash ", " at ", " dot ", "com", "gmail", "[NAME]", "[CVV]", "is ", "Maria", "Novak", "'s", "&", "=",
	"+999123456789012", "9", "911", "5", "2", "4155550142", "4111111111111111", "123456789", ",", "\n", "ext ", "[", "]", "\"", "１", "\xff",
}

func pieceText(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(14) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

func TestReplaceLeavesNothing(t *testing.T) {
	t.Parallel()
	sets := []*Set{setOf(t, "US"), setOf(t, "GB"), setOf(t, "US", Card), setOf(t, "US", Phone, Email), setOf(t, "US", numbers...), setOf(t, "US", Name), setOf(t, "DE", Address, DOB, CVV)}
	r := rand.New(rand.NewPCG(3, 4))
	hits := 0
	for range 60_000 / effort {
		text := pieceText(r)
		for _, s := range sets {
			got := s.Replace(nil, []byte(text), placeholder)
			if spans := s.Find(nil, got); len(spans) > 0 {
				t.Fatalf("%q became %q with %s", text, got, describe(string(got), spans))
			}
			if string(got) != text {
				hits++
			}
		}
	}
	if hits < 10_000/effort {
		t.Errorf("only %d of the texts had a finding", hits)
	}
}
