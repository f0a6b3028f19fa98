package validator

import (
	"slices"

	"github.com/maskrail/maskrail/libs/detect"
	"github.com/maskrail/maskrail/libs/policy"
)

// classes are all that detectors know; a column's hits are counted by place in this list.
var classes = detect.Classes()

// hits counts cells by class.
type hits [4]int64

func init() { _ = hits{}[len(classes)-1] } // a new class needs room

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
	// Numbers of 13 to 19 digits are looked at as cards; one of the two is nil.
	card, expectedCard *detect.Set
	treated            treatment // nil for one that leaves no mark
	maps               []openMap // for each of the treatments of an open map
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
	for _, f := range n.Fields {
		if t, ok := f.Treatment.(policy.Map); ok {
			c.maps = append(c.maps, d.newOpenMap(t))
		}
	}
	return c
}

// finder looks for the classes of a set, one cell at a time. It belongs to one goroutine.
type finder struct {
	spans []detect.Span
}

// in counts the classes that the set finds in text, each once.
func (f *finder) in(set *detect.Set, text []byte, into *hits) {
	if set == nil {
		return
	}
	f.spans = set.Find(f.spans[:0], text)
	if len(f.spans) == 0 {
		return
	}
	var seen [len(hits{})]bool
	for _, s := range f.spans {
		if i := slices.Index(classes, s.Class); !seen[i] {
			seen[i] = true
			into[i]++
		}
	}
}
