package e2e

import "testing"

// A search for thousands of values in megabytes: one pass over the bytes, and at each position a look at the lengths
// that values with the same first three bytes have. Letters compare without case.
//
// How honest the search is depends on what counts as a find. A person named Ana is in "analysis", and three given
// bytes are in every megabyte of compressed data, so values differ in what must stand around them:
//
//   - digits: no digit on either side. A number is found whatever letters or signs touch it, but ten digits inside
//     the fifteen of a token are no phone number.
//   - word: no letter, digit or underscore on either side.
//
// In text that rule holds for every value. In bytes (stores, database files, compressed data) two things change. Names
// under five letters are not looked for: chance alone writes them. And values marked rare, which chance does not write, are
// found without a look at their neighbours, because a dictionary of strings has no gaps between them.
type edge int

const (
	digits edge = iota
	word
)

type mode int

const (
	text mode = iota
	binary
)

// shortest is the least length of a value in bytes; shortestBinary where bytes are random.
const (
	shortest       = 3
	shortestBinary = 5
)

type secret struct {
	kind, value string
	edge        edge
	rare        bool
}

// secrets are the values that must not be found.
type secrets struct {
	t       *testing.T
	byText  map[string]secret // lower case
	lengths []uint64          // by the hash of the first three bytes: bit n is set when a value of n bytes begins so
}

func newSecrets(t *testing.T) *secrets {
	return &secrets{t: t, byText: map[string]secret{}, lengths: make([]uint64, 1<<16)}
}

func (s *secrets) add(k secret) {
	folded := string(fold([]byte(k.value)))
	if len(folded) < shortest || len(folded) > 63 {
		s.t.Fatalf("%s of %d bytes cannot be searched for", k.kind, len(folded))
	}
	if _, there := s.byText[folded]; there {
		return
	}
	s.byText[folded] = k
	s.lengths[begins([]byte(folded))] |= 1 << len(folded)
}

// kinds counts the values of each kind.
func (s *secrets) kinds() map[string]int {
	out := map[string]int{}
	for _, k := range s.byText {
		out[k.kind]++
	}
	return out
}

// sample is one of the values of a kind.
func (s *secrets) sample(kind string) string {
	for _, k := range s.byText {
		if k.kind == kind {
			return k.value
		}
	}
	s.t.Fatalf("no value of kind %s", kind)
	return ""
}

type hit struct {
	secret
	at int
}

// find returns the values that are in b, each once.
func (s *secrets) find(b []byte, m mode) []hit {
	b = fold(b)
	var hits []hit
	found := map[string]bool{}
	for i := 0; i+shortest <= len(b); i++ {
		lengths := s.lengths[begins(b[i:])]
		for n := shortest; lengths>>n != 0; n++ {
			if lengths>>n&1 == 0 || i+n > len(b) {
				continue
			}
			k, ok := s.byText[string(b[i:i+n])]
			if ok && !found[k.value] && k.counts(b, i, n, m) {
				found[k.value] = true
				hits = append(hits, hit{k, i})
			}
		}
	}
	return hits
}

// counts says whether the value that stands at b[i:i+n] is a find.
func (k secret) counts(b []byte, i, n int, m mode) bool {
	if m == binary {
		if n < shortestBinary {
			return false
		}
		if k.rare && !inToken(b, i) {
			return true
		}
	}
	switch k.edge {
	case digits:
		return (i == 0 || !digit(b[i-1]) || escaped(b, i)) && (i+n == len(b) || !digit(b[i+n]))
	default:
		return (i == 0 || !wordly(b[i-1]) || escaped(b, i)) && (i+n == len(b) || !wordly(b[i+n]))
	}
}

// inToken says whether b[i:] begins inside a phone token, +999 and at least twelve digits. Ten of these may be
// somebody's number by chance.
func inToken(b []byte, i int) bool {
	for i > 0 && digit(b[i-1]) {
		i--
	}
	return i > 0 && b[i-1] == '+' && len(b) >= i+3 && string(b[i:i+3]) == "999"
}

// escaped says whether a byte written as %20 or =20 ends before b[i].
func escaped(b []byte, i int) bool { return i >= 3 && (b[i-3] == '%' || b[i-3] == '=') }

func digit(c byte) bool { return '0' <= c && c <= '9' }

func wordly(c byte) bool { return digit(c) || 'a' <= c && c <= 'z' || c == '_' }

func begins(b []byte) uint16 {
	return uint16((uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2])) * 2654435761 >> 16)
}

// fold is b with ASCII letters in lower case, at the same offsets.
func fold(b []byte) []byte {
	out := make([]byte, len(b))
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		out[i] = c
	}
	return out
}

// teller is told what was found where it must not be: a test, or one that expects it.
type teller interface {
	Helper()
	Errorf(format string, args ...any)
}

// absent tells of the first few values that are in b.
func (s *secrets) absent(to teller, place string, b []byte, m mode) {
	to.Helper()
	const most = 5
	hits := s.find(b, m)
	for _, h := range hits[:min(most, len(hits))] {
		to.Errorf("%s: a %s at byte %d: %q in %q", place, h.kind, h.at, h.value, b[max(0, h.at-40):min(len(b), h.at+len(h.value)+40)])
	}
	if len(hits) > most {
		to.Errorf("%s: %d values in all", place, len(hits))
	}
}
