package naive

import (
	"encoding/base64"
	"encoding/hex"
	"unicode"
	"unicode/utf8"
)

// about is what a quick look says of a text.
type about struct {
	digits  int  // ASCII digits
	signs   bool // '@'
	escapes bool // '%' or a backslash, or bytes outside ASCII
	longest int  // bytes of the longest word of letters, digits and the other signs of base64
	words   int  // runs of letters that could be number words
}

// kinds of bytes.
const (
	word   = 1 << iota // of base64 or hex
	digit              //
	sign               // '@'
	escape             //
	spaced             // ends a number word
)

var kind = func() (k [256]uint8) {
	for c := range k {
		b := byte(c)
		if isLetter(b) || isDigit(b) || b == '+' || b == '/' || b == '=' || b == '-' || b == '_' {
			k[c] |= word
		}
		if isDigit(b) {
			k[c] |= digit
		}
		if b == '@' {
			k[c] |= sign
		}
		if b == '%' || b == '\\' || b >= 0x80 {
			k[c] |= escape
		}
		if b == ' ' || b == ',' || b == '-' || b == '\n' {
			k[c] |= spaced
		}
	}
	return k
}()

func survey(text []byte) (a about) {
	run := 0
	var seen uint8
	for _, c := range text {
		k := kind[c]
		seen |= k
		if k&digit != 0 {
			a.digits++
		}
		if k&spaced != 0 {
			a.words++
		}
		if k&word != 0 {
			if run++; run > a.longest {
				a.longest = run
			}
		} else {
			run = 0
		}
	}
	a.signs, a.escapes = seen&sign != 0, seen&escape != 0
	return a
}

// leastDigits is what the shape of fewest digits has: an address of four numbers.
const leastDigits = 4

// leastWords is how many words a spoken number has at least, less one.
const leastWords = 7

func (a about) interesting() bool {
	return a.digits >= leastDigits || a.signs || a.escapes || a.longest >= leastEncoded || a.words >= leastWords
}

// strip is the text with what hides a value taken off it: signs without width, other scripts' digits, wide forms, unusual
// spaces and dashes, percent escapes and those of JSON.
func (f *Finder) strip(dst, text []byte, a about) []byte {
	if !a.escapes {
		return append(dst, text...)
	}
	for i := 0; i < len(text); {
		c := text[i]
		if c == '%' && i+2 < len(text) {
			if b, ok := unhex(text[i+1], text[i+2]); ok && b >= ' ' {
				dst, i = append(dst, b), i+3
				continue
			}
		}
		if c == '\\' && i+5 < len(text) && text[i+1] == 'u' && text[i+2] == '0' && text[i+3] == '0' {
			if b, ok := unhex(text[i+4], text[i+5]); ok && b >= ' ' && b < 0x80 {
				dst, i = append(dst, b), i+6
				continue
			}
		}
		if c < utf8.RuneSelf {
			dst, i = append(dst, c), i+1
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		i += size
		dst = plainRune(dst, r)
	}
	return dst
}

func unhex(a, b byte) (byte, bool) {
	var out [1]byte
	_, err := hex.Decode(out[:], []byte{a, b})
	return out[0], err == nil
}

// plainRune appends the ASCII sign that a reader would take r for, r itself for others.
func plainRune(dst []byte, r rune) []byte {
	switch {
	case r >= 0xFF01 && r <= 0xFF5E: // wide forms of ASCII
		return append(dst, byte(r-0xFF01+'!'))
	case unicode.Is(unicode.Nd, r):
		return append(dst, '0'+digitValue(r))
	case unicode.In(r, unicode.Cf, unicode.Mn, unicode.Me):
		return dst
	case unicode.Is(unicode.Zs, r):
		return append(dst, ' ')
	case unicode.Is(unicode.Pd, r), r == '−', r == '·', r == '•':
		return append(dst, '-')
	}
	return utf8.AppendRune(dst, r)
}

// digitValue is what a decimal digit of any script counts: they come in tens.
func digitValue(r rune) byte {
	for _, t := range unicode.Nd.R16 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return byte((r - rune(t.Lo)) % 10)
		}
	}
	for _, t := range unicode.Nd.R32 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return byte((r - rune(t.Lo)) % 10)
		}
	}
	return 0
}

const (
	leastEncoded = 14  // characters of an encoded value: ten bytes in base64
	leastHex     = 18  // nine bytes in hex
	maxEncoded   = 192 // bytes; no value is longer
)

// encoded looks at what words say when they are read as base64 or hex. Of random bytes, which tokens and ids are, not one
// in a million is all readable.
func (f *Finder) encoded(text []byte) (found Set) {
	for i := 0; i < len(text); {
		if kind[text[i]]&word == 0 {
			i++
			continue
		}
		from := i
		for i < len(text) && kind[text[i]]&word != 0 {
			i++
		}
		w := text[from:i]
		if len(w) < leastEncoded || len(w) > maxEncoded {
			continue
		}
		found |= f.decoded(w)
	}
	return found
}

func (f *Finder) decoded(w []byte) (found Set) {
	if len(w) >= leastHex && len(w)%2 == 0 {
		if n, err := hex.Decode(f.out[:], w); err == nil {
			found |= readable(f.out[:n])
		}
	}
	for len(w) > 0 && w[len(w)-1] == '=' {
		w = w[:len(w)-1]
	}
	coding := base64.RawStdEncoding
	for _, c := range w {
		if c == '-' || c == '_' {
			coding = base64.RawURLEncoding
		}
	}
	if n, err := coding.Decode(f.out[:], w); err == nil {
		found |= readable(f.out[:n])
	}
	return found
}

func readable(b []byte) Set {
	for _, c := range b {
		if c < ' ' || c > '~' {
			return 0
		}
	}
	return look(b) | spokenless(b)
}

// spokenless is what a text of digits alone is where it was encoded: nobody encodes an id of digits.
func spokenless(b []byte) Set {
	for _, c := range b {
		if !isDigit(c) {
			return 0
		}
	}
	switch n := len(b); {
	case n == 9:
		return SSN
	case n == 10, n == 11 && b[0] == '1':
		return Phone
	}
	return 0
}
