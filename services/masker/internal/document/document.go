// Package document takes JSON texts apart and puts them together again: strictly, because a text that two readers
// understand differently can carry what one of them never saw, and without changing what is not touched.
package document

import (
	"bytes"
	"iter"
	"slices"
)

// Kind is the kind of a value.
type Kind uint8

// The kinds.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// Document is a JSON text taken apart. It is meant to be used again and again, so that no value costs an allocation, and
// is not safe for concurrent use.
type Document struct {
	text    []byte
	nodes   []node  // the values in the order of the text; 0 is the top
	decoded []byte  // the strings that have escapes
	order   []int32 // the members of one object, while it is looked for a name that is there twice
}

// node is a value: 32 bytes.
type node struct {
	name span  // of a member
	at   span  // the literal, or what a string says; nothing for arrays and objects
	next int32 // the node behind the value and all that is in it
	kind Kind
}

// span is a part of the text, or of the decoded strings.
type span struct {
	from, to int32
	decoded  bool
}

func (d *Document) bytes(s span) []byte {
	if s.decoded {
		return d.decoded[s.from:s.to]
	}
	return d.text[s.from:s.to]
}

// Value is a value of a document, valid until the document's next Parse. Two are equal when they are the same place of the
// same document.
type Value struct {
	doc *Document
	at  int32
}

// Top is the value that the text is.
func (d *Document) Top() Value { return Value{d, 0} }

func (v Value) node() *node { return &v.doc.nodes[v.at] }

// Kind is the value's kind.
func (v Value) Kind() Kind { return v.node().kind }

// Nested reports an array or object.
func (v Value) Nested() bool { return v.Kind() >= Array }

// Name is the name under which the value is a member of an object, as the text means it, without escapes.
func (v Value) Name() []byte { return v.doc.bytes(v.node().name) }

// Text is what a string says, and the literal of a number, a boolean or null. It is empty for arrays and objects.
func (v Value) Text() []byte { return v.doc.bytes(v.node().at) }

// Children yields the elements of an array or the members of an object, in their order.
func (v Value) Children() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		if !v.Nested() {
			return
		}
		for i, end := v.at+1, v.node().next; i < end; i = v.doc.nodes[i].next {
			if !yield(Value{v.doc, i}) {
				return
			}
		}
	}
}

// maxPairs is up to how many members every two names are compared.
const maxPairs = 8

// repeats reports that an object has two members of one name.
func (d *Document) repeats(object int32) bool {
	names := d.order[:0]
	for m := range (Value{d, object}).Children() {
		names = append(names, m.at)
	}
	d.order = names
	name := func(i int32) []byte { return d.bytes(d.nodes[i].name) }
	if len(names) <= maxPairs {
		for i := range names {
			for j := range i {
				if bytes.Equal(name(names[i]), name(names[j])) {
					return true
				}
			}
		}
		return false
	}
	slices.SortFunc(names, func(a, b int32) int { return bytes.Compare(name(a), name(b)) })
	for i := range names[1:] {
		if bytes.Equal(name(names[i]), name(names[i+1])) {
			return true
		}
	}
	return false
}
