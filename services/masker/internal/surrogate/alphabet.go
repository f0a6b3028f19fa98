package surrogate

import (
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/maskrail/maskrail/services/masker/internal/ff1"
)

// Sizes of an alphabet.
const (
	minAlphabet = 2
	maxAlphabet = 64
)

// Why Alphabet refuses a text. The errors hold nothing of it.
var (
	ErrCharacter = errors.New("a letter, digit or sign that is not in the alphabet, or no UTF-8")
	ErrShort     = errors.New("too few characters of the alphabet: fewer than 1,000,000 strings have that length")
	ErrLong      = fmt.Errorf("more than %d characters", MaxCharacters)
)

// MaxCharacters bounds the characters of the alphabet in one text, since time grows with the square of the length.
const MaxCharacters = 4096

// Alphabet permutes texts over a set of characters (FF1). It is not changed by use and safe for concurrent use.
//
// The characters of the alphabet in a text are, in their order, one string, and that string is permuted among those
// of its length. The punctuation and space between them stays where it is, so that a date keeps its dashes. Undone by
// the same steps with the permutation's inverse: the places of the characters are the same before and after, hence no
// two texts have one token. The token is real grammar by design.
type Alphabet struct {
	characters []rune
	ascii      [utf8.RuneSelf]int8 // a character's number, -1 for none
	others     map[rune]uint16
}

// NewAlphabet makes the alphabet of 2 to 64 different characters. Upper and lower case are different.
func NewAlphabet(characters string) (*Alphabet, error) {
	a := &Alphabet{characters: []rune(characters)}
	if n := len(a.characters); n < minAlphabet || n > maxAlphabet {
		return nil, fmt.Errorf("alphabet: %d characters, want %d to %d", n, minAlphabet, maxAlphabet)
	}
	for i := range a.ascii {
		a.ascii[i] = -1
	}
	for i, r := range a.characters {
		switch {
		case r == utf8.RuneError || !unicode.IsGraphic(r) || unicode.IsMark(r):
			return nil, fmt.Errorf("alphabet: character %d (%U) cannot be seen by itself", i+1, r)
		case a.number(r) >= 0:
			return nil, fmt.Errorf("alphabet: character %d (%U) is there twice", i+1, r)
		case r < utf8.RuneSelf:
			a.ascii[r] = int8(i)
		default:
			if a.others == nil {
				a.others = map[rune]uint16{}
			}
			a.others[r] = uint16(i)
		}
	}
	return a, nil
}

// Radix is the number of characters, the radix of the cipher for Append.
func (a *Alphabet) Radix() int { return len(a.characters) }

// Workspace is the memory that Append reuses. The zero value is ready.
type Workspace struct{ numerals []uint16 }

// Append appends the token of text, with a cipher of the alphabet's radix. The error is ErrCharacter, ErrShort or
// ErrLong; dst is then returned as it was.
func (a *Alphabet) Append(dst []byte, c *ff1.Cipher, w *Workspace, text []byte) ([]byte, error) {
	return a.permute(dst, c.Encrypt, w, text)
}

func (a *Alphabet) permute(dst []byte, permute func([]uint16, []byte) error, w *Workspace, text []byte) ([]byte, error) {
	x := w.numerals[:0]
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			return dst, ErrCharacter
		}
		i += n
		switch v := a.number(r); {
		case v < 0 && !separator(r):
			return dst, ErrCharacter
		case v >= 0 && len(x) == MaxCharacters:
			return dst, ErrLong
		case v >= 0:
			x = append(x, uint16(v))
		}
	}
	w.numerals = x
	if err := permute(x, nil); errors.Is(err, ff1.ErrDomain) {
		return dst, ErrShort
	} else if err != nil {
		return dst, err
	}
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if a.number(r) >= 0 {
			dst = utf8.AppendRune(dst, a.characters[x[0]])
			x = x[1:]
		} else {
			dst = append(dst, text[i:i+n]...)
		}
		i += n
	}
	return dst, nil
}

// number is the character's place in the alphabet, or -1.
func (a *Alphabet) number(r rune) int {
	if r < utf8.RuneSelf {
		return int(a.ascii[r])
	}
	if v, ok := a.others[r]; ok {
		return int(v)
	}
	return -1
}

// separator reports what may stay in a token: punctuation and space, and the signs of ASCII such as + and $. Other
// signs may be letters in disguise, "Ⓐ" for one, and so may what cannot be seen.
func separator(r rune) bool {
	return unicode.IsPunct(r) || unicode.IsSpace(r) || r < utf8.RuneSelf && unicode.IsSymbol(r)
}
