package thrift

import (
	"bytes"
	"math"
	"testing"
)

// TestWriter: what is written is bytes of the protocol, and the reader's.
func TestWriter(t *testing.T) {
	t.Parallel()
	w := NewWriter([]byte{0xee})
	w.I32(1, -2)
	w.I16(2, 3)
	w.I64(20, math.MinInt64)
	w.Binary(21, []byte("ab"))
	w.Struct(22)
	w.I32(1, 1)
	w.Struct(3)
	w.End()
	w.I32(4, 2)
	w.End()
	w.List(23, I32, 2)
	w.I32Element(0)
	w.I32Element(-1)
	w.List(24, Struct, 15)
	for range 15 {
		w.Begin()
		w.Binary(2, nil)
		w.End()
	}
	w.I32(25, 7)
	w.End()
	want := []byte{
		0xee, 0x15, 0x03, 0x14, 0x06,
		0x06, 0x28, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01,
		0x18, 0x02, 'a', 'b',
		0x1c, 0x15, 0x02, 0x2c, 0x00, 0x15, 0x04, 0x00,
		0x19, 0x25, 0x00, 0x01,
		0x19, 0xfc, 0x0f,
	}
	want = append(want, bytes.Repeat([]byte{0x28, 0x00, 0x00}, 15)...)
	want = append(want, 0x15, 0x0e, 0x00)
	if !bytes.Equal(w.Bytes, want) {
		t.Errorf("wrote\n%x, want\n%x", w.Bytes, want)
	}
	r := NewReader(w.Bytes[1:])
	var ids []int16
	err := r.Fields(func(id int16, _ Kind) (bool, error) {
		ids = append(ids, id)
		return false, nil
	})
	if err != nil || r.Offset() != len(w.Bytes)-1 || len(ids) != 8 || ids[7] != 25 {
		t.Errorf("read the fields %v of %d bytes: %v", ids, r.Offset(), err)
	}
}

// TestWriterGoesOn: after bytes that hold the first fields.
func TestWriterGoesOn(t *testing.T) {
	t.Parallel()
	whole := NewWriter(nil)
	whole.I32(1, 5)
	part := NewWriter(bytes.Clone(whole.Bytes))
	part.Skip(1)
	for _, w := range []*Writer{whole, part} {
		w.I32(3, 6)
		w.End()
	}
	if !bytes.Equal(part.Bytes, whole.Bytes) {
		t.Errorf("%x, want %x", part.Bytes, whole.Bytes)
	}
}
