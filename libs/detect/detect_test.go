package detect

import (
	"math/bits"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestNewSet(t *testing.T) {
	t.Parallel()
	if got := Classes(); !slices.Equal(got, []Class{Address, Card, CVV, DOB, Email, IBAN, IP, Licence, MAC, Member, MRN, Name, Passport, Phone, SSN, URL}) {
		t.Errorf("Classes() = %v", got)
	}
	if _, err := NewSet("US", Phone, "shoe"); err == nil || !strings.Contains(err.Error(), "passport, phone, ssn, url") || !strings.Contains(err.Error(), "shoe") {
		t.Errorf("unknown class: %v", err)
	}
	for _, region := range []string{"XX", "ZZ", "USA", "001"} {
		if _, err := NewSet(region); err == nil {
			t.Errorf("region %q is accepted", region)
		}
	}
	for i, a := range registry {
		for _, b := range registry[i+1:] {
			if a.class == b.class {
				t.Errorf("%s is registered twice", a.class)
			}
		}
	}
}

// Every set finds its own classes and no other.
func TestChosenClasses(t *testing.T) {
	t.Parallel()
	text := []byte("jo@example.com, 415-555-0142, 4111 1111 1111 1111, 123-45-6789, +14155550142@example.com, GB82 WEST 1234 5698 7654 32, " +
		"203.0.113.7, 00:1A:2B:3C:4D:5E, https://jo:pass@example.com/x, dob 01/02/1980, 12 Main Street, driver license D1234567, passport X1234567, " +
		"mrn 1234567, member id 12345, cvv 123, my name is Jo Smith")
	all := Classes()
	for mask := range 1 << len(all) {
		if mask == 0 || bits.OnesCount(uint(mask)) > 2 && mask != 1<<len(all)-1 && mask%97 != 0 {
			continue
		}
		var chosen []Class
		for i, c := range all {
			if mask&(1<<i) != 0 {
				chosen = append(chosen, c)
			}
		}
		found := map[Class]bool{}
		for _, sp := range setOf(t, "US", chosen...).Find(nil, text) {
			found[sp.Class] = true
		}
		if len(found) != len(chosen) {
			t.Errorf("set of %v found %v", chosen, found)
		}
		for c := range found {
			if !slices.Contains(chosen, c) {
				t.Errorf("set of %v found %s", chosen, c)
			}
		}
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		hits []Span
		want []Span
	}{
		{"longest", []Span{{0, 5, Card, 1, "a"}, {3, 12, Email, 1, "b"}}, []Span{{0, 12, Email, 1, "b"}}},
		{"then leftmost", []Span{{4, 9, Card, 1, "a"}, {0, 5, Email, 1, "b"}}, []Span{{0, 9, Email, 1, "b"}}},
		{"highest score", []Span{{0, 12, Member, 0.6, "a"}, {2, 9, Phone, 0.95, "b"}}, []Span{{0, 12, Member, 0.95, "a"}}},
		{"then most sensitive", []Span{{0, 5, Email, 1, "e"}, {0, 5, Phone, 1, "p"}, {0, 5, SSN, 1, "s"}, {0, 5, Card, 1, "c"}}, []Span{{0, 5, Card, 1, "c"}}},
		{"ssn before phone", []Span{{0, 5, Phone, 1, "p"}, {0, 5, SSN, 1, "s"}}, []Span{{0, 5, SSN, 1, "s"}}},
		{"phone before email", []Span{{0, 5, Email, 1, "e"}, {0, 5, Phone, 1, "p"}}, []Span{{0, 5, Phone, 1, "p"}}},
		{"touching stay", []Span{{5, 9, Card, 1, "b"}, {0, 5, Card, 1, "a"}}, []Span{{0, 5, Card, 1, "a"}, {5, 9, Card, 1, "b"}}},
		{"chain", []Span{{0, 6, Card, 1, "a"}, {5, 14, Card, 1, "b"}, {13, 19, Card, 1, "c"}}, []Span{{0, 19, Card, 1, "b"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			sc := &scan{text: make([]byte, 100), hits: tc.hits}
			if got := sc.resolve(nil); !slices.Equal(got, tc.want) {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestFindAppends(t *testing.T) {
	t.Parallel()
	s := setOf(t, "US")
	first := Span{Start: 9, End: 99}
	got := s.Find([]Span{first}, []byte("415-555-0142 and a@example.com and 123-45-6789"))
	if len(got) != 4 || got[0] != first || got[1].Start != 0 || got[3].Class != SSN {
		t.Errorf("got %v", got)
	}
}

func TestNoAllocationWithoutCandidate(t *testing.T) {
	s := setOf(t, "US")
	for _, text := range []string{
		"", strings.Repeat("customer asked about the delivery of a parcel ", 3), "2026-03-09T13:04:11.482Z", "550e8400-e29b-41d4-a716-446655440000",
		"User_a2b3c4d5e6f7a2b3c4d5e6f7a2", "1772973851482", "ORD-2024-0012345", "+999123456789012", "a2b3c4d5@masked.invalid", "grüße – naïve 日本語のテキスト、まったく普通の文章です",
	} {
		b := []byte(text)
		var dst [4]Span
		if n := testing.AllocsPerRun(200, func() { s.Find(dst[:0], b); s.Contains(b) }); n > poolSlack || n > 0 && !s.Possible(Count(b)) {
			t.Errorf("%q: %v allocations", text, n)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	s := setOf(t, "US")
	texts := []string{"415-555-0142", "nothing", "a@example.com 4111 1111 1111 1111", "+44 20 7946 0958 and 300 450 1200 7"}
	want := make([][]Span, len(texts))
	for i, text := range texts {
		want[i] = s.Find(nil, []byte(text))
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for n := range 400 {
				i := n % len(texts)
				if got := s.Find(nil, []byte(texts[i])); !slices.Equal(got, want[i]) {
					t.Errorf("%q: got %v, want %v", texts[i], got, want[i])
					return
				}
			}
		})
	}
	wg.Wait()
}

// Text made to be expensive must cost time in proportion to its length. A
// detector that is quadratic here takes minutes, not seconds.
func TestHostileText(t *testing.T) {
	t.Parallel()
	for region, n := range map[string]int{"US": 100_000 / effort, "ES": 10_000 / effort} {
		s, err := NewTextSet(region) // with what it guesses at, which is the most
		if err != nil {
			t.Fatal(err)
		}
		for _, piece := range []string{"4 1 1 1 ", "1", "O'", "Mc", "JANE ", "Jane Okafor ", "van der ", "12/", "card 4155550142 ", "+1 ", "a@", "@", "a@b.co", "12345678-", "-", "%40", "4111 ", "1\u200b", "\u200b", "a.", "tel:", "1.2.", "call ", "(", "+", " ", "my name is ", "John ", "one ", "double ", "dot ", "a at b dot ", "12 Main ", "street ", "12 street ", "http://a", "?a=", "a?b.", ":", "::", "ab:", "00-", "de12 ", "de12", "cvv ", "born ", "member id ", "passport AB", "1.", "a.b", "x@y.z?token=", "mr ", "Smith, ", "é", "[A", "second ",
			"one 1 ", "O'Brien ", "MARIA ", "Oak St ", "?", "0 0 ", "020 7946 ", "00 44 ", "415 555 0142 ", "+44 20 7946 "} {
			s.Find(nil, []byte(strings.Repeat(piece, n)))
		}
	}
}
