package chunkwrite

import (
	"encoding/binary"
	"errors"
	"math/bits"

	"github.com/klauspost/compress/huff0"
)

// frame composes zstd frames of pages whose redundancy is known beforehand
// (RFC 8878): literals that have no matches, and in between one match of the
// same length and offset over and over. Neither is searched for.
type frame struct {
	out      []byte
	huffman  huff0.Scratch
	literals []byte
}

const (
	frameMagic  = 0xfd2fb528
	frameHead   = 2<<6 | 1<<5 // size in four bytes, one segment, no checksum
	blockMost   = 128 << 10
	blockRaw    = 0
	blockCoded  = 2
	literalsRaw = 0
	literalsRLE = 1
	literalsNew = 2 // Huffman coded, with a table
	literalsOld = 3 // with the table before

	// fewestCoded literals are Huffman coded, in four streams; fewer stay raw.
	fewestCoded = 1024
)

// compose returns the frame of a page, valid until the next call. The bytes at
// the places at..at+length of the grid's rows are the same in all rows; length 0
// is none.
func (f *frame) compose(page []byte, g grid, at, length int) []byte {
	f.begin(page)
	if length == 0 || length == g.stride {
		f.plainBlocks(page, true)
		return f.out
	}
	// A cycle is a row turned so that the common bytes come last. The first
	// begins where there is a row before it to copy from.
	start := g.from + at + length
	cycles := (len(page) - start) / g.stride
	end := start + cycles*g.stride
	f.plainBlocks(page[:start], false)
	match := sequence{literals: g.stride - length, length: length, offset: g.stride}
	// The first match names its offset, the others repeat it.
	f.cycleBlock(page[start:start+g.stride], match, false)
	match.offset = 0
	for from := start + g.stride; from < end; {
		n := min(blockMost/g.stride*g.stride, end-from)
		f.cycleBlock(page[from:from+n], match, true)
		from += n
	}
	f.plainBlocks(page[end:], true)
	return f.out
}

// store returns the frame of a page as it is, valid until the next call.
func (f *frame) store(page []byte) []byte {
	f.begin(page)
	for last := false; !last; {
		part := page[:min(len(page), blockMost)]
		page = page[len(part):]
		last = len(page) == 0
		f.rawBlock(part, last)
	}
	return f.out
}

func (f *frame) begin(page []byte) {
	f.out = binary.LittleEndian.AppendUint32(f.out[:0], frameMagic)
	f.out = append(f.out, frameHead)
	f.out = binary.LittleEndian.AppendUint32(f.out, uint32(len(page)))
	f.huffman.Reuse = huff0.ReusePolicyNone
}

// plainBlocks appends blocks of literals alone. last: they end the frame, and
// there is one if there are no bytes.
func (f *frame) plainBlocks(b []byte, last bool) {
	for len(b) > 0 || last {
		part := b[:min(len(b), blockMost)]
		b = b[len(part):]
		head := f.beginBlock()
		f.appendLiterals(part)
		f.out = append(f.out, 0) // sequences
		f.endBlock(head, part, last && len(b) == 0, true)
		if len(b) == 0 {
			return
		}
	}
}

// cycleBlock appends a block of cycles. orRaw: it may stay as it is.
func (f *frame) cycleBlock(b []byte, match sequence, orRaw bool) {
	stride := match.literals + match.length
	f.literals = f.literals[:0]
	for from := 0; from < len(b); from += stride {
		f.literals = append(f.literals, b[from:from+match.literals]...)
	}
	head := f.beginBlock()
	f.appendLiterals(f.literals)
	f.out = match.appendTo(f.out, len(b)/stride)
	f.endBlock(head, b, false, orRaw)
}

const blockHead = 3 // bytes

func (f *frame) beginBlock() (head int) {
	head = len(f.out)
	f.out = append(f.out, 0, 0, 0)
	return head
}

// endBlock ends a coded block; orRaw: it stays as it is where that is no longer.
func (f *frame) endBlock(head int, raw []byte, last, orRaw bool) {
	if orRaw && len(f.out)-head-blockHead >= len(raw) {
		f.out = f.out[:head]
		f.rawBlock(raw, last)
		f.huffman.Reuse = huff0.ReusePolicyNone // its table is not in the frame
		return
	}
	f.setHead(head, blockCoded, last)
}

func (f *frame) rawBlock(b []byte, last bool) {
	head := f.beginBlock()
	f.out = append(f.out, b...)
	f.setHead(head, blockRaw, last)
}

func (f *frame) setHead(head int, kind uint32, last bool) {
	v := uint32(len(f.out)-head-blockHead)<<3 | kind<<1
	if last {
		v |= 1
	}
	f.out[head], f.out[head+1], f.out[head+2] = byte(v), byte(v>>8), byte(v>>16)
}

func (f *frame) appendLiterals(b []byte) {
	if len(b) < fewestCoded {
		f.rawLiterals(b)
		return
	}
	coded, old, err := huff0.Compress4X(b, &f.huffman)
	switch {
	case errors.Is(err, huff0.ErrUseRLE):
		f.literalsHead(literalsRLE, len(b))
		f.out = append(f.out, b[0])
	case err != nil || len(coded) >= len(b):
		f.huffman.Reuse = huff0.ReusePolicyNone
		f.rawLiterals(b)
	default:
		kind := uint64(literalsNew)
		if old {
			kind = literalsOld
		}
		const sizeFormat = 3 // four streams, 18 bits a size
		var head [8]byte
		binary.LittleEndian.PutUint64(head[:], kind|sizeFormat<<2|uint64(len(b))<<4|uint64(len(coded))<<22)
		f.out = append(f.out, head[:5]...)
		f.out = append(f.out, coded...)
		f.huffman.Reuse = huff0.ReusePolicyAllow
	}
}

func (f *frame) rawLiterals(b []byte) {
	f.literalsHead(literalsRaw, len(b))
	f.out = append(f.out, b...)
}

// literalsHead is that of literals that are not coded: 20 bits of size.
func (f *frame) literalsHead(kind, size int) {
	v := kind | 3<<2 | size<<4
	f.out = append(f.out, byte(v), byte(v>>8), byte(v>>16))
}

// sequence is some literals, then a copy of length bytes from offset bytes
// before; offset 0 is the one of the sequence before.
type sequence struct{ literals, length, offset int }

// appendTo appends the sequences section of a block that has the sequence n
// times, and no other.
func (s sequence) appendTo(dst []byte, n int) []byte {
	switch {
	case n < 128:
		dst = append(dst, byte(n))
	case n < 0x7f00:
		dst = append(dst, byte(n>>8)+128, byte(n))
	default:
		dst = append(dst, 255, byte(n-0x7f00), byte((n-0x7f00)>>8))
	}
	literals, length, offset := literalsCode(s.literals), lengthCode(s.length), offsetCode(s.offset)
	const oneCode = 1 // each of the three tables is a single code
	dst = append(dst, oneCode<<6|oneCode<<4|oneCode<<2, literals.code, offset.code, length.code)

	// The stream is read from its end, an offset first: it is written as
	// literals, length, offset. Codes themselves take no bits.
	var (
		pattern = uint64(literals.extra) | uint64(length.extra)<<literals.bits | uint64(offset.extra)<<(literals.bits+length.bits)
		width   = literals.bits + length.bits + offset.bits
		word    uint64
		have    int
	)
	for range n {
		word |= pattern << have
		for have += width; have >= 8; have -= 8 {
			dst = append(dst, byte(word))
			word >>= 8
		}
	}
	return append(dst, byte(word|1<<have)) // a one ends the stream
}

// code is a code of RFC 8878, 3.1.1.3.2.1, and the bits that follow it.
type code struct {
	code        byte
	bits, extra int
}

// Each list has the first value of a code and the number of its extra bits.
var (
	literalsCodes = []struct{ first, bits int }{{16, 1}, {18, 1}, {20, 1}, {22, 1}, {24, 2}, {28, 2}, {32, 3}, {40, 3}, {48, 4}, {64, 6}, {128, 7}, {256, 8}, {512, 9}}
	lengthCodes   = []struct{ first, bits int }{{35, 1}, {37, 1}, {39, 1}, {41, 1}, {43, 2}, {47, 2}, {51, 3}, {59, 3}, {67, 4}, {83, 4}, {99, 5}, {131, 7}, {259, 8}, {515, 9}}
)

func literalsCode(n int) code {
	const direct = 16
	if n < direct {
		return code{code: byte(n)}
	}
	i := len(literalsCodes) - 1
	for literalsCodes[i].first > n {
		i--
	}
	return code{byte(direct + i), literalsCodes[i].bits, n - literalsCodes[i].first}
}

func lengthCode(n int) code {
	const direct, least = 32, 3
	if n < direct+least {
		return code{code: byte(n - least)}
	}
	i := len(lengthCodes) - 1
	for lengthCodes[i].first > n {
		i--
	}
	return code{byte(direct + i), lengthCodes[i].bits, n - lengthCodes[i].first}
}

// offsetCode is that of an offset, or of the last one again.
func offsetCode(n int) code {
	v := n + 3
	if n == 0 {
		v = 1
	}
	b := bits.Len(uint(v)) - 1
	return code{byte(b), b, v - 1<<b}
}
