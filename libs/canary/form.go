package canary

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// form is a way to write a value.
type form struct {
	name  string
	write func(string) string
}

var forms = []form{
	{"plain", func(s string) string { return s }},
	{"spaced", func(s string) string { return between(strings.ReplaceAll(s, " ", ""), " ") }},
	{"zero-width", func(s string) string { return between(s, "\u200b") }},
	{"spoken", spoken},
	{"url", percent},
	{"base64", func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }},
	{"hex", func(s string) string { return hex.EncodeToString([]byte(s)) }},
}

// between writes a sign between all characters.
func between(s, sign string) string { return strings.Join(strings.Split(s, ""), sign) }

// percent writes every sign that is neither letter nor digit as RFC 3986 does.
func percent(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if isWord(c) {
			b.WriteByte(c)
		} else {
			b.WriteString("%" + strings.ToUpper(hex.EncodeToString([]byte{c})))
		}
	}
	return b.String()
}

var said = map[byte]string{
	'0': "zero", '1': "one", '2': "two", '3': "three", '4': "four", '5': "five", '6': "six", '7': "seven", '8': "eight", '9': "nine",
	'@': " at ", '.': " dot ", '-': " ", '+': "", ':': " ", '/': " slash ", ',': "",
}

// spoken writes a value as it is read out: digits one by one, signs by their names.
func spoken(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		word, sign := said[c]
		switch {
		case c >= '0' && c <= '9':
			b.WriteString(" " + word + " ")
		case sign:
			b.WriteString(word)
		default:
			b.WriteByte(c)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func isWord(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' }
