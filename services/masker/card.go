package masker

import (
	"unicode"
	"unicode/utf8"

	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/services/masker/internal/surrogate"
)

// noCard replaces what is no card number. Its length says nothing about the value's.
const noCard = "****"

// card shows what its policy allows of a card number, as digits and stars without separators: one number has one
// rendering however it is written. At most ten digits are shown, so that no number of card length is left.
type card struct{ keep policy.CardKeep }

func (card) perValue() bool { return true }

func (card) room(n, _ int) int { return n * 16 }

func (o card) rewrite(_ *scratch, _ place, dst, value []byte) ([]byte, error) {
	var room [surrogate.MaxCard]byte
	digits, ok := cardDigits(&room, value)
	if !ok {
		return append(dst, noCard...), nil
	}
	first, last := 0, 0
	switch o.keep {
	case policy.KeepLast4:
		last = 4
	case policy.KeepFirst6Last:
		first, last = 6, 4
	}
	for i := first; i < len(digits)-last; i++ {
		digits[i] = '*'
	}
	return append(dst, digits...), nil
}

// cardDigits is the number in value: 13 to 19 digits that pass the check digit, with nothing but signs and space
// between them.
func cardDigits(room *[surrogate.MaxCard]byte, value []byte) ([]byte, bool) {
	count := 0
	for i := 0; i < len(value); {
		c, n := value[i], 1
		d := int(c - '0')
		switch letter := c | 0x20; {
		case c >= utf8.RuneSelf:
			var r rune
			if r, n = utf8.DecodeRune(value[i:]); unicode.IsLetter(r) || r == utf8.RuneError {
				return nil, false
			}
			d = digit(r)
		case d > 9 && letter >= 'a' && letter <= 'z':
			return nil, false
		}
		i += n
		if d < 0 || d > 9 {
			continue
		}
		if count == len(room) {
			return nil, false
		}
		room[count] = byte('0' + d)
		count++
	}
	return room[:count], surrogate.IsCard(room[:count])
}
