package validator

import (
	"bytes"
	mathbits "math/bits"
	"slices"

	"github.com/maskrail/maskrail/libs/detect"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/services/validator/internal/naive"
)

// classes are all that detectors know; a column's hits are counted by place in this list.
var classes = detect.Classes()

// maxClasses is room for more classes than there are.
const maxClasses = 32

// hits counts cells by class.
type hits [maxClasses]int64

func init() { _ = hits{}[len(classes)-1] }

func (h *hits) and(other hits) {
	for i, n := range other {
		h[i] += n
	}
}

// detectors are the detectors of one policy.
type detectors struct {
	region string
	plain  column            // of a column without expectations
	fields map[string]column // of those with, by path
}

// column is what looks at the cells of one column. A nil set looks for nothing.
type column struct {
	refused  *detect.Set // classes that must not be in a text
	expected *detect.Set // classes that the policy expects in it, which are counted
	// removed are the classes that the treatments take out of texts: what is found of them is refused however little it
	// rests on, that of others only when its form proves it.
	removed [maxClasses]bool
	naive   naive.Set // shapes that the policy expects
	proven  bool      // the shape of a treated cell leaves no room for a finding
	// Numbers of 13 to 19 digits are looked at as cards; one of the two is nil.
	card, expectedCard *detect.Set
	treated            treatment      // nil for one that leaves no mark
	tokens             []policy.Token // of values inside texts
	maps               []openMap      // for each of the treatments of an open map
}

func newDetectors(p *policy.Policy) (*detectors, error) {
	d := &detectors{region: p.Region, fields: map[string]column{}}
	var err error
	if d.plain, err = d.column(nil); err != nil {
		return nil, err
	}
	for _, f := range p.Fields {
		if f.Expect == nil {
			continue
		}
		classes := f.Expect.Classes
		for _, other := range p.Fields { // of another condition
			if other.Path == f.Path && other.Expect != nil {
				classes = append(slices.Clone(classes), other.Expect.Classes...)
			}
		}
		if d.fields[f.Path], err = d.column(classes); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// column compiles the detectors of a column that is expected to hold those classes. Refused and expected classes have
// a set of their own each, because of findings that overlap in one set only one is told.
func (d *detectors) column(expect []string) (c column, err error) {
	c.naive = naive.Of(expect)
	var refused, expected []detect.Class
	for _, class := range classes {
		if slices.Contains(expect, string(class)) {
			expected = append(expected, class)
		} else {
			refused = append(refused, class)
		}
	}
	if c.refused, err = d.set(refused); err != nil {
		return c, err
	}
	if c.expected, err = d.set(expected); err != nil {
		return c, err
	}
	card, err := d.set([]detect.Class{detect.Card})
	if slices.Contains(expected, detect.Card) {
		c.expectedCard = card
	} else {
		c.card = card
	}
	return c, err
}

func (d *detectors) set(classes []detect.Class) (*detect.Set, error) {
	if len(classes) == 0 {
		return nil, nil // a set of no classes would be one of all
	}
	return detect.NewSet(d.region, classes...)
}

// of is what looks at the values of a node, nil for those that the policy does not name.
func (d *detectors) of(n *policy.Node) column {
	if n == nil {
		return d.plain
	}
	c, ok := d.fields[n.Fields[0].Path]
	if !ok {
		c = d.plain
	}
	c.treated = d.treatedBy(n.Fields)
	c.proven = c.treated != nil && !slices.ContainsFunc(n.Fields, func(f policy.Field) bool { return !provesShape(f.Treatment) })
	for _, f := range n.Fields {
		c.remove(f.Treatment)
		c.hold(f)
	}
	for _, f := range n.Fields {
		if t, ok := f.Treatment.(policy.Map); ok {
			c.maps = append(c.maps, d.newOpenMap(t))
		}
	}
	return c
}

// remove notes the classes that a treatment takes out, wherever in the value.
func (c *column) remove(t policy.Treatment) {
	switch t := t.(type) {
	case policy.Scrub:
		for _, name := range t.Detect {
			if i := slices.Index(classes, detect.Class(name)); i >= 0 {
				c.removed[i] = true
			}
		}
	case policy.Map:
		c.remove(t.Default)
		for _, f := range t.Fields {
			c.remove(f.Treatment)
		}
	case policy.JSON:
		for _, f := range t.Fields {
			c.remove(f.Treatment)
		}
	}
}

// leastToken is how many characters of base32 no word has by chance: 96 bit.
const leastToken = 20

// hold notes the tokens that stand inside a text, of the forms that leave no room for a finding.
func (c *column) hold(f policy.Field) {
	if _, whole := f.Treatment.(policy.Token); whole {
		return
	}
	for t := range f.Treatments() {
		if t, ok := t.(policy.Token); ok && provesShape(t) && t.Length >= leastToken {
			c.tokens = append(c.tokens, t)
		}
	}
}

// withoutTokens appends a JSON text without the strings in it that are tokens: beside a name such as "dob", the first eight
// digits of a UUID would be taken for a date.
func (c *column) withoutTokens(dst, text []byte) []byte {
	for from := 0; from < len(text); from++ {
		n := bytes.IndexAny(text[from:], `"\\`)
		if n < 0 {
			return append(dst, text[from:]...)
		}
		part := text[from : from+n]
		quoted := n > 0 && from > 0 && text[from-1] == '"'
		if !quoted || !slices.ContainsFunc(c.tokens, func(t policy.Token) bool { return isToken(part, t) }) {
			dst = append(dst, part...)
		}
		from += n
		dst = append(dst, text[from])
	}
	return dst
}

// provesShape reports a treatment of which every cell can be told by its shape, and none of its shapes is one of a class:
// detectors need not look at what has it.
func provesShape(t policy.Treatment) bool {
	switch t := t.(type) {
	case policy.Null, policy.Redact, policy.Card, policy.Date, policy.Shift, policy.Bucket, policy.Zip3:
		return true
	case policy.Token:
		return t.Format != policy.Digits
	}
	return false
}

// finder looks for the classes of a set, one cell at a time. It belongs to one goroutine.
type finder struct {
	spans []detect.Span
	naive naive.Finder
	text  []byte // without tokens
}

// found are classes, each a bit by its place in classes.
type found struct{ sure, weak uint32 }

// in says which classes the set finds in text: those whose form proves them, and the others.
func (f *finder) in(set *detect.Set, text []byte) (out found) {
	if set == nil {
		return out
	}
	f.spans = set.Find(f.spans[:0], text)
	for _, s := range f.spans {
		bit := uint32(1) << slices.Index(classes, s.Class)
		if s.Score >= detect.Sure {
			out.sure |= bit
		} else {
			out.weak |= bit
		}
	}
	out.weak &^= out.sure
	return out
}

// judge splits what was found in a column: what must not be there, and what is only suspected.
func (c *column) judge(f found) (refused, suspected uint32) {
	if f.weak == 0 {
		return f.sure, 0
	}
	for i := range classes {
		if c.removed[i] {
			refused |= f.weak & (1 << i)
		}
	}
	return f.sure | refused, f.weak &^ refused
}

// count counts a cell for every class of bits.
func (h *hits) count(bits uint32) {
	for ; bits != 0; bits &= bits - 1 {
		h[mathbits.TrailingZeros32(bits)]++
	}
}
