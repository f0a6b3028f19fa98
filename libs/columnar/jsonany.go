package columnar

import (
	"bytes"
	"errors"
	"fmt"
	"hash/maphash"
	"math/bits"
)

// wholeValue is an array or object that is delivered as its text.
type wholeValue struct {
	text []byte // what is copied so far
	from int    // text from here on is not
}

// any returns the text of the array or object at i without insignificant blanks;
// it holds until the next call. depth counts the value itself and what is around.
func (p *jsonRows) any(i, depth int) (text []byte, end int, err error) {
	p.whole = wholeValue{p.whole.text[:0], i}
	if end, err = p.nested(i, depth); err != nil {
		return nil, end, err
	}
	text = p.b[p.whole.from:end]
	if p.whole.from > i {
		p.whole.text = append(p.whole.text, text...)
		text = p.whole.text
	}
	return text, end, p.sized(text)
}

// gap steps over blanks, which are left out.
func (p *jsonRows) gap(i int) int {
	if p.b[i] > ' ' {
		return i
	}
	end := manyBlanks(p.b, i)
	if w := &p.whole; end > i {
		w.text = append(w.text, p.b[w.from:i]...)
		w.from = end
	}
	return end
}

var errDeep = fmt.Errorf("nested deeper than %d levels", maxDepth)

// nested checks the array or object at i.
func (p *jsonRows) nested(i, depth int) (end int, err error) {
	if depth > maxDepth {
		return i, errDeep
	}
	closing := p.b[i] + 2 // ] and } stand two after [ and {
	from := p.names.begin()
	if i = p.gap(i + 1); p.b[i] == closing {
		return i + 1, nil
	}
	for {
		if closing == '}' {
			if i, err = p.nestedName(i, from); err != nil {
				return i, err
			}
		}
		switch c := p.b[i]; c {
		case '"':
			i, err = p.nestedText(i)
		case '{', '[':
			i, err = p.nested(i, depth+1)
		default:
			_, i, err = literal(p.b, i)
		}
		if err != nil {
			return i, err
		}
		switch i = p.gap(i); p.b[i] {
		case ',':
			i = p.gap(i + 1)
		case closing:
			if p.names.end(from) {
				return i, errDuplicate
			}
			return i + 1, nil
		default:
			return i, wrong(p.b, i)
		}
	}
}

func (p *jsonRows) nestedName(i, from int) (int, error) {
	if p.b[i] != '"' {
		return i, wrong(p.b, i)
	}
	name, i, err := p.text(i)
	if err != nil {
		return i, err
	}
	if err := p.names.add(name, from); err != nil {
		return i, err
	}
	if i = p.gap(i); p.b[i] != ':' {
		return i, wrong(p.b, i)
	}
	return p.gap(i + 1), nil
}

// nestedText checks a string, of which only the source's text is of interest.
func (p *jsonRows) nestedText(i int) (end int, err error) {
	kept := len(p.said)
	_, end, err = p.text(i)
	p.said = p.said[:kept]
	return end, err
}

const (
	maxNames = 1 << 20 // in one object with arbitrary names
	fewNames = 8       // are compared one by one
)

var errNames = fmt.Errorf("an object has more than %d members", maxNames)

// nameSet finds names that stand twice in one object. Objects inside it are ended
// before it is.
type nameSet struct {
	names [][]byte
	seed  maphash.Seed
	slots []nameSlot // a hash table with linear probing
	turn  uint32     // slots of earlier turns are empty
}

type nameSlot struct {
	turn uint32
	name uint32
}

// begin begins an object; what it returns stands for it.
func (s *nameSet) begin() int { return len(s.names) }

func (s *nameSet) add(name []byte, object int) error {
	if len(s.names)-object >= maxNames {
		return errNames
	}
	s.names = append(s.names, name)
	return nil
}

// end ends an object and says whether a name is there twice.
func (s *nameSet) end(object int) bool {
	names := s.names[object:]
	s.names = s.names[:object]
	if len(names) > fewNames {
		return s.repeats(names)
	}
	for i, a := range names {
		for _, b := range names[:i] {
			if bytes.Equal(a, b) {
				return true
			}
		}
	}
	return false
}

func (s *nameSet) repeats(names [][]byte) bool {
	if need := 1 << bits.Len(uint(2*len(names))); need > len(s.slots) {
		s.slots, s.turn, s.seed = make([]nameSlot, need), 0, maphash.MakeSeed()
	}
	if s.turn++; s.turn == 0 {
		clear(s.slots)
		s.turn = 1
	}
	mask := uint64(len(s.slots) - 1)
	for i, name := range names {
		at := maphash.Bytes(s.seed, name) & mask
		for ; s.slots[at].turn == s.turn; at = (at + 1) & mask {
			if bytes.Equal(names[s.slots[at].name], name) {
				return true
			}
		}
		s.slots[at] = nameSlot{s.turn, uint32(i)}
	}
	return false
}

var errKeyTwice = errors.New("a key is there twice in one map")
