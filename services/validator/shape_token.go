package validator

import (
	"bytes"
	"strings"
	"unicode"

	"github.com/maskrail/maskrail/libs/policy"
)

const (
	tokenDomain  = "@masked.invalid"
	noCountry    = "+999" // E.164 assigns it to nobody
	fewestDigits = 12
	mostDigits   = 20 // room for what injectivity needs
)

// isToken reports a token of the treatment's format, or the text form that what does not fit the format gets.
func isToken(b []byte, t policy.Token) bool {
	if len(b) == 0 {
		return true
	}
	switch t.Format {
	case policy.Phone:
		return isPhoneToken(b) || isTextToken(b, t)
	case policy.Email:
		return isMailToken(b, t)
	case policy.CardNumber:
		return isCardToken(b) || isTextToken(b, t)
	case policy.UUID:
		return isUUIDToken(b)
	case policy.Digits:
		return len(b) >= 6 && consists(b, isDigit) || isTextToken(b, t)
	case policy.Auto:
		return isPhoneToken(b) || isMailToken(b, t) || isTextToken(b, t)
	}
	return isTextToken(b, t)
}

func isTextToken(b []byte, t policy.Token) bool {
	b, prefixed := bytes.CutPrefix(b, []byte(t.Prefix))
	return prefixed && len(b) == t.Length && consists(b, isBase32)
}

func isMailToken(b []byte, t policy.Token) bool {
	b, suffixed := bytes.CutSuffix(b, []byte(tokenDomain))
	return suffixed && len(b) == t.Length && consists(b, isBase32)
}

func isPhoneToken(b []byte) bool {
	digits, found := bytes.CutPrefix(b, []byte(noCountry))
	return found && len(digits) >= fewestDigits && len(digits) <= mostDigits && consists(digits, isDigit)
}

// isCardToken wants the length of a card number, a first digit that no payment card of a person has, and a wrong check
// digit.
func isCardToken(b []byte) bool {
	return len(b) >= minCard && len(b) <= maxCard && consists(b, isDigit) && b[0] >= '8' && !passesLuhn(b)
}

// passesLuhn is the check of ISO/IEC 7812-1, annex B.
func passesLuhn(digits []byte) bool {
	sum := 0
	for i := range digits {
		v := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}

// isUUIDToken wants lower-case hex in groups, version 8 and the variant of RFC 9562.
func isUUIDToken(b []byte) bool {
	const form = "xxxxxxxx-xxxx-8xxx-vxxx-xxxxxxxxxxxx"
	if len(b) != len(form) {
		return false
	}
	for i, c := range b {
		switch form[i] {
		case 'x':
			if !isDigit(c) && (c < 'a' || c > 'f') {
				return false
			}
		case 'v':
			if c != '8' && c != '9' && c != 'a' && c != 'b' {
				return false
			}
		default:
			if c != form[i] {
				return false
			}
		}
	}
	return true
}

// isPermuted wants characters of the alphabet, and between them nothing that is a letter or digit.
func isPermuted(b []byte, alphabet string) bool {
	for _, r := range string(b) {
		if !strings.ContainsRune(alphabet, r) && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return false
		}
	}
	return true
}

// isBase32 is the alphabet of RFC 4648 in lower case.
func isBase32(c byte) bool { return c >= 'a' && c <= 'z' || c >= '2' && c <= '7' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func consists(b []byte, of func(byte) bool) bool {
	for _, c := range b {
		if !of(c) {
			return false
		}
	}
	return true
}
