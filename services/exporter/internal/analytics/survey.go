package analytics

import (
	"bytes"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"unicode/utf8"

	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// maxDepth is how deep a record may nest: what the readers of the pipeline take.
const maxDepth = 64

// What makes a record one that no reader of the pipeline takes. Put among others it would hold all of them.
var (
	errText  = errors.New("a string is no Unicode text")
	errDeep  = errors.New("nested deeper than 64 levels")
	errTwice = errors.New("a member stands twice in one object")
	errName  = errors.New("a member has an empty name")
	errShape = errors.New("not a JSON object")
	errLong  = fmt.Errorf("longer than %d MiB, or a text of it longer than %d MiB", source.MaxRecord>>20, source.MaxText>>20)
)

// surveyor looks at every byte of a record.
type surveyor struct {
	seed  maphash.Seed
	most  int64    // bytes of a record
	names []uint64 // of the objects that are open
}

func newSurveyor(most int64) *surveyor { return &surveyor{seed: maphash.MakeSeed(), most: most} }

// survey checks a record and sums up its content: equal for records that differ in blanks, escapes and the order of members
// alone, within one surveyor.
func (s *surveyor) survey(raw []byte) (sum uint64, err error) {
	if len(raw) == 0 || raw[0] != '{' {
		return 0, errShape
	}
	if int64(len(raw)) > s.most {
		return 0, errLong
	}
	if !utf8.Valid(raw) {
		return 0, errText
	}
	s.names = s.names[:0]
	sum, _, err = s.value(raw, 0, 1)
	return sum, err
}

func (s *surveyor) value(b []byte, i, depth int) (sum uint64, end int, err error) {
	switch b[i] {
	case '{', '[':
		if depth > maxDepth {
			return 0, i, errDeep
		}
		if b[i] == '{' {
			return s.object(b, i, depth)
		}
		return s.list(b, i, depth)
	case '"':
		end = skipText(b, i)
		if end-i-2 > source.MaxText { // without its quotes
			return 0, end, errLong
		}
		if !wholeText(b[i:end]) {
			return 0, end, errText
		}
		return mix(maphash.Bytes(s.seed, said(b[i:end])), '"'), end, nil
	}
	end = skip(b, i)
	return maphash.Bytes(s.seed, b[i:end]), end, nil
}

func (s *surveyor) object(b []byte, i, depth int) (sum uint64, end int, err error) {
	from := len(s.names)
	sum = 1
	for i = blank(b, i+1); b[i] != '}'; {
		end = skipText(b, i)
		if !wholeText(b[i:end]) {
			return 0, end, errText
		}
		text := said(b[i:end])
		if len(text) == 0 {
			return 0, end, errName
		}
		name := maphash.Bytes(s.seed, text)
		s.names = append(s.names, name)
		value, end, err := s.value(b, blank(b, blank(b, end)+1), depth+1)
		if err != nil {
			return 0, end, err
		}
		sum += mix(name, value)
		if i = blank(b, end); b[i] == ',' {
			i = blank(b, i+1)
		}
	}
	names := s.names[from:]
	slices.Sort(names)
	for k := 1; k < len(names); k++ {
		if names[k] == names[k-1] {
			return 0, i, errTwice
		}
	}
	s.names = s.names[:from]
	return mix(sum, '{'), i + 1, nil
}

func (s *surveyor) list(b []byte, i, depth int) (sum uint64, end int, err error) {
	for i = blank(b, i+1); b[i] != ']'; {
		value, end, err := s.value(b, i, depth+1)
		if err != nil {
			return 0, end, err
		}
		sum = mix(sum, value)
		if i = blank(b, end); b[i] == ',' {
			i = blank(b, i+1)
		}
	}
	return mix(sum, '['), i + 1, nil
}

// mix makes one sum of two, whose order counts.
func mix(a, b uint64) uint64 {
	a = (a ^ b<<32 ^ b>>32) * 0x9e3779b97f4a7c15
	return (a ^ a>>29 ^ b) * 0xbf58476d1ce4e5b9
}

// wholeText is false for half of a surrogate pair, which no text can hold: \ud83d without \ude00.
func wholeText(v []byte) bool {
	for i := bytes.IndexByte(v, '\\'); i >= 0 && i < len(v); {
		if v[i+1] != 'u' {
			i += 2
		} else {
			switch unit := hex4(v[i+2:]); {
			case unit&0xfc00 == 0xdc00:
				return false
			case unit&0xfc00 != 0xd800:
				i += 6
			case v[i+6] == '\\' && v[i+7] == 'u' && hex4(v[i+8:])&0xfc00 == 0xdc00:
				i += 12
			default:
				return false
			}
		}
		next := bytes.IndexByte(v[i:], '\\')
		if next < 0 {
			return true
		}
		i += next
	}
	return true
}

func hex4(b []byte) (n uint16) {
	for _, c := range b[:4] {
		if c > '9' {
			c += 9
		}
		n = n<<4 | uint16(c&15)
	}
	return n
}
