package naive

import (
	"bytes"
	"math/big"
	"strconv"
	"strings"
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

// account reports an IBAN (ISO 13616): two letters of a country, two check digits, as many letters and digits as that country
// has, with spaces between them or none, and the remainder of ISO 7064. Without the country, every hundredth id that begins
// with two letters and two digits would be one.
func account(text []byte) bool {
	length := lengths[string(text[:2])]
	var flat []byte
	for _, c := range text {
		if len(flat) == length {
			if isLetter(c) || isDigit(c) {
				return false
			}
			break
		}
		if c == ' ' || c == '-' {
			continue
		}
		if !isUpper(c) && !isDigit(c) {
			break
		}
		flat = append(flat, c)
	}
	return length > 0 && len(flat) == length && isDigit(flat[2]) && isDigit(flat[3]) && remainder(flat) == 1
}

// lengths are those of IBANs, by country: of SWIFT's registry, release 99, and at the end of countries that use such numbers
// without being in it.
var lengths = func() map[string]int {
	t := map[string]int{}
	for word := range strings.FieldsSeq("NO15 BE16 DK18 FI18 FK18 FO18 GL18 NL18 SD18 MK19 SI19 AT20 BA20 EE20 KZ20 LT20 LU20 MN20 XK20 CH21 HR21 LI21 LV21 " +
		"BG22 BH22 CR22 DE22 GB22 GE22 IE22 ME22 RS22 VA22 AE23 GI23 IL23 IQ23 OM23 SO23 TL23 AD24 CZ24 ES24 MD24 PK24 RO24 SA24 SE24 SK24 TN24 VG24 " +
		"LY25 PT25 ST25 IS26 TR26 BI27 DJ27 FR27 GR27 IT27 MC27 MR27 SM27 AL28 AZ28 BY28 CY28 DO28 GT28 HN28 HU28 LB28 NI28 PL28 SV28 " +
		"BR29 EG29 PS29 QA29 UA29 JO30 KW30 MU30 YE30 MT31 SC31 LC32 RU33 " +
		"AO25 CV25 GW25 MZ25 DZ26 IR26 CF27 CG27 CM27 GA27 GQ27 KM27 MG27 TD27 BF28 BJ28 CI28 MA28 ML28 NE28 SN28 TG28") {
		n, _ := strconv.Atoi(word[2:])
		t[word[:2]] = n
	}
	return t
}()

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
