package masker

import (
	"errors"
	"slices"

	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/services/masker/internal/document"
)

// tree treats the values inside a text that holds JSON. Members stay in their order; what is not masked stays literally,
// but for white space and for escapes that a string does not need.
type tree struct {
	top        *jsonNode
	unknown    policy.Unknown
	invalid    policy.Invalid
	conditions int
}

// jsonNode is a place in the tree of a JSON text, as the policy has it.
type jsonNode struct {
	path    string // in the policy's notation, for messages
	label   string // of a member: its name as JSON, and the colon
	lists   int    // around each value
	members map[string]*jsonNode
	aliased bool   // there is more than one name for it
	dropped bool   // it is in no output
	rules   []rule // of a value; the last is without a condition
}

func (b *jsonNode) leaf() bool { return b.members == nil }

func (tree) perValue() bool { return false }

func (tree) room(_, size int) int { return size }

// quoted is how often a text may be JSON inside a JSON string before it is an object or array.
const maxQuoted = 8

var (
	errNoTop  = errors.New("it is neither an object nor an array")
	errQuotes = errors.New("it is a JSON string of a JSON string, more than 8 deep")
)

// read takes apart a text that holds an array, an object or null, and how often it is a JSON string of that. The layers
// that it opens are the caller's to close.
func (l *layers) read(text []byte) (top document.Value, quotes int, err error) {
	for ; ; quotes++ {
		d := &l.open().document
		if err := d.Parse(text); err != nil {
			return top, quotes, err
		}
		top = d.Top()
		switch {
		case top.Nested() || top.Kind() == document.Null:
			return top, quotes, nil
		case top.Kind() != document.String:
			return top, quotes, errNoTop
		case quotes == maxQuoted:
			return top, quotes, errQuotes
		}
		text = top.Text()
	}
}

func (o tree) rewrite(s *scratch, at place, dst, value []byte) ([]byte, error) {
	defer s.layers.close(s.layers.used)
	top, quotes, err := s.layers.read(value)
	if err != nil {
		switch o.invalid {
		case policy.RedactInvalid:
			return append(dst, policy.Masked...), nil
		case policy.NullInvalid:
			return dst, errNull
		}
		return dst, faultf(ClassBadValue, "", -1, "the text is no JSON: %v: correct the source, or say json.invalid: redact or null", err)
	}
	from := len(dst)
	if dst, err = o.rewriteValue(s, at, dst, top); err != nil {
		return dst, err
	}
	for range quotes {
		dst = document.Quote(dst, from)
	}
	return dst, nil
}

func (o tree) rewriteValue(s *scratch, at place, dst []byte, value document.Value) ([]byte, error) {
	defer s.layers.close(s.layers.used)
	w := &s.layers.open().walk
	w.begin(o, s, at)
	c := rule{}
	if o.top.leaf() {
		c = w.choose(o.top)
	}
	return w.value(dst, value, o.top, o.top.lists, c)
}

// walk is the way of one goroutine through one JSON text.
type walk struct {
	tree
	s       *scratch
	at      place
	objects []document.Value // around the value, the outermost first
	met     []answer         // by condition
}

// answer is whether a condition is met in an object. It is asked once for each, so that a large object costs its size and
// not the square of it.
type answer struct {
	object document.Value
	met    bool
}

func (w *walk) begin(o tree, s *scratch, at place) {
	w.tree, w.s, w.at, w.objects = o, s, at, w.objects[:0]
	w.met = append(w.met[:0], make([]answer, o.conditions)...)
}

func (w *walk) value(dst []byte, v document.Value, b *jsonNode, lists int, c rule) ([]byte, error) {
	switch {
	case v.Kind() == document.Null:
		return append(dst, "null"...), nil
	case lists > 0:
		return w.array(dst, v, b, lists, c)
	case !b.leaf():
		return w.object(dst, v, b)
	}
	dst, err := c.json(w.s, w.at, dst, v, false)
	if err != nil {
		err = within(err, b.path)
	}
	return dst, err
}

func (w *walk) array(dst []byte, v document.Value, b *jsonNode, lists int, c rule) (_ []byte, err error) {
	if v.Kind() != document.Array {
		return dst, w.misfit(b, "the policy has a list there, and the text has none")
	}
	dst = append(dst, '[')
	begin := len(dst)
	for element := range v.Children() {
		if len(dst) > begin {
			dst = append(dst, ',')
		}
		if dst, err = w.value(dst, element, b, lists-1, c); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

func (w *walk) object(dst []byte, v document.Value, b *jsonNode) (_ []byte, err error) {
	if v.Kind() != document.Object {
		return dst, w.misfit(b, "the policy has an object there, and the text has none")
	}
	w.objects = append(w.objects, v)
	defer func() { w.objects = w.objects[:len(w.objects)-1] }()
	dst = append(dst, '{')
	begin, position := len(dst), -1
	for m := range v.Children() {
		position++
		child := b.members[string(m.Name())]
		if child != nil && child.aliased && twice(v, m, b) { // dropped or not: conditions look at it
			return dst, w.misfit(child, "it is there more than once, by its name or an alias")
		}
		switch {
		case child == nil && w.unknown == policy.DropUnknown, child != nil && child.dropped:
			continue
		case child == nil:
			return dst, faultf(ClassUnknownField, "", -1, "the member %s of %s is not named by the policy: add a field with a treatment for it, then replay the object",
				columnar.ShowName(string(m.Name()), position), b.shown())
		}
		var c rule
		if child.leaf() {
			if c = w.choose(child); c.rewriter == nil {
				continue
			}
		}
		if len(dst) > begin {
			dst = append(dst, ',')
		}
		dst = append(dst, child.label...)
		if dst, err = w.value(dst, m, child, child.lists, c); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

// twice reports that another member of the object is the same place by another name.
func twice(object, m document.Value, b *jsonNode) bool {
	for other := range object.Children() {
		if other != m && b.members[string(other.Name())] == b.members[string(m.Name())] {
			return true
		}
	}
	return false
}

func (w *walk) misfit(b *jsonNode, detail string) error {
	return faultf(ClassWrongType, "", -1, "in %s: %s", b.shown(), detail)
}

// shown is the node's place in messages.
func (b *jsonNode) shown() string {
	if b.path == "" {
		return "the text"
	}
	return b.path
}

func (w *walk) choose(b *jsonNode) rule {
	i := slices.IndexFunc(b.rules, func(c rule) bool { return c.when == nil || w.meets(c.when) })
	return b.rules[i]
}

func (w *walk) meets(c *condition) bool {
	object := w.objects[c.around]
	known := &w.met[c.number]
	if known.object != object {
		*known = answer{object, c.metIn(object)}
	}
	return known.met
}

func (c *condition) metIn(object document.Value) bool {
	v := object
	for _, names := range c.path {
		found := false
		for m := range v.Children() {
			if v.Kind() == document.Object && slices.Contains(names, string(m.Name())) {
				v, found = m, true
				break
			}
		}
		if !found {
			return false
		}
	}
	return v.Kind() != document.Null && !v.Nested() && c.has(v.Text())
}
