// Package thrift reads the compact protocol in which Parquet keeps its footer
// and page headers, without building anything and without believing a length.
// Encoding: github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
package thrift

import "errors"

// ErrDamaged says that the bytes are not a struct of the compact protocol.
var ErrDamaged = errors.New("the structure is damaged")

// Kind is the type of a value, as the protocol numbers it.
type Kind byte

// The kinds. A boolean field has its value in its kind.
const (
	True   Kind = 1
	False  Kind = 2
	Byte   Kind = 3
	I16    Kind = 4
	I32    Kind = 5
	I64    Kind = 6
	Double Kind = 7
	Binary Kind = 8
	List   Kind = 9
	Set    Kind = 10
	Map    Kind = 11
	Struct Kind = 12
	UUID   Kind = 13
)

const maxDepth = 64 // Parquet's own structs nest less than ten deep

// Reader walks bytes from their first to their last. It refuses what could not
// fit: a list or string longer than the bytes that are left, nesting without
// end.
type Reader struct {
	b     []byte
	i     int
	depth int // structs and lists that are open
}

// NewReader returns a reader at the first byte of b, which it does not copy.
func NewReader(b []byte) *Reader { return &Reader{b: b} }

// Offset is the number of bytes that were read.
func (r *Reader) Offset() int { return r.i }

// Byte reads one byte.
func (r *Reader) Byte() (byte, error) {
	if r.i >= len(r.b) {
		return 0, ErrDamaged
	}
	r.i++
	return r.b[r.i-1], nil
}

// Varint reads an unsigned number of up to ten bytes; bits above the 64th are
// lost, as in the generated code.
func (r *Reader) Varint() (uint64, error) {
	var v uint64
	for shift := 0; shift < 70; shift += 7 {
		c, err := r.Byte()
		if err != nil {
			return 0, err
		}
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return v, nil
		}
	}
	return 0, ErrDamaged
}

// I32 reads a number of kind I16 or I32, cut to 32 bits as the generated code
// cuts it.
func (r *Reader) I32() (int32, error) {
	v, err := r.Varint()
	return int32(uint32(v)>>1) ^ -int32(v&1), err
}

// I64 reads a number of kind I64.
func (r *Reader) I64() (int64, error) {
	v, err := r.Varint()
	return int64(v>>1) ^ -int64(v&1), err
}

func (r *Reader) skip(n uint64) error {
	if n > uint64(len(r.b)-r.i) {
		return ErrDamaged
	}
	r.i += int(n)
	return nil
}

// Fields reads a struct. visit is called before each value and says whether it
// has read it; of a boolean nothing is left to read.
func (r *Reader) Fields(visit func(id int16, kind Kind) (read bool, err error)) error {
	if err := r.open(); err != nil {
		return err
	}
	defer r.close()
	var id int16
	for {
		head, err := r.Byte()
		if err != nil {
			return err
		}
		kind := Kind(head & 0x0f)
		if kind == 0 {
			return nil
		}
		if id += int16(head >> 4); head>>4 == 0 {
			v, err := r.I32()
			if err != nil {
				return err
			}
			id = int16(v)
		}
		read, err := visit(id, kind)
		if err == nil && !read && kind != True && kind != False {
			err = r.Value(kind)
		}
		if err != nil {
			return err
		}
	}
}

// Struct reads a struct and looks at none of its fields.
func (r *Reader) Struct() error {
	return r.Fields(func(int16, Kind) (bool, error) { return false, nil })
}

// Value reads a value and drops it. Here a boolean is an element of a list, and
// takes a byte.
func (r *Reader) Value(kind Kind) error {
	switch kind {
	case True, False, Byte:
		return r.skip(1)
	case I16, I32, I64:
		_, err := r.Varint()
		return err
	case Double:
		return r.skip(8)
	case UUID:
		return r.skip(16)
	case Binary:
		n, err := r.Varint()
		if err != nil {
			return err
		}
		return r.skip(n)
	case List, Set:
		return r.list()
	case Map:
		return r.dict()
	case Struct:
		return r.Struct()
	}
	return ErrDamaged
}

// ListHead reads the head of a list or set of n elements, which follow.
func (r *Reader) ListHead() (kind Kind, n uint64, err error) {
	head, err := r.Byte()
	if err != nil {
		return 0, 0, err
	}
	if n = uint64(head >> 4); n == 15 {
		n, err = r.Varint()
	}
	return Kind(head & 0x0f), n, err
}

// list ends where the bytes do, whatever it claims: an element takes a byte at
// least.
func (r *Reader) list() error {
	kind, n, err := r.ListHead()
	if err != nil {
		return err
	}
	if err := r.open(); err != nil {
		return err
	}
	defer r.close()
	for range n {
		if err := r.Value(kind); err != nil {
			return err
		}
	}
	return nil
}

func (r *Reader) dict() error {
	n, err := r.Varint()
	if err != nil || n == 0 {
		return err
	}
	kinds, err := r.Byte()
	if err != nil {
		return err
	}
	if err := r.open(); err != nil {
		return err
	}
	defer r.close()
	for range n {
		if err := r.Value(Kind(kinds >> 4)); err != nil {
			return err
		}
		if err := r.Value(Kind(kinds & 0x0f)); err != nil {
			return err
		}
	}
	return nil
}

func (r *Reader) open() error {
	if r.depth > maxDepth {
		return ErrDamaged
	}
	r.depth++
	return nil
}

func (r *Reader) close() { r.depth-- }
