// Package scan looks through a file for sensitive values and says in which fields they are, how many, and in which rows.
// It shows none.
package scan

import (
	"context"
	"errors"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/detect"
	"github.com/maskrail/maskrail/libs/policy"
)

// MaxRows is the most row numbers that are kept of a class in a field.
const MaxRows = 10

// Field is what was found in one field.
type Field struct {
	Field     string `json:"field"`               // its path, as messages may show it
	Treatment string `json:"treatment,omitempty"` // by the policy; empty without one, "unknown" for a field that it does not name
	Cells     int64  `json:"cells"`               // looked at: null is not among them
	// Unreadable are cells of bytes that are no text: whatever is in there, nobody can say.
	Unreadable int64   `json:"unreadable,omitempty"`
	Classes    []Class `json:"classes"`

	node *policy.Node
}

// Class is what was found of a class in a field.
type Class struct {
	Class      detect.Class `json:"class"`
	Cells      int64        `json:"cells"`      // that hold at least one
	Rows       []int64      `json:"rows"`       // the first of them, from 1
	Unexpected bool         `json:"unexpected"` // the field should hold none
	Sure       int64        `json:"sure"`       // cells in which the form proves it, not the words around
}

// Report is what was found in a file.
type Report struct {
	File   string  `json:"file"`
	Rows   int64   `json:"rows"`
	Fields []Field `json:"fields"` // every field, in the order of the file
}

// Unexpected is the number of cells with something that should not be there, by field and class.
func (r Report) Unexpected() (n int64) {
	for _, f := range r.Fields {
		for _, c := range f.Classes {
			if c.Unexpected {
				n += c.Cells
			}
		}
	}
	return n
}

// Options say how to look.
type Options struct {
	Set     *detect.Set
	Policy  *policy.Policy // nil: no field should hold anything
	Workers int            // at least 1
	// Progress is called after every batch with the rows read so far; nil is allowed.
	Progress func(rows int64)
}

// File looks through one file. name tells the format where the content does not.
func File(ctx context.Context, src columnar.Source, name string, o Options) (_ Report, err error) {
	format, codec, err := columnar.Detect(name, src)
	if err != nil {
		return Report{}, err
	}
	in := columnar.Options{Format: format, Codec: codec}
	root := &policy.Node{}
	if o.Policy != nil {
		in.CSV, root = columnar.CSV(o.Policy.CSV), o.Policy.Tree()
		if format == columnar.FormatJSONL { // what lies deeper arrives as one text otherwise
			in.Columns = declared(root)
		}
	}
	r, err := columnar.Open(src, in)
	if err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	t := &table{options: o}
	for i, f := range r.Schema().Fields() {
		t.columns = append(t.columns, t.grow(f.Type, root.Member(f.Name), show(root, f.Name, i)))
	}
	if err := columnar.Map(ctx, r, o.Workers, t.look, t.add); err != nil {
		return Report{}, err
	}
	return Report{Rows: t.rows, Fields: t.fields}, nil
}

// declared are the members of an object as columns, with texts for values.
func declared(n *policy.Node) []columnar.Column {
	var out []columnar.Column
	for _, m := range n.Members {
		var t arrow.DataType = arrow.BinaryTypes.String
		if !m.Leaf() {
			var members []arrow.Field
			for _, inner := range declared(m) {
				members = append(members, arrow.Field{Name: inner.Name, Type: inner.Type, Nullable: true})
			}
			t = arrow.StructOf(members...)
		} else if _, open := m.Fields[0].Treatment.(policy.Map); open {
			t = arrow.MapOf(arrow.BinaryTypes.String, arrow.BinaryTypes.String)
		}
		for range m.Lists {
			t = arrow.ListOf(t)
		}
		for _, name := range append([]string{m.Name}, m.Aliases...) {
			out = append(out, columnar.Column{Name: name, Type: t})
		}
	}
	return out
}

// place is where the schema has a field, or an object whose members are places.
type place struct {
	field   int // -1 for an object
	members []*place
}

// table is the file in work.
type table struct {
	options Options
	fields  []Field
	columns []*place
	rows    int64
}

// show is a member's name as messages may show it: the policy's own names whole, others only where they cannot be a value.
func show(n *policy.Node, name string, i int) string {
	if n != nil && n.Member(name) != nil {
		return policy.Path{{Name: name}}.String()
	}
	return columnar.ShowName(name, i)
}

// grow takes a type apart, down to its fields. An open map is one.
func (t *table) grow(kind arrow.DataType, n *policy.Node, path string) *place {
	switch kind := kind.(type) {
	case arrow.ListLikeType:
		if _, open := kind.(*arrow.MapType); !open {
			return t.grow(kind.Elem(), n, path+"[]")
		}
	case *arrow.StructType:
		if n != nil && n.Leaf() {
			n = nil // an object where the policy has a value
		}
		p := &place{field: -1}
		for i, f := range kind.Fields() {
			var m *policy.Node
			if n != nil {
				m = n.Member(f.Name)
			}
			p.members = append(p.members, t.grow(f.Type, m, path+"."+show(n, f.Name, i)))
		}
		return p
	}
	if n != nil && !n.Leaf() {
		n = nil // a value where the policy has an object
	}
	f := Field{Field: path, Classes: []Class{}, node: n}
	switch {
	case n != nil:
		f.Treatment = n.Treatment()
	case t.options.Policy != nil:
		f.Treatment = "unknown"
	}
	t.fields = append(t.fields, f)
	return &place{field: len(t.fields) - 1}
}

// add adds what was found in a batch.
func (t *table) add(batch arrow.RecordBatch) error {
	l, ok := batch.(*looked)
	if !ok {
		return errors.New("add batch: nobody has looked at it")
	}
	for i, f := range l.found {
		to := &t.fields[i]
		to.Cells += f.cells
		to.Unreadable += f.unreadable
		for _, c := range f.classes {
			to.add(c, t.rows)
		}
	}
	t.rows += l.NumRows()
	if t.options.Progress != nil {
		t.options.Progress(t.rows)
	}
	return nil
}

// add adds what a batch holds of a class; before is the number of rows in front of it.
func (f *Field) add(c Class, before int64) {
	at := slices.IndexFunc(f.Classes, func(known Class) bool { return known.Class == c.Class })
	if at < 0 {
		f.Classes = append(f.Classes, Class{Class: c.Class, Rows: []int64{}, Unexpected: !f.mayHold(c.Class)})
		slices.SortFunc(f.Classes, func(a, b Class) int {
			return slices.Index(detect.Classes(), a.Class) - slices.Index(detect.Classes(), b.Class)
		})
		at = slices.IndexFunc(f.Classes, func(known Class) bool { return known.Class == c.Class })
	}
	to := &f.Classes[at]
	to.Cells += c.Cells
	to.Sure += c.Sure
	for _, row := range c.Rows {
		if row += before + 1; len(to.Rows) < MaxRows && !slices.Contains(to.Rows, row) {
			to.Rows = append(to.Rows, row)
		}
	}
}

// mayHold reports whether the policy knows what to do with a class in the field: what masking takes out, or what is
// expected there.
func (f *Field) mayHold(class detect.Class) bool {
	return f.node != nil && !slices.ContainsFunc(f.node.Fields, func(p policy.Field) bool { return leaves(p, class) })
}

// leaves reports whether a treatment leaves values of a class as they are.
func leaves(f policy.Field, class detect.Class) bool {
	if f.Expect != nil && slices.Contains(f.Expect.Classes, string(class)) {
		return false
	}
	switch t := f.Treatment.(type) {
	case policy.Keep:
		return true
	case policy.Scrub:
		return len(t.Detect) > 0 && !slices.Contains(t.Detect, string(class))
	case policy.Map:
		return leaves(policy.Field{Treatment: t.Default}, class)
	}
	return false
}
