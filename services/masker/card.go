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
	digits, ok := cardDigits(room[:0], value)
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
	for i, d := range digits {
		if i >= first && i < len(digits)-last {
			d = '*'
		}
		dst = append(dst, d)
	}
	return dst, nil
}

// cardDigits is the number in value: 13 to 19 digits that pass the check digit, with nothing but signs and space
// between them.
func cardDigits(dst, value []byte) ([]byte, bool) {
	for len(value) > 0 {
		r, n := utf8.DecodeRune(value)
		value = value[n:]
		switch d := digit(r); {
		case d >= 0 && len(dst) == surrogate.MaxCard:
			return dst, false
		case d >= 0:
			dst = append(dst, byte('0'+d))
		case unicode.IsLetter(r) || r == utf8.RuneError:
			return dst, false
		}
	}
	return dst, surrogate.IsCard(dst)
}
