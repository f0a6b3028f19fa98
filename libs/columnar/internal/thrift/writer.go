package thrift

import "encoding/binary"

// Writer appends one struct of the compact protocol to Bytes. Its fields come in
// the order of their numbers.
type Writer struct {
	Bytes []byte

	last  int16   // number of the field before
	outer []int16 // the same of the structs around
}

// NewWriter returns a writer that appends to b.
func NewWriter(b []byte) *Writer { return &Writer{Bytes: b} }

func (w *Writer) field(id int16, kind Kind) {
	if d := id - w.last; d > 0 && d <= 15 {
		w.Bytes = append(w.Bytes, byte(d)<<4|byte(kind))
	} else {
		w.Bytes = append(w.Bytes, byte(kind))
		w.Bytes = binary.AppendVarint(w.Bytes, int64(id))
	}
	w.last = id
}

// Skip says that Bytes holds the fields up to id already.
func (w *Writer) Skip(id int16) { w.last = id }

// Bool appends a field.
func (w *Writer) Bool(id int16, v bool) {
	if v {
		w.field(id, True)
	} else {
		w.field(id, False)
	}
}

// I16 appends a field.
func (w *Writer) I16(id, v int16) {
	w.field(id, I16)
	w.I32Element(int32(v))
}

// I32 appends a field.
func (w *Writer) I32(id int16, v int32) {
	w.field(id, I32)
	w.I32Element(v)
}

// I64 appends a field.
func (w *Writer) I64(id int16, v int64) {
	w.field(id, I64)
	w.Bytes = binary.AppendVarint(w.Bytes, v)
}

// Binary appends a field; a string is one.
func (w *Writer) Binary(id int16, v []byte) {
	w.field(id, Binary)
	w.BinaryElement(v)
}

// List appends the head of a list of n elements, which are to follow.
func (w *Writer) List(id int16, elements Kind, n int) {
	w.field(id, List)
	if n < 15 {
		w.Bytes = append(w.Bytes, byte(n)<<4|byte(elements))
		return
	}
	w.Bytes = append(w.Bytes, 0xf0|byte(elements))
	w.Bytes = binary.AppendUvarint(w.Bytes, uint64(n))
}

// I32Element appends an element of a list.
func (w *Writer) I32Element(v int32) { w.Bytes = binary.AppendVarint(w.Bytes, int64(v)) }

// BinaryElement appends an element of a list.
func (w *Writer) BinaryElement(v []byte) {
	w.Bytes = binary.AppendUvarint(w.Bytes, uint64(len(v)))
	w.Bytes = append(w.Bytes, v...)
}

// Struct begins a field whose own fields follow, up to End.
func (w *Writer) Struct(id int16) {
	w.field(id, Struct)
	w.Begin()
}

// Begin begins a struct that is an element of a list.
func (w *Writer) Begin() {
	w.outer = append(w.outer, w.last)
	w.last = 0
}

// End ends the struct begun last, and after them all the one that is written.
func (w *Writer) End() {
	w.Bytes = append(w.Bytes, 0)
	w.last = 0
	if n := len(w.outer); n > 0 {
		w.last, w.outer = w.outer[n-1], w.outer[:n-1]
	}
}
