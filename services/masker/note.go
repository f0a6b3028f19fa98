package masker

import (
	"bytes"
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/siphash"
	"github.com/maskrail/maskrail/libs/sketch"
	"github.com/maskrail/maskrail/services/masker/internal/dialplan"
)

// noter brings values into the forms of libs/sketch. It belongs to one goroutine.
type noter struct {
	*Observer
	canonical *canonicaliser
	form      []byte
	plain     []byte
	words     []uint64
	letters   int // of words
	forms     *siphash.Batch
	noted     []noted // that wait for the sums of their forms
	value     noted   // in work
	recent    []sketch.Hash
	waiting   []sketch.Hash
	perTenant []bool          // by space: tokens of two tenants differ
	owners    []uint64        // sums of the batch's tenants
	tell      *noting         // of the column that is being masked, where its operator tells the forms; else nil
	heard     bool            // notes has what was told
	notes     []counted       // of that column, or of the last that was read
	count     func([]counted) // takes the notes of the column that is being masked, some at a time; nil where they stay
	entries   entries         // of the column in work
	names     nameEntries
}

// noted is a value of which the sums are still to be made.
type noted struct {
	sum, hash      int32 // numbers in forms: of what it is counted by, and of what is in the sketch; absent where it is neither
	space          int32 // in which it is counted, or absent
	record, tenant int32
	kind           sketch.Kind // of hash
}

const absent = -1

const (
	recentHashes = 1 << 13 // which are not noted again soon
	maxNoted     = 512     // values and hashes that wait
)

func (o *Observer) newNoter(p *Plan) *noter {
	n := &noter{Observer: o, canonical: newCanonicaliser(p.policy.Region), forms: o.hasher.Batch(), recent: make([]sketch.Hash, recentHashes)}
	for _, s := range p.spaces {
		n.perTenant = append(n.perTenant, s.scope == policy.TenantScope)
	}
	return n
}

// keep puts a form into the sketch, as the value's. One that the value has already is noted by itself.
func (n *noter) keep(k sketch.Kind, form int32) {
	if n.value.hash != absent {
		n.noted = append(n.noted, noted{sum: absent, hash: n.value.hash, space: absent, kind: n.value.kind})
	}
	n.value.hash, n.value.kind = form, k
}

// sum makes a form one of those that are hashed, and returns its number.
func (n *noter) sum(form []byte) int32 { return int32(n.forms.Add(form)) }

// resolve makes the sums of what was noted: notes of what is counted, and hashes of all else.
func (n *noter) resolve() error {
	sums := n.forms.Sums()
	for i := range n.noted {
		v := &n.noted[i]
		var h sketch.Hash
		if v.hash != absent {
			h = v.kind.Of(sums[v.hash])
		}
		if v.space == absent {
			n.add(h)
			continue
		}
		n.notes = append(n.notes, counted{n.owned(v.space, sums[v.sum], v.tenant), h, v.record, v.space})
	}
	n.noted = n.noted[:0]
	if n.count != nil {
		n.count(n.notes)
		n.notes = n.notes[:0]
	}
	if len(n.waiting) >= maxNoted {
		return n.settle()
	}
	return nil
}

// add notes a hash; 0 is none.
func (n *noter) add(h sketch.Hash) {
	at := &n.recent[h>>40%recentHashes]
	if *at != h && h != 0 {
		*at = h
		n.waiting = append(n.waiting, h)
	}
}

// settle hands on the hashes that are in no note.
func (n *noter) settle() error {
	err := n.collector.Add(n.waiting)
	n.waiting = n.waiting[:0]
	return err
}

// formed is a canonical form, and what kind of value it is where a field can have several: a telephone number, or a mail address in a
// field of the format auto. It is valid as long as what it was made in.
type formed struct {
	form []byte
	kind policy.Format // Phone, Email, or Text for all else
}

// inForm brings a value that is neither null nor empty into its form, and notes it.
func (n *noter) inForm(w *noting, value []byte) {
	f := formed{kind: policy.Text}
	switch {
	case w.raw:
		f.form = value
	case w.class == phoneClass:
		digits, ok := n.canonical.phone(value)
		if ok {
			f = formed{digits, policy.Phone}
			break
		}
		n.form = appendText(n.form[:0], value)
		f.form = n.form
	case w.class == autoClass:
		n.form, f.kind = n.canonical.auto(n.form[:0], w.form, value)
		f.form = n.form
	case w.class == anyClass:
		n.value = noted{sum: absent, hash: absent, space: absent}
		n.whatever(value)
		return
	case w.class == noClass:
		n.value = noted{sum: absent, hash: absent, space: absent}
		return
	default:
		form := w.form
		switch w.class {
		case mailClass:
			form = policy.EmailForm
		case digitClass:
			form = policy.DigitsForm
		case nameClass:
			form = policy.NameForm
		}
		n.form = n.canonical.append(n.form[:0], form, value)
		f.form = n.form
	}
	n.note(w, value, f)
}

// note makes a value the one in work, by its form.
func (n *noter) note(w *noting, value []byte, f formed) {
	sum := n.sum(f.form)
	n.value = noted{sum: sum, hash: absent, space: int32(w.own)}
	switch w.class {
	case phoneClass:
		if f.kind == policy.Phone {
			n.phone(sum, f.form)
		}
	case mailClass:
		n.mail(sum, f.form)
	case digitClass:
		if len(f.form) > 0 && consistsOfDigits(f.form) && !dated10(value) {
			n.number(sum, f.form)
		}
	case idClass:
		n.id(sum, f.form)
	case nameClass:
		if bytes.IndexByte(f.form, ' ') > 0 {
			n.name(value)
		}
	case autoClass:
		switch {
		case f.kind == policy.Phone:
			n.phone(sum, f.form)
			n.value.space = int32(w.phone)
		case f.kind == policy.Email:
			n.mail(sum, f.form)
			n.value.space = int32(w.mail)
		case w.form == policy.NameForm:
			n.name(value)
		case w.ids:
			n.id(sum, f.form)
		}
	}
}

// whatever notes a value of an unknown class where its form leaves no doubt.
func (n *noter) whatever(value []byte) {
	value = bytes.TrimSpace(value)
	switch {
	case len(value) < sketch.MinLength || len(value) > sketch.MaxLength:
	case bytes.IndexByte(value, '@') > 0:
		if a, ok := address(value); ok {
			n.form = appendEmail(n.form[:0], a)
			n.mail(n.sum(n.form), n.form)
		}
	case value[0] == '+':
		if digits, ok := n.canonical.phone(value); ok {
			n.phone(n.sum(digits), digits)
		}
	}
}

// phone notes a number in its E.164 form, and without its calling code where that is not the region's own.
func (n *noter) phone(sum int32, digits []byte) {
	if home := n.canonical.home.Code(); len(home) == 0 || !bytes.HasPrefix(digits, home) { // no code begins with another
		if code := dialplan.CodeLength(digits); code > 0 {
			n.number(n.sum(digits[code:]), digits[code:])
		}
	}
	n.number(sum, digits)
}

// number notes digits, which are a form that is hashed.
func (n *noter) number(sum int32, digits []byte) {
	if len(digits) > 0 && digits[0] == '0' {
		digits = bytes.TrimLeft(digits, "0")
		sum = n.sum(digits)
	}
	if kind, ok := sketch.Number(len(digits)); ok && len(digits) <= sketch.MaxLength && !sketch.Placeholder(digits) {
		n.keep(kind, sum)
	}
}

func (n *noter) mail(sum int32, form []byte) {
	if len(form) >= sketch.MinLength && len(form) <= sketch.MaxLength && bytes.IndexByte(form, '@') > 0 && !sketch.Placeholder(form) {
		n.keep(sketch.Mail, sum)
	}
}

// id notes an id, which is a form that is hashed: its digits, or its letters and digits.
func (n *noter) id(sum int32, value []byte) {
	if len(value) > 2*sketch.MaxLength || dated10(value) {
		return
	}
	digits, letters := n.plainID(value)
	switch {
	case !digits:
	case !letters:
		n.number(n.sumOf(n.plain, sum, value), n.plain)
	case len(n.plain) >= sketch.MinLength && len(n.plain) <= sketch.MaxLength && !sketch.Placeholder(n.plain):
		if !ascii(n.plain) {
			n.plain = norm.NFKC.Append(nil, n.plain...)
		}
		n.keep(sketch.Word, n.sumOf(n.plain, sum, value))
	}
}

// sumOf is the number of a form that may be equal to one that has a number.
func (n *noter) sumOf(form []byte, sum int32, known []byte) int32 {
	if bytes.Equal(form, known) {
		return sum
	}
	return n.sum(form)
}

// plainID makes plain the letters and digits of an id, and says which of them there are.
func (n *noter) plainID(value []byte) (digits, letters bool) {
	if ascii(value) {
		return n.plainASCII(value)
	}
	n.plain = n.plain[:0]
	for _, r := range string(value) {
		switch {
		case digit(r) >= 0:
			n.plain = append(n.plain, byte('0'+digit(r)))
			digits = true
		case r < utf8.RuneSelf && (r|0x20) >= 'a' && (r|0x20) <= 'z':
			n.plain = append(n.plain, byte(r|0x20))
			letters = true
		case r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsMark(r)):
			n.plain = utf8.AppendRune(n.plain, unicode.ToLower(r))
			letters = true
		}
	}
	return digits, letters
}

// idASCII is what an id keeps of an ASCII character, in lower case, and 0 for what it leaves out.
var idASCII = func() (t [256]byte) {
	for c := range byte(utf8.RuneSelf) {
		switch lower := c | 0x20; {
		case c-'0' <= 9:
			t[c] = c
		case lower-'a' < 26:
			t[c] = lower
		}
	}
	return t
}()

// plainASCII is plainID for ASCII.
func (n *noter) plainASCII(value []byte) (digits, letters bool) {
	n.plain = slices.Grow(n.plain[:0], len(value))[:len(value)]
	to, marks := 0, byte(0)
	for _, c := range value { // what it is nobody could foretell, so there is no branch
		kept := idASCII[c]
		n.plain[to] = kept
		some := (kept | -kept) >> 7 // 1 where it is kept
		to += int(some)
		marks |= 1 << (kept >> 6) & (some | some<<1) // 1 for digits, 2 for letters
	}
	n.plain = n.plain[:to]
	return marks&1 != 0, marks&2 != 0
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
