package naive

import (
	"bytes"
	"math/big"
)

// words asks about what has letters and digits: account numbers and hardware addresses.
func words(text []byte) (found Set) {
	for i := 0; i+1 < len(text); i++ {
		if i > 0 && (isLetter(text[i-1]) || isDigit(text[i-1])) {
			continue
		}
		switch {
		case isUpper(text[i]) && isUpper(text[i+1]):
			if account(text[i:]) {
				found |= IBAN
			}
		case i+17 <= len(text) && (text[i+2] == ':' || text[i+2] == '-') && hardware(text[i:i+17]) && (i+17 == len(text) || !isLetter(text[i+17]) && !isDigit(text[i+17])):
			found |= MAC
		}
	}
	return found
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

// account reports an IBAN (ISO 13616): two letters, two check digits, 11 to 30 letters and digits, with spaces between
// them or none, and the remainder of ISO 7064.
func account(text []byte) bool {
	var flat []byte
	for _, c := range text {
		if c == ' ' || c == '-' {
			continue
		}
		if !isUpper(c) && !isDigit(c) || len(flat) == 34 {
			break
		}
		flat = append(flat, c)
	}
	if len(flat) < 15 || !isDigit(flat[2]) || !isDigit(flat[3]) {
		return false
	}
	for n := len(flat); n >= 15; n-- { // a word may follow
		if remainder(flat[:n]) == 1 {
			return true
		}
		if n < len(flat)-6 {
			break
		}
	}
	return false
}

func remainder(flat []byte) int64 {
	var digits []byte
	for _, c := range append(bytes.Clone(flat[4:]), flat[:4]...) {
		if isUpper(c) {
			v := c - 'A' + 10
			digits = append(digits, '0'+v/10, '0'+v%10)
		} else {
			digits = append(digits, c)
		}
	}
	n, _ := new(big.Int).SetString(string(digits), 10)
	return n.Mod(n, big.NewInt(97)).Int64()
}

// hardware reports six pairs of hex with one sign between them.
func hardware(b []byte) bool {
	for i, c := range b {
		if i%3 == 2 {
			if c != b[2] || c != ':' && c != '-' {
				return false
			}
		} else if !isHex(c) {
			return false
		}
	}
	return true
}

// digitOf is the digit that a word says, 0 for none.
func digitOf(w string) byte {
	switch w {
	case "zero", "oh", "nought":
		return '0'
	case "one":
		return '1'
	case "two":
		return '2'
	case "three":
		return '3'
	case "four":
		return '4'
	case "five":
		return '5'
	case "six":
		return '6'
	case "seven":
		return '7'
	case "eight":
		return '8'
	case "nine", "niner":
		return '9'
	}
	return 0
}

// fewestSaid is how many digits a spoken number has at least.
const fewestSaid = 9

// spoken appends the numbers of at least nine digits that are said digit by digit, in the groups of a phone number where
// there are ten of them, with words between the numbers.
func spoken(dst, text []byte) []byte {
	var run []byte
	repeat := 1
	flush := func() {
		if n := len(run); n >= fewestSaid {
			switch n {
			case 9:
				dst = append(append(append(append(append(dst, run[:3]...), '-'), run[3:5]...), '-'), run[5:]...)
			case 10, 11:
				dst = append(append(dst, '+'), run...)
			default:
				dst = append(dst, run...)
			}
			dst = append(dst, " | "...)
		}
		run, repeat = run[:0], 1
	}
	for len(text) > 0 {
		n := 0
		for n < len(text) && isLetter(text[n]) {
			n++
		}
		if n == 0 {
			if c := text[0]; c != ' ' && c != ',' && c != '-' && c != '.' {
				flush()
			}
			text = text[1:]
			continue
		}
		var low [6]byte
		if n < 2 || n > len(low) {
			flush()
			text = text[n:]
			continue
		}
		for i, c := range text[:n] {
			low[i] = c | 0x20
		}
		text = text[n:]
		switch w := string(low[:n]); w {
		case "double":
			repeat = 2
		case "triple":
			repeat = 3
		default:
			d := digitOf(w)
			if d == 0 {
				flush()
				continue
			}
			for range repeat {
				run = append(run, d)
			}
			repeat = 1
		}
	}
	flush()
	return dst
}
