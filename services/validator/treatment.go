package validator

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/maskrail/maskrail/libs/policy"
)

// treatment tells whether a cell that is not null looks as its treatment leaves it. Detectors know numbers and
// addresses; this is what finds a name in a column of tokens.
type treatment func(text []byte) bool

// treatmentOf is nil for the treatments that leave no mark: keep and scrub.
func treatmentOf(t policy.Treatment) treatment {
	switch t := t.(type) {
	case policy.Null:
		return func([]byte) bool { return false }
	case policy.Redact:
		return func(b []byte) bool { return len(b) == 0 || string(b) == t.With }
	case policy.Mask:
		char, _ := utf8.DecodeRuneInString(t.Char)
		return func(b []byte) bool { return isMasked(b, char, t.First, t.Last) }
	case policy.Token:
		return func(b []byte) bool { return isToken(b, t) }
	case policy.Card:
		return func(b []byte) bool { return isCard(b, t.Keep) }
	case policy.Date:
		return func(b []byte) bool { return isTruncated(b, t.Truncate) }
	}
	return nil
}

// isMasked wants char everywhere but in the first and last characters, and there too in a short text.
func isMasked(b []byte, char rune, first, last int) bool {
	n := utf8.RuneCount(b)
	if n <= first+last {
		first, last = 0, 0
	}
	for i := 0; len(b) > 0; i++ {
		r, size := utf8.DecodeRune(b)
		if i >= first && i < n-last && r != char {
			return false
		}
		b = b[size:]
	}
	return true
}

const (
	tokenDomain  = "@masked.invalid"
	noCountry    = "+999" // E.164 assigns it to nobody
	fewestDigits = 12
	mostDigits   = 20 // room for what injectivity needs
)

func isToken(b []byte, t policy.Token) bool {
	if len(b) == 0 {
		return true
	}
	if t.Format == policy.Phone && bytes.HasPrefix(b, []byte(noCountry)) {
		digits := b[len(noCountry):]
		return len(digits) >= fewestDigits && len(digits) <= mostDigits && consists(digits, isDigit)
	}
	suffix := ""
	if t.Format == policy.Email {
		suffix = tokenDomain
	}
	b, prefixed := bytes.CutPrefix(b, []byte(t.Prefix))
	b, suffixed := bytes.CutSuffix(b, []byte(suffix))
	return prefixed && suffixed && len(b) == t.Length && consists(b, isBase32)
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

// isCard wants stars, and digits only where the policy shows some.
func isCard(b []byte, keep policy.CardKeep) bool {
	first, last := 0, 0
	switch keep {
	case policy.KeepLast4:
		last = 4
	case policy.KeepFirst6Last:
		first, last = 6, 4
	}
	for i, c := range b {
		if c != '*' && (!isDigit(c) || i >= first && i < len(b)-last) {
			return false
		}
	}
	return len(b) == 0 || bytes.IndexByte(b, '*') >= 0
}

// isTruncated wants the first day of the unit, and midnight.
func isTruncated(b []byte, unit policy.Unit) bool {
	if len(b) == 0 {
		return true
	}
	day, clock := string(b), ""
	if i := strings.IndexAny(day, "T "); i >= 0 {
		day, clock = day[:i], day[i+1:]
	}
	want := map[policy.Unit]string{policy.Year: "-01-01", policy.Month: "-01"}[unit]
	if !strings.HasSuffix(day, want) || len(day) < len("2006-01-02") || !consists([]byte(day), isDay) {
		return false
	}
	if i := strings.IndexAny(clock, "Z+-"); i >= 0 {
		clock = clock[:i]
	}
	return consists([]byte(clock), func(c byte) bool { return c == '0' || c == ':' || c == '.' || c == ',' })
}

func isDay(c byte) bool { return isDigit(c) || c == '-' || c == '+' }
