package validator

import (
	"bytes"
	"strconv"

	"github.com/nyaruka/phonenumbers/v2"

	"github.com/maskrail/maskrail/libs/siphash"
	"github.com/maskrail/maskrail/libs/sketch"
)

// candidates looks in texts for what may be a raw value, in the canonical form that libs/sketch lays down. The code is this
// package's own: a form that the masker gets wrong is not wrong here in the same way. It belongs to one goroutine.
type candidates struct {
	*wanted
	remains
	err error // of the sketch's temporary file

	forms          *siphash.Batch // that are to be hashed
	kindOf         []sketch.Kind  // by number of the form
	waiting, found []sketch.Hash
	plain          []byte // a text without what hides characters
	form           []byte
	groups         digitGroups
	words          words
}

// wanted is what is looked for: the sketch of one object. It is not changed by use.
type wanted struct {
	set    *sketch.Set
	hasher *sketch.Hasher
	home   []byte // calling code of numbers that have none
	kinds  [sketch.Kinds]bool
	number bool // there are numbers at all
}

func newWanted(set *sketch.Set, key sketch.Key, region string) *wanted {
	w := &wanted{set: set, hasher: key.Hasher()}
	if code := phonenumbers.GetCountryCodeForRegion(region); code > 0 {
		w.home = strconv.AppendInt(nil, int64(code), 10)
	}
	for k := range sketch.Kind(sketch.Kinds) {
		w.kinds[k] = set.Count(k) > 0
		w.number = w.number || w.kinds[k] && k.Digits() > 0
	}
	return w
}

func newCandidates(w *wanted) *candidates {
	return &candidates{wanted: w, forms: w.hasher.Batch()}
}

// maxWaiting is how many candidates are hashed and looked up together.
const maxWaiting = 512

// try makes a hash a candidate.
func (c *candidates) try(h sketch.Hash) {
	if c.waiting = append(c.waiting, h); len(c.waiting) >= maxWaiting {
		c.settle()
	}
}

// tryForm tries a canonical form.
func (c *candidates) tryForm(k sketch.Kind, form []byte) {
	if !c.kinds[k] || len(form) < sketch.MinLength || len(form) > sketch.MaxLength {
		return
	}
	c.kindOf = append(c.kindOf, k)
	if c.forms.Add(form); len(c.kindOf) >= maxWaiting {
		c.settle()
	}
}

// result is what was found, and begins anew.
func (c *candidates) result() (remains, error) {
	c.settle()
	r := c.remains
	c.remains = remains{}
	return r, c.err
}

// settle looks up what waits.
func (c *candidates) settle() {
	for i, sum := range c.forms.Sums() {
		c.waiting = append(c.waiting, c.kindOf[i].Of(sum))
	}
	for _, h := range c.waiting {
		c.tried[h.Kind()]++
	}
	c.kindOf = c.kindOf[:0]
	found, err := c.set.Among(c.waiting, c.found[:0])
	if err != nil && c.err == nil {
		c.err = err
	}
	for _, h := range found {
		c.hits[h.Kind()]++
		c.note(h)
	}
	c.waiting, c.found = c.waiting[:0], found
}

// text tries all that is in a text: the whole, and what stands in it.
func (c *candidates) text(text []byte) {
	if len(text) < sketch.MinLength {
		return
	}
	marks := uint8(0)
	for _, b := range text {
		marks |= marksOf[b]
	}
	if marks&beyond != 0 {
		c.plain, marks = unhide(c.plain[:0], text)
		text = c.plain
	}
	if marks&hasDigit != 0 && c.number && !isUUID(text) { // in millions of those any number stands somewhere
		c.numbers(text)
	}
	if marks&hasAt != 0 && c.kinds[sketch.Mail] {
		c.mails(text)
	}
	if marks&hasDigit != 0 && marks&hasLetter != 0 && c.kinds[sketch.Word] {
		c.ids(text)
	}
	if marks&hasLetter != 0 && c.kinds[sketch.Name] {
		c.names(text)
	}
}

// Marks of a byte. What is beyond ASCII counts as a letter, once unhide has seen it.
const (
	hasDigit = 1 << iota
	hasLetter
	hasUpper
	hasAt
	beyond
	isSpaceMark
	inAddress // of the local part of a mail address, beside letters and digits
	inWord    // - and _, which hold an id together
)

var marksOf = func() (t [256]uint8) {
	for i := range t {
		switch b := byte(i); {
		case b >= '0' && b <= '9':
			t[i] = hasDigit
		case b >= 'a' && b <= 'z':
			t[i] = hasLetter
		case b >= 'A' && b <= 'Z':
			t[i] = hasLetter | hasUpper
		case b == '@':
			t[i] = hasAt
		case b >= 0x80:
			t[i] = hasLetter | beyond
		case b <= ' ':
			t[i] = isSpaceMark
		case b == '-' || b == '_':
			t[i] = inAddress | inWord
		case bytes.IndexByte([]byte("!#$%&'*+/=?^`{|}~."), b) >= 0:
			t[i] = inAddress
		}
	}
	return t
}()

const alnum = hasDigit | hasLetter

// mails tries what stands around every @.
func (c *candidates) mails(text []byte) {
	for at := 0; at < len(text); at++ {
		next := bytes.IndexByte(text[at:], '@')
		if next < 0 {
			return
		}
		at += next
		from, to := at, at+1
		for from > 0 && marksOf[text[from-1]]&(alnum|inAddress) != 0 {
			from--
		}
		for to < len(text) && (marksOf[text[to]]&alnum != 0 || text[to] == '-' || text[to] == '.') {
			to++
		}
		for to > at && text[to-1] == '.' { // the end of a sentence
			to--
		}
		c.form = lower(c.form[:0], text[from:to])
		c.tryForm(sketch.Mail, c.form)
		for trimmed := c.form; len(trimmed) > 0; { // a quote or equals sign in front of it can be part of an address
			i := bytes.IndexAny(trimmed, "'=/{|`*")
			if i < 0 || i > bytes.IndexByte(trimmed, '@') {
				break
			}
			trimmed = trimmed[i+1:]
			c.tryForm(sketch.Mail, trimmed)
		}
	}
}

// ids tries what stands between white space, and its parts.
func (c *candidates) ids(text []byte) {
	chunks, from := 0, -1
	for i := 0; i <= len(text); i++ {
		if i < len(text) && marksOf[text[i]]&isSpaceMark == 0 {
			if from < 0 {
				from = i
			}
			continue
		}
		if from >= 0 {
			chunks++
			c.chunk(text[from:i])
			from = -1
		}
	}
	if chunks > 1 && chunks <= 6 {
		c.id(text)
	}
}

// chunk tries a text without white space, its parts that - and _ hold together, and those that nothing does.
func (c *candidates) chunk(text []byte) {
	marks, other := uint8(0), uint8(0)
	for _, b := range text {
		m := marksOf[b]
		marks |= m
		if m&alnum == 0 {
			other |= 1
			if m&inWord == 0 {
				other |= 2
			}
		}
	}
	if marks&hasDigit == 0 || marks&hasLetter == 0 {
		return
	}
	c.id(text)
	if other&2 != 0 {
		c.parts(text, alnum|inWord, len(text))
	}
	if other != 0 {
		c.parts(text, alnum, len(text))
	}
}

// parts tries the longest stretches of characters with one of the marks.
func (c *candidates) parts(text []byte, marks uint8, whole int) {
	from := -1
	for i := 0; i <= len(text); i++ {
		if i < len(text) && marksOf[text[i]]&marks != 0 {
			if from < 0 {
				from = i
			}
			continue
		}
		if from >= 0 && i-from >= sketch.MinLength && i-from < whole {
			c.id(text[from:i])
		}
		from = -1
	}
}

// id tries letters and digits of a text, if it has both.
func (c *candidates) id(text []byte) {
	if len(text) > 2*sketch.MaxLength {
		return
	}
	c.form = c.form[:0]
	marks := uint8(0)
	for _, b := range text {
		m := marksOf[b]
		if m&alnum == 0 {
			continue
		}
		marks |= m
		if m&hasUpper != 0 {
			b |= 0x20
		}
		c.form = append(c.form, b)
	}
	if marks&hasDigit == 0 || marks&hasLetter == 0 {
		return
	}
	if marks&beyond != 0 {
		c.form = lower(nil, c.form)
	}
	c.tryForm(sketch.Word, c.form)
}
