package chunkwrite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sort"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/parquet"
)

// texts is the store of BYTE_ARRAY columns.
type texts struct {
	in     textSlots
	widths []int32 // offsets of a large array, as in.offsets

	lengths []int32
	data    []byte

	entries  bytesDictionary
	held     arrow.ArrayData // the dictionary that numbers translates
	numbers  []int32         // of the entries of held; -1 = not used yet
	extremes *textExtent     // nil: none are wanted
}

// textSlots are the values that spans index.
type textSlots struct {
	offsets []int32 // of entry i: data[offsets[i]:offsets[i+1]]
	data    []byte
	codes   []int32 // the entry of a slot; nil: its own
}

func (t *textSlots) entry(i int32) []byte { return t.data[t.offsets[i]:t.offsets[i+1]] }

var errTextSize = errors.New("more than 2 GiB of text in one column of a batch: use smaller batches")

func (t *texts) bind(arr arrow.Array, _ []span) error {
	switch a := arr.(type) {
	case *array.Dictionary:
		return t.bindDictionary(a)
	case array.ExtensionArray:
		return t.bind(a.Storage(), nil)
	case *array.String:
		t.in = textSlots{offsets: a.ValueOffsets(), data: textBytes(a)}
	case *array.Binary:
		t.in = textSlots{offsets: a.ValueOffsets(), data: textBytes(a)}
	case *array.LargeString:
		return t.bindLarge(a, a.ValueOffsets())
	case *array.LargeBinary:
		return t.bindLarge(a, a.ValueOffsets())
	default:
		return fmt.Errorf("values of type %s in a column of text", arr.DataType())
	}
	return nil
}

func textBytes(arr arrow.Array) []byte {
	if b := arr.Data().Buffers()[2]; b != nil {
		return b.Bytes()
	}
	return nil
}

func (t *texts) bindLarge(arr arrow.Array, offsets []int64) error {
	t.in = textSlots{offsets: []int32{0}}
	if len(offsets) == 0 {
		return nil
	}
	base := offsets[0]
	if offsets[len(offsets)-1]-base > math.MaxInt32 {
		return errTextSize
	}
	t.widths = t.widths[:0]
	for _, o := range offsets {
		t.widths = append(t.widths, int32(o-base))
	}
	t.in = textSlots{offsets: t.widths, data: textBytes(arr)[base:]}
	return nil
}

// bindDictionary keeps the numbers of entries while the dictionary is the same.
// It is held for as long, so that no other can take its place in memory.
func (t *texts) bindDictionary(arr *array.Dictionary) error {
	codes, ok := arr.Indices().(*array.Int32)
	if !ok {
		return fmt.Errorf("dictionary indices of type %s: use int32", arr.Indices().DataType())
	}
	if err := t.bind(arr.Dictionary(), nil); err != nil {
		return err
	}
	t.in.codes = codes.Int32Values()
	held := arr.Data().Dictionary()
	if t.held == held {
		return nil
	}
	t.letGo()
	held.Retain()
	t.held = held
	t.numbers = t.numbers[:0]
	for range held.Len() {
		t.numbers = append(t.numbers, -1)
	}
	return nil
}

func (t *texts) letGo() {
	if t.held != nil {
		t.held.Release()
		t.held = nil
	}
}

func (t *texts) replay(numbers []uint32) (restore func()) {
	before := t.in
	codes := make([]int32, len(numbers))
	for i, n := range numbers {
		codes[i] = int32(n)
	}
	t.in = textSlots{offsets: t.entries.offsets, data: t.entries.data, codes: codes}
	return func() { t.in = before }
}

func (t *texts) reset() {
	t.letGo()
	t.in = textSlots{}
	t.lengths, t.data = t.lengths[:0], t.data[:0]
	t.entries.reset()
	t.extremes = nil
}

func (t *texts) put(s span) {
	if t.in.codes != nil {
		for _, c := range t.in.codes[s.from:s.to] {
			v := t.in.entry(c)
			t.lengths = append(t.lengths, int32(len(v)))
			t.data = append(t.data, v...)
		}
		return
	}
	if s.from == s.to {
		return
	}
	offsets := t.in.offsets[s.from : s.to+1]
	last := offsets[0]
	t.data = append(t.data, t.in.data[last:offsets[len(offsets)-1]]...)
	for _, o := range offsets[1:] {
		t.lengths = append(t.lengths, o-last)
		last = o
	}
}

const lengthBytes = 4 // of a text in PLAIN encoding

func (t *texts) fit(s span, room int) (n, size int) {
	n = s.to - s.from
	if t.in.codes != nil {
		for i, c := range t.in.codes[s.from:s.to] {
			if size += int(t.in.offsets[c+1]-t.in.offsets[c]) + lengthBytes; size >= room {
				return i + 1, size
			}
		}
		return n, size
	}
	taken := func(n int) int { return int(t.in.offsets[s.from+n]-t.in.offsets[s.from]) + n*lengthBytes }
	if taken(n) >= room {
		n = 1 + sort.Search(n-1, func(i int) bool { return taken(i+1) >= room })
	}
	return n, taken(n)
}

func (t *texts) size() int { return len(t.data) + len(t.lengths)*lengthBytes }

func (t *texts) encoding() parquet.Encoding {
	if len(t.lengths) == 0 {
		return parquet.Encodings.Plain // no values, no lengths: nothing for a reader to stumble over
	}
	return parquet.Encodings.DeltaLengthByteArray
}

func (t *texts) appendPage(dst []byte) ([]byte, grid) {
	if len(t.lengths) == 0 {
		return dst, grid{}
	}
	if t.extremes != nil {
		t.extremes.learn(t.data, t.lengths)
	}
	dst = appendDeltas(dst, t.lengths)
	g := grid{from: len(dst), stride: oneLength(t.lengths)}
	dst = append(dst, t.data...)
	t.lengths, t.data = t.lengths[:0], t.data[:0]
	return dst, g
}

// oneLength is the length that all texts have but for those that are empty, or 0.
func oneLength(lengths []int32) int {
	var one int32
	for _, n := range lengths {
		if n != one && n != 0 {
			if one != 0 {
				return 0
			}
			one = n
		}
	}
	return int(one)
}

func (t *texts) number(dst []uint32, s span, size int) []uint32 {
	if t.in.codes != nil { // of an Arrow dictionary: what is replayed is laid out
		return t.translate(dst, s, size)
	}
	for i := s.from; i < s.to; i++ {
		n, isNew := t.entries.number(t.in.entry(int32(i)))
		dst = append(dst, n)
		if isNew && t.dictionarySize() >= size {
			break
		}
	}
	return dst
}

// translate numbers slots of an Arrow dictionary: each used entry is looked up
// once.
func (t *texts) translate(dst []uint32, s span, size int) []uint32 {
	numbers := t.numbers
	for _, c := range t.in.codes[s.from:s.to] {
		n := numbers[c]
		if n < 0 {
			number, isNew := t.entries.number(t.in.entry(c))
			n = int32(number)
			numbers[c] = n
			if isNew && t.dictionarySize() >= size {
				return append(dst, number)
			}
		}
		dst = append(dst, uint32(n))
	}
	return dst
}

func (t *texts) len() int { return t.entries.len() }

func (t *texts) dictionarySize() int { return len(t.entries.data) + t.entries.len()*lengthBytes }

func (t *texts) appendDictionary(dst []byte) ([]byte, grid) {
	start := len(dst)
	for i := range t.entries.len() {
		v := t.entries.entry(uint32(i))
		dst = binary.LittleEndian.AppendUint32(dst, uint32(len(v)))
		dst = append(dst, v...)
		if t.extremes != nil {
			t.extremes.consider(v)
		}
	}
	first := len(t.entries.entry(0)) + lengthBytes
	for o := range t.entries.offsets {
		if int(t.entries.offsets[o]) != o*(first-lengthBytes) {
			return dst, grid{}
		}
	}
	return dst, grid{from: start, stride: first}
}

func (t *texts) forget() {
	t.entries.reset()
	t.letGo()
}
