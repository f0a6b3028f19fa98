package masker

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/services/masker/internal/dialplan"
	"github.com/maskrail/maskrail/services/masker/internal/surrogate"
)

// canonicaliser brings values into the canonical form of their domain, so that one person is one token however
// they are written. It is not safe for concurrent use.
type canonicaliser struct {
	region string           // of phone numbers without a country code
	home   *dialplan.Region // the same
	fold   cases.Caser
	buf    []byte
}

func newCanonicaliser(region string) *canonicaliser {
	return &canonicaliser{region: region, home: dialplan.In(region), fold: cases.Fold()}
}

// append appends the canonical form of text to dst.
func (c *canonicaliser) append(dst []byte, form policy.Form, text []byte) []byte {
	switch form {
	case policy.PhoneForm:
		digits, ok := c.phone(text)
		if ok {
			return append(dst, digits...)
		}
		return appendText(dst, text)
	case policy.EmailForm:
		return appendEmail(dst, text)
	case policy.NameForm:
		return c.appendName(dst, text)
	case policy.DigitsForm:
		if dst, ok := appendPlainDigits(dst, text); ok {
			return dst
		}
		return c.appendAnyDigits(dst, text)
	case policy.UUIDForm:
		from := len(dst)
		dst = appendText(dst, text)
		if surrogate.IsUUID(dst[from:]) {
			lowerASCII(dst[from:])
		}
		return dst
	default:
		return appendText(dst, text)
	}
}

// auto appends the canonical form of a value of any kind and tells which it is: a mail address, a telephone number, or
// a text, which is compared in the given form.
func (c *canonicaliser) auto(dst []byte, form policy.Form, text []byte) ([]byte, policy.Format) {
	if bytes.IndexByte(text, '@') >= 0 || !ascii(text) {
		from := len(dst)
		dst = appendEmail(dst, text)
		if _, ok := address(dst[from:]); ok {
			return dst, policy.Email
		}
		dst = dst[:from]
	}
	if digits, ok := c.phone(text); ok && surrogate.IsPhone(digits) {
		return append(dst, digits...), policy.Phone
	}
	return c.append(dst, form, text), policy.Text
}

// token appends what a token's value is compared by: it is equal for two values just if their tokens are.
func (c *canonicaliser) token(dst []byte, t policy.Token, value []byte) []byte {
	if t.Format != policy.Auto {
		return c.append(dst, t.Form(), value)
	}
	dst, kind := c.auto(dst, t.Form(), value)
	return append(append(dst, 0), kind...)
}

// appendText is NFKC without surrounding space.
func appendText(dst, text []byte) []byte {
	if ascii(text) {
		return append(dst, bytes.TrimSpace(text)...)
	}
	from := len(dst)
	return trim(norm.NFKC.Append(dst, text...), from)
}

// appendEmail is the mail address that text is, else the text, in lower case.
func appendEmail(dst, text []byte) []byte {
	from := len(dst)
	if dst, ok := appendPlainEmail(dst, text); ok {
		return dst
	}
	return appendAnyEmail(dst[:from], text)
}

func appendAnyEmail(dst, text []byte) []byte {
	from := len(dst)
	dst = appendText(dst, text)
	if a, ok := address(dst[from:]); ok {
		dst = append(dst[:from], a...)
	}
	if ascii(dst[from:]) {
		lowerASCII(dst[from:])
		return dst
	}
	lower := bytes.ToLower(dst[from:])
	return norm.NFKC.Append(dst[:from], lower...) // lower case can undo the normal form
}

// appendAnyDigits is the digits of a text that has no letters, else the text.
func (c *canonicaliser) appendAnyDigits(dst, text []byte) []byte {
	from := len(dst)
	dst = appendText(dst, text) // first, since it makes digits of characters that are none
	if digits, ok := onlyDigits(c.buf[:0], dst[from:]); ok {
		c.buf = digits
		return append(dst[:from], digits...)
	}
	return dst
}

// appendName is NFKC and case folding, with one space between words.
func (c *canonicaliser) appendName(dst, text []byte) []byte {
	from := len(dst)
	if dst, ok := appendPlainName(dst, text); ok {
		return dst
	}
	return c.appendAnyName(dst[:from], text)
}

// appendAnyName makes the normal form again after folding, which can undo it.
func (c *canonicaliser) appendAnyName(dst, text []byte) []byte {
	from := len(dst)
	folded := c.fold.Bytes(norm.NFKC.Bytes(text))
	dst = norm.NFKC.Append(dst, folded...)
	return singleSpaces(dst, from)
}

// singleSpaces writes every run of white space in dst[from:] as one space and drops it at both ends.
func singleSpaces(dst []byte, from int) []byte {
	to, gap := from, false
	for i := from; i < len(dst); {
		r, n := rune(dst[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(dst[i:])
		}
		if unicode.IsSpace(r) {
			gap = to > from
		} else {
			if gap {
				dst[to] = ' '
				to, gap = to+1, false
			}
			to += copy(dst[to:], dst[i:i+n])
		}
		i += n
	}
	return dst[:to]
}

// onlyDigits appends the digits of text, of any script, as ASCII. It is false when text has a letter, or no digit.
func onlyDigits(dst, text []byte) ([]byte, bool) {
	found := false
	for i := 0; i < len(text); {
		if c := text[i]; c >= '0' && c <= '9' {
			dst, found = append(dst, c), true
			i++
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		i += n
		switch d := digit(r); {
		case d >= 0:
			dst, found = append(dst, byte('0'+d)), true
		case unicode.IsLetter(r) || r == utf8.RuneError:
			return dst, false
		}
	}
	return dst, found
}

// digit is the value of a decimal digit of any script, or -1.
func digit(r rune) int {
	switch {
	case r >= '0' && r <= '9':
		return int(r - '0')
	case r < utf8.RuneSelf || !unicode.Is(unicode.Nd, r):
		return -1
	}
	// Unicode lays the digits of a script out in runs of ten. The mathematical ones are five runs on end and
	// begin at a multiple of ten behind 0x1D7CE.
	if r >= 0x1D7CE && r <= 0x1D7FF {
		return int(r-0x1D7CE) % 10
	}
	d := 0
	for d < 9 && unicode.Is(unicode.Nd, r-1) {
		r, d = r-1, d+1
	}
	return d
}

func trim(dst []byte, from int) []byte {
	t := bytes.TrimSpace(dst[from:])
	n := copy(dst[from:], t)
	return dst[:from+n]
}
