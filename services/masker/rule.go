package masker

import (
	"errors"
	"fmt"

	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/services/masker/internal/document"
)

// rule is one treatment of a value inside a map or a JSON text. Of the rules for a value the first counts whose condition
// is met.
type rule struct {
	when     *condition // nil for always
	rewriter            // nil for drop
	clear    bool       // the value stays
	blind    bool       // the result is the same whatever the value is: an empty text, an array or an object
}

func (p *Plan) newRule(f policy.Field) (rule, error) {
	r, err := p.rewriter(f.Treatment)
	if err != nil {
		return rule{}, fmt.Errorf("%q: %w", f.Path, err)
	}
	c := rule{rewriter: r}
	switch r.(type) {
	case keep:
		c.clear = true
	case null, constant:
		c.blind = true
	}
	return c, nil
}

// condition is that another value, in the same map or the same JSON text, is one of a list. Null, what is not there, and
// arrays and objects are in no list.
type condition struct {
	in []string
	// where the value is: members, each with its other names, from the object in the place around of those that are
	// around the value under treatment, the outermost first. In a map it is one key.
	path   [][]string
	around int
	number int // of the condition in its JSON text
}

// has reports that the text is in the condition's list.
func (c *condition) has(text []byte) bool {
	for _, s := range c.in {
		if s == string(text) {
			return true
		}
	}
	return false
}

// layer is what one map or JSON text under treatment needs; one that lies in another has a layer of its own.
type layer struct {
	document document.Document
	entries  []entry
	order    []int32
	text     []byte // of values that are no text
	walk     walk
}

// layers are those of one goroutine.
type layers struct {
	all  []*layer
	used int
}

func (l *layers) open() *layer {
	if l.used == len(l.all) {
		l.all = append(l.all, &layer{})
	}
	l.used++
	return l.all[l.used-1]
}

// close ends every layer that was opened since used was as it is given.
func (l *layers) close(used int) { l.used = used }

// nestedRewriter is a rewriter that also works on arrays and objects where they stand.
type nestedRewriter interface {
	rewriter
	// rewriteValue appends the masked form of value as JSON.
	rewriteValue(s *scratch, at place, dst []byte, value document.Value) ([]byte, error)
}

// text appends what becomes of a text that is not null. An empty one stays empty, as in a column.
func (c rule) text(s *scratch, at place, dst, text []byte) ([]byte, error) {
	if len(text) == 0 && !c.blind {
		return dst, nil
	}
	return c.rewrite(s, at, dst, text)
}

// json appends what becomes of a JSON value, as JSON. A number or boolean that does not stay becomes a string, but for a
// bucket, which is a number. loose says that an array or object is a text as good as any other; otherwise it is at fault.
func (c rule) json(s *scratch, at place, dst []byte, value document.Value, loose bool) ([]byte, error) {
	if value.Kind() == document.Null {
		return append(dst, "null"...), nil
	}
	text := value.Text()
	if value.Nested() {
		if n, ok := c.rewriter.(nestedRewriter); ok {
			return n.rewriteValue(s, at, dst, value)
		}
		switch {
		case loose && c.clear:
			return value.AppendJSON(dst), nil
		case loose:
			defer s.layers.close(s.layers.used)
			l := s.layers.open()
			l.text = value.AppendJSON(l.text[:0])
			text = l.text
		case !c.blind:
			return dst, faultf(ClassWrongType, "", -1, "an array or object stands where the policy treats a single value")
		}
	}
	if c.clear && value.Kind() != document.String {
		return append(dst, text...), nil
	}
	counts := false
	if value.Kind() == document.Number {
		switch r := c.rewriter.(type) {
		case bucket:
			counts = true
		case zip3:
			r.number = true
			c.rewriter = r
		}
	}
	from := len(dst)
	dst, err := c.text(s, at, dst, text)
	if errors.Is(err, errNull) {
		return append(dst[:from], "null"...), nil
	}
	if err != nil || counts {
		return dst, err
	}
	return document.Quote(dst, from), nil
}

// within says where in a cell a value at fault stands. The place is one that the policy names.
func within(err error, place string) error {
	var bad *fault
	if !errors.As(err, &bad) {
		return err
	}
	inside := *bad
	inside.detail = fmt.Sprintf("in %s: %s", place, bad.detail)
	return &inside
}
