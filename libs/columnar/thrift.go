package columnar

import "errors"

// checkThrift walks one compact-protocol struct without building it and refuses
// what could not fit: a list or string longer than the bytes that are left,
// nesting without end. The generated reader allocates what a length claims
// before it looks for the bytes.
// Encoding: github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
func checkThrift(b []byte) error {
	w := thriftWalk{b: b}
	return w.structure(0)
}

type thriftWalk struct {
	b []byte
	i int
}

var errThrift = errors.New("the footer's structure is damaged")

const thriftDepth = 64 // Parquet's own structs nest less than ten deep

// Type codes of the compact protocol.
const (
	thriftTrue   = 1
	thriftFalse  = 2
	thriftByte   = 3
	thriftI16    = 4
	thriftI32    = 5
	thriftI64    = 6
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftMap    = 11
	thriftStruct = 12
	thriftUUID   = 13
)

func (w *thriftWalk) byte() (byte, error) {
	if w.i >= len(w.b) {
		return 0, errThrift
	}
	w.i++
	return w.b[w.i-1], nil
}

func (w *thriftWalk) varint() (uint64, error) {
	var v uint64
	for shift := 0; shift < 70; shift += 7 {
		c, err := w.byte()
		if err != nil {
			return 0, err
		}
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return v, nil
		}
	}
	return 0, errThrift
}

func (w *thriftWalk) skip(n uint64) error {
	if n > uint64(len(w.b)-w.i) {
		return errThrift
	}
	w.i += int(n)
	return nil
}

func (w *thriftWalk) structure(depth int) error {
	return w.fields(depth, func(int16, byte) (bool, error) { return false, nil })
}

// fields walks a struct. visit is called before each value but booleans, and says
// whether it has read it.
func (w *thriftWalk) fields(depth int, visit func(id int16, kind byte) (read bool, err error)) error {
	if depth > thriftDepth {
		return errThrift
	}
	var id int16
	for {
		head, err := w.byte()
		if err != nil {
			return err
		}
		kind := head & 0x0f
		if kind == 0 {
			return nil
		}
		if id += int16(head >> 4); head>>4 == 0 {
			v, err := w.varint()
			if err != nil {
				return err
			}
			id = int16(zigzag(v))
		}
		if kind == thriftTrue || kind == thriftFalse { // the value is in the header
			continue
		}
		read, err := visit(id, kind)
		if err == nil && !read {
			err = w.value(kind, depth)
		}
		if err != nil {
			return err
		}
	}
}

// zigzag is the 32-bit integer of a varint, read as the generated code reads it.
func zigzag(v uint64) int32 { return int32(uint32(v)>>1) ^ -int32(v&1) }

func (w *thriftWalk) value(kind byte, depth int) error {
	switch kind {
	case thriftTrue, thriftFalse, thriftByte:
		return w.skip(1)
	case thriftI16, thriftI32, thriftI64:
		_, err := w.varint()
		return err
	case thriftDouble:
		return w.skip(8)
	case thriftUUID:
		return w.skip(16)
	case thriftBinary:
		n, err := w.varint()
		if err != nil {
			return err
		}
		return w.skip(n)
	case thriftList, thriftSet:
		return w.list(depth)
	case thriftMap:
		return w.dict(depth)
	case thriftStruct:
		return w.structure(depth + 1)
	}
	return errThrift
}

// list ends where the bytes do, whatever it claims: an element takes a byte at
// least.
func (w *thriftWalk) list(depth int) error {
	kind, n, err := w.listHead()
	if err != nil {
		return err
	}
	if depth > thriftDepth {
		return errThrift
	}
	for range n {
		if err := w.value(kind, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (w *thriftWalk) listHead() (kind byte, n uint64, err error) {
	head, err := w.byte()
	if err != nil {
		return 0, 0, err
	}
	if n = uint64(head >> 4); n == 15 {
		n, err = w.varint()
	}
	return head & 0x0f, n, err
}

func (w *thriftWalk) dict(depth int) error {
	n, err := w.varint()
	if err != nil || n == 0 {
		return err
	}
	kinds, err := w.byte()
	if err != nil {
		return err
	}
	if depth > thriftDepth {
		return errThrift
	}
	for range n {
		if err := w.value(kinds>>4, depth+1); err != nil {
			return err
		}
		if err := w.value(kinds&0x0f, depth+1); err != nil {
			return err
		}
	}
	return nil
}
