package masker

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

const mailto = "mailto:"

// address is the mail address that text is: by itself, behind mailto: (RFC 6068), or in angle brackets with a name
// before them (RFC 5322, section 3.4). It is a part of text. Whether such an address can exist is not asked.
func address(text []byte) ([]byte, bool) {
	text = bytes.TrimSpace(text)
	if n := len(text); n > 0 && text[n-1] == '>' {
		i := bytes.LastIndexByte(text, '<')
		if i < 0 {
			return nil, false
		}
		text = bytes.TrimSpace(text[i+1 : n-1])
	}
	if len(text) > len(mailto) && bytes.EqualFold(text[:len(mailto)], []byte(mailto)) {
		text, _, _ = bytes.Cut(text[len(mailto):], []byte("?"))
	}
	at := bytes.LastIndexByte(text, '@')
	if at < 0 || !isLocalPart(text[:at]) || !isDomain(text[at+1:]) {
		return nil, false
	}
	return text, true
}

// Limits of RFC 5321, section 4.5.3.1, in bytes.
const (
	maxLocalPart  = 64
	maxMailDomain = 255
)

// notInLocal are the characters that a local part has in quotes only (RFC 5322, section 3.2.3).
const notInLocal = `()<>[]:;@\,"`

func isLocalPart(b []byte) bool {
	if len(b) == 0 || len(b) > maxLocalPart {
		return false
	}
	for _, r := range string(b) {
		if r == utf8.RuneError || unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(notInLocal, r) {
			return false
		}
	}
	return true
}

// isDomain reports two labels or more, of which the last is no number: "10.0.0.1" is none.
func isDomain(b []byte) bool {
	dot := bytes.LastIndexByte(b, '.')
	if dot < 0 || len(b) > maxMailDomain {
		return false
	}
	for label := range bytes.SplitSeq(b, []byte(".")) {
		if len(label) == 0 {
			return false
		}
		for _, r := range string(label) {
			if r == utf8.RuneError || r != '-' && !unicode.In(r, unicode.L, unicode.M, unicode.Nd) {
				return false
			}
		}
	}
	return bytes.ContainsFunc(b[dot+1:], unicode.IsLetter)
}
