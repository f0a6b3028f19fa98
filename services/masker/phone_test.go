package masker

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/detect"
	"github.com/maskrail/maskrail/services/masker/internal/surrogate"
)

func TestPhoneCanonical(t *testing.T) {
	t.Parallel()
	tests := []struct{ region, in, want string }{
		{"US", "+14155550132", "14155550132"},
		{"US", "+1 (415) 555-0132", "14155550132"},
		{"US", "415.555.0132", "14155550132"},
		{"US", "1-415-555-0132", "14155550132"},
		{"US", " tel:+1-415-555-0132 ", "14155550132"},
		{"US", "sip:+14155550132@pbx.example.com:5060;user=phone", "14155550132"},
		{"US", "SIP:4155550132@10.0.0.1", "14155550132"},
		{"US", "＋１４１５５５５０１３２", "14155550132"},
		{"US", "+44 20 7946 0958", "442079460958"},
		{"US", "+44 (0)20 7946 0958", "442079460958"},
		{"GB", "020 7946 0958", "442079460958"},
		{"GB", "+14155550132", "14155550132"},
		{"DE", "030 123456", "4930123456"},
		{"IT", "+39 06 1234567", "39061234567"}, // the zero belongs to the number
		{"US", "1-800-FLOWERS", "18003569377"},
		{"US", "0000000", "10000000"}, // no such number; the form does not depend on that
		{"US", "+999 123 456 789", "999123456789"},
		{"US", "911", "1911"},
		{"US", "anonymous", ""},
		{"US", "agent 4155550132", ""},
		{"US", "550e8400-e29b-41d4-a716-446655440000", ""},
		{"US", "sip:alice@example.com", ""},
		{"US", "----", ""},
	}
	for _, tt := range tests {
		c := newCanonicaliser(tt.region)
		got, ok := c.phone([]byte(tt.in))
		if string(got) != tt.want && ok || ok != (tt.want != "") {
			t.Errorf("%s %q: got %q %v, want %q", tt.region, tt.in, got, ok, tt.want)
		}
	}
}

// FuzzPhone holds the short way to what the library says.
func FuzzPhone(f *testing.F) {
	for _, s := range []string{"+14155550132", "(415) 555-0132", "1 415 555 0132", "+1 1 415 555 013", "11415555013", "+44 20 7946 0958", "2005550132", "+12005550132", " +49 30 123456\t", "sip:4155550132@x", "1-800-FLOWERS", "tel:+14155550132", "tel: (415) 555-0132;ext=2", "12ab;phone-context=+1415", "3a62f323-80dd-4f61", "612dc68d-5e5a-498f",
		"sip:+14155550132@203.0.113.7;user=phone", " sips:4155550132＠x", "tel:+14155550132\u037e1", "tel:2+\u0301", "01144000-0000-4000-8000-00000000000f",
		"tel:+14155550132;" + strings.Repeat("x", maxPhoneText), strings.Repeat(" ", maxPhoneText) + "+14155550132"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	home, abroad := newCanonicaliser("US"), newCanonicaliser("GB")
	f.Fuzz(func(t *testing.T, s string, us bool) {
		c := abroad
		if us {
			c = home
		}
		want, known := c.anyPhone([]byte(s))
		want = bytes.Clone(want)
		got, ok := c.phone([]byte(s))
		if ok != known || ok && !bytes.Equal(got, want) {
			t.Errorf("%q: got %s %v, the library says %s %v", s, got, ok, want, known)
		}
	})
}

// TestTokensAreNoFindings: a detector that finds a token would call every masked object a leak.
func TestTokensAreNoFindings(t *testing.T) {
	t.Parallel()
	p := testPlan(t, `
tenant: {path: t}
fields:
  - {path: t, keep: true}
  - {path: phone, token: {domain: phone, format: phone}}
  - {path: email, token: {domain: email, format: email}}
  - {path: name, token: {domain: person.name, prefix: User_}}
  - {path: card, card: {keep: first6last4}}
`)
	set, err := detect.NewSet("US")
	if err != nil {
		t.Fatal(err)
	}
	var in strings.Builder
	in.WriteString("t,phone,email,name,card\n")
	rnd := rand.New(rand.NewPCG(9, 10))
	for i := range 5_000 {
		n := surrogate.MinPhone + i%9
		fmt.Fprintf(&in, "acme,%0*d,u%d@example.com,name %d,4111111111111111\n", n, rnd.Int64N(1e15)%pow10(n), i, i)
	}
	for i, line := range csv(t, p, in.String()) {
		for cell := range strings.SplitSeq(line, ",") {
			if set.Contains([]byte(cell)) {
				t.Errorf("line %d: a token is a finding", i)
			}
		}
	}
}

func pow10(n int) int64 {
	x := int64(1)
	for range n {
		x *= 10
	}
	return x
}
