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
	if d, ok := c.nanp(text); ok {
		return d, true
	}
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

// nanp reads the common ways to write a number of the North American plan without the cost of a full parse. It
// gives what the parser gives, or nothing: ten digits where the region is one whose own plan it is, eleven with the
// leading 1 there or behind a plus.
func (c *canonicaliser) nanp(text []byte) ([]byte, bool) {
	if len(text) < 10 || len(text) > 24 {
		return nil, false
	}
	c.buf = append(c.buf[:0], '1')
	plus := false
	for i, b := range text {
		switch {
		case b >= '0' && b <= '9':
			c.buf = append(c.buf, b)
		case b == '+' && i == 0:
			plus = true
		case b == ' ' || b == '-' || b == '.' || b == '(' || b == ')':
		default:
			return nil, false
		}
	}
	home := c.region == "US" || c.region == "CA"
	d := c.buf[1:]
	switch {
	case len(d) == 11 && d[0] == '1' && (plus || home) && d[1] >= '2':
		return d, true
	case len(d) == 10 && !plus && home && d[0] >= '2':
		return c.buf, true
	}
	return nil, false
}
