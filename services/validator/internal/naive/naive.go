// Package naive is the gate's second opinion: a few plain questions about a text, asked without cleverness and without
// a line of code in common with libs/detect, which the scrub uses. What one of the two cannot see, the other should.
//
// It strips, then counts: digits of any script become ASCII digits, signs without width vanish, percent escapes, base64
// and hex are decoded, number words become digits. Then a mail address is anything@anything.tld, a card is as many
// digits as cards have that pass the check of ISO/IEC 7812-1 whatever stands between them, a telephone number is ten digits in the
// groups that people write, and so on. What masked data is full of is silent: tokens, UUIDs, dates and times, epoch
// milliseconds, ids of digits alone.
package naive

import (
	"bytes"
	"strings"
)

// Set is a choice of shapes.
type Set uint16

// The shapes, by the classes that policies call them.
const (
	Phone Set = 1 << iota
	Email
	Card
	SSN
	IBAN
	IP
	MAC
	URL // with credentials
)

// names are those of detector classes.
var names = []string{"phone", "email", "card", "ssn", "iban", "ip", "mac", "url"}

// Shapes is how many there are.
const Shapes = 8

// All yields each shape of the set by its number, from 0 to Shapes-1.
func (s Set) All(yield func(int) bool) {
	for i := range Shapes {
		if s&(1<<i) != 0 && !yield(i) {
			return
		}
	}
}

// Name is the class of a shape by its number.
func Name(i int) string { return names[i] }

// Of is the set of the classes; those that are no shape of this package add nothing.
func Of(classes []string) (s Set) {
	for _, c := range classes {
		for i, name := range names {
			if c == name {
				s |= 1 << i
			}
		}
	}
	return s
}

// Finder looks at one text at a time. The zero value is ready; it belongs to one goroutine.
type Finder struct {
	plain, spare []byte
	out          [maxEncoded]byte
}

// Find says which shapes are in the text, in the clear or in a simple encoding.
func (f *Finder) Find(text []byte) Set {
	about := survey(text)
	if !about.interesting() {
		return 0
	}
	f.plain = f.strip(f.plain[:0], text, about)
	found := look(f.plain)
	if about.longest >= leastEncoded {
		found |= f.encoded(text)
	}
	if about.words >= leastWords {
		if f.spare = spoken(f.spare[:0], f.plain); len(f.spare) > 0 {
			found |= look(f.spare)
		}
	}
	return found
}

// look asks all questions about a text that is stripped.
func look(text []byte) (found Set) {
	for at := 0; ; at++ {
		i := bytes.IndexByte(text[at:], '@')
		if i < 0 {
			break
		}
		at += i
		found |= around(text, at)
	}
	return found | numbers(text)
}

// longestLogin is the most bytes before the at sign of a URL with credentials: a text that is nothing but at signs must
// not be read to its begin for each of them.
const longestLogin = 1 << 10

// around asks about a mail address or the credentials of a URL at an at sign.
func around(text []byte, at int) (found Set) {
	from, to := at, at+1
	for from > 0 && isLocal(text[from-1]) {
		from--
	}
	for to < len(text) && isHost(text[to]) {
		to++
	}
	host := strings.Trim(string(text[at+1:to]), ".-")
	if from < at && isDomain(host) {
		found = Email
	}
	// scheme://user:secret@host
	start := max(0, at-longestLogin)
	start += bytes.LastIndexAny(text[start:at], " \t\r\n\"'<>(),") + 1
	if _, login, ok := bytes.Cut(text[start:at], []byte("://")); ok && bytes.IndexByte(login, ':') >= 0 && bytes.IndexByte(login, '/') < 0 && to > at+1 {
		found |= URL
	}
	return found
}

// isDomain wants a name that ends in letters and is no name of tokens (RFC 2606: .invalid is nobody's).
func isDomain(host string) bool {
	dot := strings.LastIndexByte(host, '.')
	if dot < 1 {
		return false
	}
	tld := host[dot+1:]
	return len(tld) >= 2 && !strings.ContainsFunc(tld, func(r rune) bool { return r < 0x80 && !isLetter(byte(r)) && r != '-' }) &&
		!strings.EqualFold(tld, "invalid")
}

func isLocal(c byte) bool {
	return isLetter(c) || isDigit(c) || c >= 0x80 || strings.IndexByte(".!#$%&'*+/=?^_`{|}~-", c) >= 0
}

func isHost(c byte) bool { return isLetter(c) || isDigit(c) || c >= 0x80 || c == '.' || c == '-' }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
