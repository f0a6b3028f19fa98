package masker

import (
	"bytes"
	"strconv"

	"github.com/nyaruka/phonenumbers/v2"
	"golang.org/x/text/unicode/norm"
)

// maxPhoneText is the longest text that is looked at as a number, in bytes.
const maxPhoneText = 250

// phone is the number in text as E.164 digits without the plus. A text that no country's plan can read gives its
// own digits, whether or not such a number could exist. ok is false for what is no number: a text without digits,
// or with letters apart from vanity numbers and from a number inside tel: or sip:, so that names of agents or
// devices do not fall together by their digits. The digits are valid until the next call.
func (c *canonicaliser) phone(text []byte) (digits []byte, ok bool) {
	if len(text) > maxPhoneText {
		return nil, false
	}
	if c.buf, ok = c.home.Append(c.buf[:0], bytes.TrimSpace(text)); ok {
		return c.buf, true
	}
	if ascii(text) {
		inner := number(bytes.TrimSpace(text))
		if c.buf, ok = c.home.Append(c.buf[:0], inner); ok {
			return c.buf, true
		}
		if wordEarly(inner) {
			return nil, false
		}
	}
	return c.anyPhone(text)
}

// wordEarly reports a letter before the third digit: the library takes no such text for a number, and ids are often
// such. A semicolon can put more in front (RFC 3966, phone-context).
func wordEarly(s []byte) bool {
	digits := 0
	for _, c := range s {
		switch {
		case c >= '0' && c <= '9':
			if digits++; digits == 3 {
				return false
			}
		case c == 'x' || c == 'X' || c == '/' || c == '\\': // x stands between digits as a sign, and behind a stroke ends them
			return false
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			return bytes.IndexByte(s, ';') < 0
		}
	}
	return false
}

// anyPhone asks the library.
func (c *canonicaliser) anyPhone(text []byte) (digits []byte, ok bool) {
	if len(text) > maxPhoneText {
		return nil, false
	}
	s := bytes.TrimSpace(norm.NFKC.Bytes(text))
	s = number(s)
	if !leadsToDigit(s) {
		return nil, false
	}
	if n, err := phonenumbers.Parse(string(s), c.region); err == nil {
		c.buf = strconv.AppendInt(c.buf[:0], int64(n.GetCountryCode()), 10)
		c.buf = append(c.buf, phonenumbers.GetNationalSignificantNumber(n)...)
	} else if c.buf, ok = onlyDigits(c.buf[:0], s); !ok {
		return nil, false
	}
	return c.buf, true
}

// number takes the number out of a tel: or sip: address.
func number(s []byte) []byte {
	for _, scheme := range []string{"tel:", "sip:", "sips:"} {
		if len(s) > len(scheme) && bytes.EqualFold(s[:len(scheme)], []byte(scheme)) {
			s = s[len(scheme):]
			if end := bytes.IndexAny(s, "@;"); end >= 0 {
				s = s[:end]
			}
			return s
		}
	}
	return s
}

// leadsToDigit reports that nothing but signs stands before the first digit.
func leadsToDigit(s []byte) bool {
	for _, r := range string(s) {
		switch {
		case digit(r) >= 0:
			return true
		case r > 0x7f || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
			return false
		}
	}
	return false
}
