package masker

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers/v2"

	"github.com/maskrail/maskrail/libs/detect"
	"github.com/maskrail/maskrail/libs/policy"
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

// FuzzPhone holds the short way for American numbers to what the parser says.
func FuzzPhone(f *testing.F) {
	for _, s := range []string{"+14155550132", "(415) 555-0132", "1 415 555 0132", "+1 1 415 555 013", "11415555013", "+44 20 7946 0958", "2005550132", "+12005550132"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, s string, home bool) {
		region := "GB"
		if home {
			region = "US"
		}
		c := newCanonicaliser(region)
		c.phone([]byte(s)) // must not panic, whatever it is
		got, ok := c.nanp([]byte(s))
		if !ok {
			return
		}
		n, err := phonenumbers.Parse(s, region)
		if err != nil {
			t.Fatalf("%q: the parser refuses it: %v", s, err)
		}
		if want := strings.TrimPrefix(phonenumbers.Format(n, phonenumbers.E164), "+"); string(got) != want {
			t.Errorf("%q: got %s, the parser says %s", s, got, want)
		}
	})
}

// TestNANPAgrees tries the short way on random digits in common layouts.
func TestNANPAgrees(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(3, 4))
	taken := 0
	for range 4_000 {
		d := fmt.Sprintf("%0*d", 9+rnd.IntN(4), rnd.Int64N(1e9))
		if rnd.IntN(2) == 0 {
			d = fmt.Sprint(1e9 + rnd.Int64N(9e9))
		}
		for _, layout := range []string{"%s", "+%s", "1%s", "+1%s", "+1 (%s)"} {
			s := fmt.Sprintf(layout, d)
			for _, region := range []string{"US", "CA", "GB"} {
				c := newCanonicaliser(region)
				got, ok := c.nanp([]byte(s))
				if !ok {
					continue
				}
				taken++
				n, err := phonenumbers.Parse(s, region)
				if err != nil {
					t.Fatalf("%s %s: the parser refuses it", region, s)
				}
				if want := phonenumbers.Format(n, phonenumbers.E164)[1:]; string(got) != want {
					t.Fatalf("%s %s: got %s, the parser says %s", region, s, got, want)
				}
			}
		}
	}
	if taken < 4_000 {
		t.Errorf("the short way was taken %d times only", taken)
	}
}

// TestPhoneTokensInjective: a million numbers of all lengths, with and without leading zeros, have a million tokens.
func TestPhoneTokensInjective(t *testing.T) {
	t.Parallel()
	key := phoneKey(t)
	const each = 1_000_000 / 18
	// A token or number as one word: its length, and its digits as a number.
	word := func(digits []byte) uint64 {
		n := uint64(0)
		for _, d := range digits {
			n = n*10 + uint64(d-'0')
		}
		return uint64(len(digits))<<56 | n
	}
	type pair struct{ token, number uint64 }
	pairs := make([]pair, 0, 18*each)
	rnd := rand.New(rand.NewPCG(5, 6))
	d, token := make([]byte, maxPhone), []byte(nil)
	for n := minPhone; n <= maxPhone; n++ {
		for _, zero := range []bool{false, true} {
			for i := range each {
				d = d[:n]
				v := rnd.Int64N(1e15)
				if i < 1000 { // neighbours, where a careless construction overlaps
					v = int64(i)
				}
				for k := n - 1; k >= 0; k-- {
					d[k], v = byte('0'+v%10), v/10
				}
				if zero {
					d[0] = '0'
				} else if d[0] == '0' {
					d[0] = '1'
				}
				var err error
				if token, err = appendPhoneToken(token[:0], key.digits, d); err != nil {
					t.Fatal(err)
				}
				digits := token[len(phonePrefix):]
				if len(digits) < 12 || len(digits) > 16 || !zero && n <= lengthA && len(digits) != lengthA {
					t.Fatalf("a number of %d digits has a token of %d", n, len(digits))
				}
				pairs = append(pairs, pair{word(digits), word(d)})
			}
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int { return cmp.Or(cmp.Compare(a.token, b.token), cmp.Compare(a.number, b.number)) })
	distinct := 0
	for i := 1; i < len(pairs); i++ {
		if pairs[i].token != pairs[i-1].token {
			distinct++
		} else if pairs[i].number != pairs[i-1].number {
			t.Fatalf("two numbers of lengths %d and %d have one token", pairs[i].number>>56, pairs[i-1].number>>56)
		}
	}
	if distinct < 950_000 {
		t.Errorf("only %d distinct numbers were tried", distinct)
	}
}

// TestPhoneTokenUndone takes tokens back to their numbers by the steps that the construction's comment gives.
func TestPhoneTokenUndone(t *testing.T) {
	t.Parallel()
	key := phoneKey(t)
	rnd := rand.New(rand.NewPCG(7, 8))
	for range 20_000 {
		d := make([]byte, minPhone+rnd.IntN(maxPhone-minPhone+1))
		for k := range d {
			d[k] = byte('0' + rnd.IntN(10)*rnd.IntN(2))
		}
		token, err := appendPhoneToken(nil, key.digits, d)
		if err != nil {
			t.Fatal(err)
		}
		x := numerals(string(token[len(phonePrefix):]))
		if err := key.digits.decrypt(x, nil); err != nil {
			t.Fatal(err)
		}
		back := make([]byte, len(x))
		for i := range x {
			back[i] = byte('0' + x[i])
		}
		number := string(back)
		switch len(x) {
		case lengthA:
			number = strings.TrimLeft(number, "0")
		case lengthC:
			number = strings.TrimLeft(number, "0")[1:]
		}
		if number != string(d) {
			t.Fatalf("a number of %d digits comes back as one of %d", len(d), len(number))
		}
	}
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
		n := minPhone + i%9
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

func phoneKey(t testing.TB) *tokenKey {
	t.Helper()
	p := &Plan{ring: testRing(t), environment: "sandbox"}
	k, err := p.derive(domain{name: "phone", scope: policy.TenantScope, digits: true}, "acme")
	if err != nil {
		t.Fatal(err)
	}
	return k
}
