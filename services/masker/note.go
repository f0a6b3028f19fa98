package masker

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/nyaruka/phonenumbers/v2/metadata"

	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/sketch"
)

// noter brings values into the forms of libs/sketch. It belongs to one goroutine.
type noter struct {
	*Observer
	canonical *canonicaliser
	form      []byte
	plain     []byte
	words     []uint64
	letters   int         // of words
	one       sketch.Hash // of the value that note was called with, 0 for none; what else it has is added already
	recent    []sketch.Hash
	waiting   []sketch.Hash
	owners    []uint64 // sums of the batch's tenants
	entries   entries  // of the column in work
	names     nameEntries
	tally     tally // reused
}

const (
	recentHashes = 1 << 13 // which are not noted again soon
	maxNoted     = 1024    // hashes that wait
)

func (o *Observer) newNoter(region string) *noter {
	return &noter{Observer: o, canonical: newCanonicaliser(region), recent: make([]sketch.Hash, recentHashes)}
}

// keep makes a hash the value's.
func (n *noter) keep(h sketch.Hash) {
	if n.one != 0 {
		n.add(n.one)
	}
	n.one = h
}

// add notes a hash; 0 is none.
func (n *noter) add(h sketch.Hash) {
	at := &n.recent[h>>40%recentHashes]
	if *at != h && h != 0 {
		*at = h
		n.waiting = append(n.waiting, h)
	}
}

// settle hands on what was noted.
func (n *noter) settle() error {
	err := n.collector.Add(n.waiting)
	n.waiting = n.waiting[:0]
	return err
}

// note hashes a value that is neither null nor empty, into one. It returns the sum by which the value is counted, and its
// space; -1 for one that is not counted.
func (n *noter) note(w *noting, value []byte) (sum uint64, at int) {
	n.one = 0
	form := policy.TextForm
	if w.token != nil {
		form = w.token.Form()
	}
	if w.raw {
		sum = n.hasher.Sum(value)
		n.id(value)
		return sum, w.own
	}
	class := w.class
	n.form = n.form[:0]
	switch class {
	case phoneClass:
		digits, ok := n.canonical.phone(value)
		if ok {
			sum = n.hasher.Sum(digits)
			n.phone(sum, digits)
			return sum, w.own
		}
		n.form = appendText(n.form, value)
		return n.hasher.Sum(n.form), w.own
	case mailClass:
		n.form = appendEmail(n.form, value)
		sum = n.hasher.Sum(n.form)
		n.mail(sum, n.form)
		return sum, w.own
	case digitClass:
		n.form = n.canonical.append(n.form, policy.DigitsForm, value)
		sum = n.hasher.Sum(n.form)
		if len(n.form) > 0 && consistsOfDigits(n.form) && !dated10(value) {
			n.number(sum, n.form)
		}
		return sum, w.own
	case autoClass:
		var kind policy.Format
		n.form, kind = n.canonical.auto(n.form, form, value)
		sum = n.hasher.Sum(n.form)
		switch kind {
		case policy.Phone:
			n.phone(sum, n.form)
			return sum, w.phone
		case policy.Email:
			n.mail(sum, n.form)
			return sum, w.mail
		}
		switch {
		case form == policy.NameForm:
			n.name(value)
		case w.ids:
			n.id(n.form)
		}
		return sum, w.own
	case nameClass:
		n.form = n.canonical.append(n.form, policy.NameForm, value)
		sum = n.hasher.Sum(n.form)
		if bytes.IndexByte(n.form, ' ') > 0 {
			n.name(value)
		}
		return sum, w.own
	case idClass:
		n.form = n.canonical.append(n.form, form, value)
		sum = n.hasher.Sum(n.form)
		n.id(n.form)
		return sum, w.own
	case anyClass:
		n.whatever(value)
	}
	return 0, -1
}

// whatever notes a value of an unknown class where its form leaves no doubt.
func (n *noter) whatever(value []byte) {
	value = bytes.TrimSpace(value)
	switch {
	case len(value) < sketch.MinLength || len(value) > sketch.MaxLength:
	case bytes.IndexByte(value, '@') > 0:
		if a, ok := address(value); ok {
			n.form = appendEmail(n.form[:0], a)
			n.mail(n.hasher.Sum(n.form), n.form)
		}
	case value[0] == '+':
		if digits, ok := n.canonical.phone(value); ok {
			n.phone(n.hasher.Sum(digits), digits)
		}
	}
}

// phone notes a number in its E.164 form, and without its calling code where that is not the region's own.
func (n *noter) phone(sum uint64, digits []byte) {
	if home := n.canonical.home.Code(); len(home) == 0 || !bytes.HasPrefix(digits, home) { // no code begins with another
		if code := callingCode(digits); code > 0 {
			n.number(n.hasher.Sum(digits[code:]), digits[code:])
		}
	}
	n.number(sum, digits)
}

// callingCode is the length of the calling code that a number begins with, 0 for none.
func callingCode(digits []byte) int {
	code := 0
	for i := range min(3, len(digits)) {
		code = code*10 + int(digits[i]-'0')
		if _, ok := metadata.CountryCodeToRegion()[code]; ok {
			return i + 1
		}
	}
	return 0
}

// number notes digits, of which the sum is known.
func (n *noter) number(sum uint64, digits []byte) {
	if len(digits) > 0 && digits[0] == '0' {
		digits = bytes.TrimLeft(digits, "0")
		sum = n.hasher.Sum(digits)
	}
	if kind, ok := sketch.Number(len(digits)); ok && len(digits) <= sketch.MaxLength && !sketch.Placeholder(digits) {
		n.keep(kind.Of(sum))
	}
}

func (n *noter) mail(sum uint64, form []byte) {
	if len(form) >= sketch.MinLength && len(form) <= sketch.MaxLength && bytes.IndexByte(form, '@') > 0 && !sketch.Placeholder(form) {
		n.keep(sketch.Mail.Of(sum))
	}
}

// id notes an id: its digits, or its letters and digits.
func (n *noter) id(value []byte) {
	if len(value) > 2*sketch.MaxLength || dated10(value) {
		return
	}
	n.plain = n.plain[:0]
	digits, letters := 0, 0
	if ascii(value) {
		for _, c := range value {
			switch lower := c | 0x20; {
			case c-'0' <= 9:
				n.plain = append(n.plain, c)
				digits++
			case lower-'a' < 26:
				n.plain = append(n.plain, lower)
				letters++
			}
		}
		value = nil
	}
	for _, r := range string(value) {
		switch {
		case digit(r) >= 0:
			n.plain = append(n.plain, byte('0'+digit(r)))
			digits++
		case r < utf8.RuneSelf && (r|0x20) >= 'a' && (r|0x20) <= 'z':
			n.plain = append(n.plain, byte(r|0x20))
			letters++
		case r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsMark(r)):
			n.plain = utf8.AppendRune(n.plain, unicode.ToLower(r))
			letters++
		}
	}
	switch {
	case digits == 0:
	case letters == 0:
		n.number(n.hasher.Sum(n.plain), n.plain)
	case len(n.plain) >= sketch.MinLength && len(n.plain) <= sketch.MaxLength && !sketch.Placeholder(n.plain):
		if !ascii(n.plain) {
			n.plain = norm.NFKC.Append(nil, n.plain...)
		}
		n.keep(sketch.Word.Of(n.hasher.Sum(n.plain)))
	}
}

// name notes a name of two words and more: the first and the last, and all of three.
func (n *noter) name(value []byte) {
	n.words, n.letters = n.words[:0], 0
	if !n.split(value) || sketch.Placeholder(n.plain) {
		return
	}
	n.full(n.words, n.letters)
}

// full notes a name of words that are known.
func (n *noter) full(words []uint64, letters int) {
	if len(words) < 2 || letters < sketch.MinLength {
		return
	}
	n.add(sketch.Pair(words[0], words[len(words)-1]))
	if len(words) == 3 {
		n.add(sketch.Triple(words[0], words[1], words[2]))
	}
}

// maxWords is how many words a name has at most.
const maxWords = 6

// split appends the sums of a name's words, and counts the letters; plain is the words with spaces between them. It is
// false for what is no name: of too many words, or with digits.
func (n *noter) split(value []byte) bool {
	n.plain = n.plain[:0]
	text := value
	if !ascii(text) {
		text = norm.NFKD.Bytes(cases.Fold().Bytes(norm.NFKC.Bytes(text)))
	}
	from := 0
	end := func() {
		if len(n.plain) > from {
			n.words = append(n.words, n.hasher.Sum(n.plain[from:]))
			n.plain = append(n.plain, ' ')
			from = len(n.plain)
		}
	}
	for _, r := range string(text) {
		switch {
		case unicode.IsLetter(r):
			n.plain = utf8.AppendRune(n.plain, unicode.ToLower(r))
			n.letters++
		case r == '\'' || r == '-' || r == '’' || unicode.IsMark(r):
		case unicode.IsDigit(r) || r == '@':
			return false
		default:
			end()
		}
	}
	end()
	n.plain = bytes.TrimSuffix(n.plain, []byte(" "))
	return len(n.words) > 0 && len(n.words) <= maxWords
}

func consistsOfDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// dated10 reports a value that is a date: four digits, two and two, or the reverse, with a sign between them.
func dated10(value []byte) bool {
	if len(value) < 10 || len(value) > 10 && value[10] != 'T' && value[10] != ' ' {
		return false
	}
	signs := 0
	for i, c := range value[:10] {
		if c == '-' || c == '/' || c == '.' {
			if i != 2 && i != 5 && i != 4 && i != 7 {
				return false
			}
			signs++
		} else if c < '0' || c > '9' {
			return false
		}
	}
	return signs == 2
}
