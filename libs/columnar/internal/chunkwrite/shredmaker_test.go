package chunkwrite

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// nestedMaker makes types and arrays of every layout that Arrow allows: slices,
// lists that do not begin at zero, null lists that cover values, values below
// null structs, and nulls in fields without nulls where nobody sees them.
type nestedMaker struct {
	rnd    *rand.Rand
	covers bool // null lists cover values
}

func newNestedMaker(seed uint64) nestedMaker {
	return nestedMaker{rand.New(rand.NewPCG(seed, 7)), seed%2 == 0}
}

func (m nestedMaker) field(name string, depth int) arrow.Field {
	return arrow.Field{Name: name, Type: m.typ(depth), Nullable: m.rnd.IntN(3) > 0}
}

func (m nestedMaker) typ(depth int) arrow.DataType {
	if depth == 0 {
		return []arrow.DataType{arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64, arrow.FixedWidthTypes.Boolean}[m.rnd.IntN(3)]
	}
	elem := func() arrow.Field { return m.field("element", m.rnd.IntN(depth)) }
	switch m.rnd.IntN(7) {
	case 0:
		return m.typ(0)
	case 1, 2:
		fields := make([]arrow.Field, 1+m.rnd.IntN(3))
		for i := range fields {
			fields[i] = m.field(fmt.Sprintf("f%d", i), m.rnd.IntN(depth))
		}
		return arrow.StructOf(fields...)
	case 3:
		return arrow.FixedSizeListOfField(1+int32(m.rnd.IntN(3)), elem())
	case 4:
		return arrow.LargeListOfField(elem())
	case 5:
		return arrow.MapOfFields(arrow.Field{Name: "key", Type: m.typ(0)}, m.field("value", m.rnd.IntN(depth)))
	}
	return arrow.ListOfField(elem())
}

// array makes n slots of a field. Of what is not seen anything may be null.
func (m nestedMaker) array(f arrow.Field, n int, seen func(int) bool) arrow.Array {
	before, after := m.rnd.IntN(4)*m.rnd.IntN(40), m.rnd.IntN(3)
	inner := func(i int) bool { return i >= before && i < before+n && seen(i-before) }
	whole := m.whole(f, before+n+after, inner)
	defer whole.Release()
	arr := array.NewSlice(whole, int64(before), int64(before+n))
	if f.Name == "key" {
		arr.NullN() // a map refuses keys whose nulls are not counted
	}
	return arr
}

func (m nestedMaker) whole(f arrow.Field, n int, seen func(int) bool) arrow.Array {
	valid, bitmap := m.validity(f, n, seen)
	inside := func(i int) bool { return seen(i) && valid(i) }
	buffers := []*memory.Buffer{bitmap}
	var children []arrow.ArrayData
	switch t := f.Type.(type) {
	case *arrow.StructType:
		for _, child := range t.Fields() {
			children = append(children, m.array(child, n, inside).Data())
		}
	case *arrow.FixedSizeListType:
		size := int(t.Len())
		children = append(children, m.array(t.ElemField(), n*size, func(i int) bool { return inside(i / size) }).Data())
	case arrow.ListLikeType:
		isMap, elements := t.ID() == arrow.MAP, m.array
		if isMap { // Arrow has no nulls in its entries, seen or not
			elements = m.whole
		}
		owner := slices.Repeat([]bool{isMap}, m.rnd.IntN(5))
		ends := []int{len(owner)}
		for i := range n {
			size := m.rnd.IntN(4) * m.rnd.IntN(3)
			if !valid(i) && !m.covers {
				size = 0
			}
			for range size {
				owner = append(owner, isMap || inside(i))
			}
			ends = append(ends, len(owner))
		}
		buffers = append(buffers, offsetBuffer(t, ends))
		children = append(children, elements(t.ElemField(), len(owner), func(i int) bool { return owner[i] }).Data())
	default:
		return m.leaf(f.Type, n, valid)
	}
	nulls := array.UnknownNullCount
	if bitmap == nil {
		nulls = 0
	}
	data := array.NewData(f.Type, n, buffers, children, nulls, 0)
	defer data.Release()
	return array.MakeFromData(data)
}

func (m nestedMaker) validity(f arrow.Field, n int, seen func(int) bool) (func(int) bool, *memory.Buffer) {
	bitmap := make([]byte, bitutil.BytesForBits(int64(n)))
	of := []int{0, 1, 2, 30}[m.rnd.IntN(4)] // never, always, often, seldom null
	run, null := 0, false
	for i := range n {
		if run--; run < 0 {
			run, null = m.rnd.IntN(1+m.rnd.IntN(70)), of > 0 && m.rnd.IntN(of) == 0
		}
		if !f.Nullable && seen(i) || !null {
			bitutil.SetBit(bitmap, i)
		}
	}
	if of == 0 || bitutil.CountSetBits(bitmap, 0, n) == n {
		return func(int) bool { return true }, nil
	}
	return func(i int) bool { return bitutil.BitIsSet(bitmap, i) }, memory.NewBufferBytes(bitmap)
}

func offsetBuffer(t arrow.DataType, ends []int) *memory.Buffer {
	if t.ID() == arrow.LARGE_LIST {
		var large []int64
		for _, e := range ends {
			large = append(large, int64(e))
		}
		return memory.NewBufferBytes(arrow.Int64Traits.CastToBytes(large))
	}
	var small []int32
	for _, e := range ends {
		small = append(small, int32(e))
	}
	return memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(small))
}

func (m nestedMaker) leaf(t arrow.DataType, n int, valid func(int) bool) arrow.Array {
	b := array.NewBuilder(memory.DefaultAllocator, t)
	defer b.Release()
	for i := range n {
		if !valid(i) {
			b.AppendNull()
			continue
		}
		switch b := b.(type) {
		case *array.StringBuilder:
			b.Append(fmt.Sprintf("value %d", m.rnd.IntN(50)))
		case *array.Int64Builder:
			b.Append(m.rnd.Int64N(1000))
		case *array.BooleanBuilder:
			b.Append(m.rnd.IntN(2) == 0)
		}
	}
	return b.NewArray()
}
