package masker

import (
	"unicode/utf8"

	"github.com/maskrail/maskrail/libs/policy"
)

// partial shows the first and last characters. It keeps the number of characters.
type partial struct {
	char        []byte
	first, last int
}

func newPartial(t policy.Mask) partial {
	return partial{char: []byte(t.Char), first: t.First, last: t.Last}
}

func (partial) perValue() bool { return true }

func (o partial) room(_, size int) int { return size * len(o.char) }

func (o partial) rewrite(_ *scratch, _ place, dst, value []byte) ([]byte, error) {
	plain := ascii(value)
	n := len(value)
	if !plain {
		n = utf8.RuneCount(value)
	}
	first, last := o.first, o.last
	if n <= first+last { // it would be shown whole
		first, last = 0, 0
	}
	if plain && len(o.char) == 1 {
		dst = append(dst, value[:first]...)
		for range n - first - last {
			dst = append(dst, o.char[0])
		}
		return append(dst, value[n-last:]...), nil
	}
	for i := 0; len(value) > 0; i++ {
		_, size := utf8.DecodeRune(value)
		if i < first || i >= n-last {
			dst = append(dst, value[:size]...)
		} else {
			dst = append(dst, o.char...)
		}
		value = value[size:]
	}
	return dst, nil
}
