package chunkwrite

import (
	"fmt"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// shredder divides the rows of one top-level column among its leaves, as in the
// paper on Dremel: every value, and every null or empty list above it, is an
// entry of the leaf with a definition and a repetition level.
//
// What leaves share is computed once: begin walks down to them and leaves each
// the state of its parent. What remains per leaf is its own nulls, and nothing
// where it has none or nothing else. So the two halves are apart: begin is called
// by one goroutine, and then add may be called for different leaves at the same
// time.
type shredder struct {
	root   node
	leaves []*leafNode
}

// newShredder returns the shredder of a field. The leaves are in the order of
// the file's schema.
func newShredder(field arrow.Field, leaves []*leaf) (*shredder, error) {
	s := &shredder{}
	s.root = s.node(field, 0)
	if len(leaves) != len(s.leaves) {
		return nil, fmt.Errorf("a field of %d leaves, and %d columns for them", len(s.leaves), len(leaves))
	}
	for i, l := range leaves {
		s.leaves[i].to = l
	}
	return s, nil
}

// begin takes up the rows of arr. It is borrowed until all leaves are added, or
// the next begin.
func (s *shredder) begin(arr arrow.Array) error {
	top := depth{entries: arr.Len(), open: []span{{0, arr.Len()}}}
	return s.root.shred(arr, &top)
}

// add gives leaf i its part of the rows of begin.
func (s *shredder) add(i int) error {
	sc := freeScratch.Get().(*scratch)
	defer freeScratch.Put(sc)
	l := s.leaves[i]
	defs, spans := l.levels(sc)
	arr := l.arr
	l.arr = nil // nothing of the rows is held
	return l.to.add(arr, spans, defs, l.at.reps)
}

// node is one field of the column's type.
type node interface {
	// shred computes what lies below the open slots of arr, the field's array.
	shred(arr arrow.Array, at *depth) error
}

// node builds the tree of a field that has so many lists above it.
func (s *shredder) node(f arrow.Field, lists uint8) node {
	own := presence{nullable: f.Nullable}
	switch t := storageType(f.Type).(type) {
	case *arrow.StructType:
		g := &groupNode{presence: own}
		for _, child := range t.Fields() {
			g.fields = append(g.fields, s.node(child, lists))
		}
		return g
	case arrow.ListLikeType: // a map is a list of entries
		return &listNode{presence: own, level: lists + 1, elem: s.node(t.ElemField(), lists+1)}
	}
	l := &leafNode{presence: own}
	s.leaves = append(s.leaves, l)
	return l
}

// leafTypes are the types of a field's leaves.
func leafTypes(t arrow.DataType) []arrow.DataType {
	nested, ok := storageType(t).(arrow.NestedType)
	if !ok {
		return []arrow.DataType{t}
	}
	var types []arrow.DataType
	for _, f := range nested.Fields() {
		types = append(types, leafTypes(f.Type)...)
	}
	return types
}

// storageType is what an extension type is laid down as.
func storageType(t arrow.DataType) arrow.DataType {
	for {
		e, ok := t.(arrow.ExtensionType)
		if !ok {
			return t
		}
		t = e.StorageType()
	}
}

// presence is the own part of a field: which slots of its array are not null.
type presence struct {
	nullable bool
	below    depth
}

// enter returns the state below, of the slots that are present.
func (p *presence) enter(arr arrow.Array, at *depth) (*depth, error) {
	switch {
	case !p.nullable:
		if at.anyNull(arr) {
			return nil, errNulls
		}
		return at, nil
	case nulls(arr) == 0:
		p.below.reset(at.entries, at.max+1, at.reps)
		p.below.defs, p.below.open = at.raised(), append(p.below.open, at.open...)
	default:
		p.below.reset(at.entries, at.max+1, at.reps)
		p.below.space, p.below.open = at.mark(p.below.space, p.below.open, arr)
		p.below.defs = p.below.space
	}
	return &p.below, nil
}

type groupNode struct {
	presence
	fields []node
}

func (g *groupNode) shred(arr arrow.Array, at *depth) error {
	arr = storage(arr)
	below, err := g.enter(arr, at)
	if err != nil {
		return err
	}
	for i, f := range g.fields {
		if err := f.shred(arr.(*array.Struct).Field(i), below); err != nil {
			return err
		}
	}
	return nil
}

// storage is what an extension array holds.
func storage(arr arrow.Array) arrow.Array {
	for {
		e, ok := arr.(array.ExtensionArray)
		if !ok {
			return arr
		}
		arr = e.Storage()
	}
}

// leafNode is a field with values of its own.
type leafNode struct {
	presence
	to  *leaf
	arr arrow.Array
	at  *depth // of the parent
}

// shred prepares what levels needs, which then only reads.
func (l *leafNode) shred(arr arrow.Array, at *depth) error {
	l.arr, l.at = arr, at
	switch {
	case !l.nullable:
		if at.anyNull(arr) {
			return errNulls
		}
	case nulls(arr) == 0:
		at.raised()
	default:
		at.closed()
		at.places()
	}
	return nil
}

// scratch is room for the levels of one leaf.
type scratch struct {
	defs  []uint8
	spans []span
}

var freeScratch = sync.Pool{New: func() any { return new(scratch) }}

// levels are the arguments of leaf.add for this leaf. What they return lives
// until scratch is used again.
func (l *leafNode) levels(sc *scratch) (defs []uint8, spans []span) {
	switch {
	case !l.nullable:
		return l.at.defs, l.at.open
	case nulls(l.arr) == 0:
		return l.at.raised(), l.at.open
	case nulls(l.arr) == l.arr.Len():
		return l.at.closed(), nil
	}
	sc.defs, sc.spans = l.at.mark(sc.defs, sc.spans[:0], l.arr)
	return sc.defs, sc.spans
}
