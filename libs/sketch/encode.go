package sketch

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// An encoded sketch is
//
//	"maskrail-sketch\x01"
//	the length of the sealed key in two bytes, little-endian, and the sealed key
//	for each hash, in ascending order, how much more it is than the one before, as a varint (the first: than 0)
//	a zero byte, and the number of hashes in eight bytes, little-endian
//
// No two hashes are equal, so a zero is the end. A hash of 16 million takes six bytes.
const magic = "maskrail-sketch\x01"

// maxSealed is the most bytes of a sealed key.
const maxSealed = 1 << 10

// encodedTogether is how many hashes are handed to the buffer at a time.
const encodedTogether = 1 << 10

// ErrMalformed means that bytes are no sketch, or a damaged one.
var ErrMalformed = errors.New("malformed sketch")

type encoder struct {
	w     *bufio.Writer
	last  Hash
	count uint64
}

func newEncoder(w io.Writer, sealed []byte) (*encoder, error) {
	if len(sealed) > maxSealed {
		return nil, errors.New("encode sketch: the sealed key is too long")
	}
	e := &encoder{w: bufio.NewWriterSize(w, 64<<10)}
	head := append([]byte(magic), byte(len(sealed)), byte(len(sealed)>>8))
	if _, err := e.w.Write(append(head, sealed...)); err != nil {
		return nil, fmt.Errorf("encode sketch: %w", err)
	}
	return e, nil
}

// append writes hashes in ascending order, all above those before.
func (e *encoder) append(hashes []Hash) error {
	for some := range slices.Chunk(hashes, encodedTogether) {
		b := e.w.AvailableBuffer()
		if cap(b) < len(some)*binary.MaxVarintLen64 {
			if err := e.w.Flush(); err != nil {
				return fmt.Errorf("encode sketch: %w", err)
			}
			b = e.w.AvailableBuffer()
		}
		for _, h := range some {
			b = binary.AppendUvarint(b, uint64(h-e.last))
			e.last = h
		}
		if _, err := e.w.Write(b); err != nil {
			return fmt.Errorf("encode sketch: %w", err)
		}
	}
	e.count += uint64(len(hashes))
	return nil
}

func (e *encoder) close() error {
	b := binary.LittleEndian.AppendUint64([]byte{0}, e.count)
	if _, err := e.w.Write(b); err != nil {
		return fmt.Errorf("encode sketch: %w", err)
	}
	if err := e.w.Flush(); err != nil {
		return fmt.Errorf("encode sketch: %w", err)
	}
	return nil
}

// decoder reads an encoded sketch. Its errors are ErrMalformed or the source's.
type decoder struct {
	r     *bufio.Reader
	last  Hash
	count uint64
}

func newDecoder(r io.Reader) (d *decoder, sealed []byte, err error) {
	d = &decoder{r: bufio.NewReaderSize(r, 64<<10)}
	var head [len(magic) + 2]byte
	if _, err := io.ReadFull(d.r, head[:]); err != nil {
		return nil, nil, short(err)
	}
	n := int(binary.LittleEndian.Uint16(head[len(magic):]))
	if string(head[:len(magic)]) != magic || n > maxSealed {
		return nil, nil, ErrMalformed
	}
	sealed = make([]byte, n)
	if _, err := io.ReadFull(d.r, sealed); err != nil {
		return nil, nil, short(err)
	}
	return d, sealed, nil
}

// next is the next hash, or io.EOF after the last when the sketch is whole.
func (d *decoder) next() (Hash, error) {
	more, err := binary.ReadUvarint(d.r)
	switch {
	case err != nil:
		return 0, short(err)
	case more == 0:
		return 0, d.end()
	case Hash(more) > ^d.last:
		return 0, ErrMalformed
	}
	d.last += Hash(more)
	d.count++
	return d.last, nil
}

func (d *decoder) end() error {
	var count [8]byte
	if _, err := io.ReadFull(d.r, count[:]); err != nil {
		return short(err)
	}
	if binary.LittleEndian.Uint64(count[:]) != d.count {
		return ErrMalformed
	}
	if _, err := d.r.ReadByte(); !errors.Is(err, io.EOF) {
		return errors.Join(ErrMalformed, err)
	}
	return io.EOF
}

// short tells an end that comes too early, and a varint that is none, from an error of the source.
func short(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || err.Error() == overflow {
		return ErrMalformed
	}
	return fmt.Errorf("read sketch: %w", err)
}

// overflow is how encoding/binary says that a varint has more than 64 bits; it has no value for it.
const overflow = "binary: varint overflows a 64-bit integer"
