package chunkwrite

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// spelled is a leaf's part of some rows, spelled out.
type spelled struct {
	defs, reps []uint8
	slots      []int // of the leaf's array
}

// plainly shreds one row at a time, as the format describes it.
type plainly struct {
	leaves []*spelled
	next   int
}

func (p *plainly) put(def, rep int) *spelled {
	e := p.leaves[p.next]
	p.next++
	e.defs, e.reps = append(e.defs, uint8(def)), append(e.reps, uint8(rep))
	return e
}

// slot adds one slot of a field to the leaves from p.next on; depth is the number of lists above.
func (p *plainly) slot(f arrow.Field, arr arrow.Array, i, def, rep, depth int) {
	if f.Nullable {
		if arr.IsNull(i) {
			for range countLeaves(f.Type) {
				p.put(def, rep)
			}
			return
		}
		def++
	}
	switch arr := arr.(type) {
	case *array.Struct:
		for c, child := range f.Type.(*arrow.StructType).Fields() {
			p.slot(child, arr.Field(c), i, def, rep, depth)
		}
	case array.ListLike:
		elem := f.Type.(arrow.ListLikeType).ElemField()
		first, end := arr.ValueOffsets(i)
		start := p.next
		if first == end {
			for range countLeaves(elem.Type) {
				p.put(def, rep)
			}
		}
		for v := first; v < end; v++ {
			p.next = start
			p.slot(elem, arr.ListValues(), int(v), def+1, rep, depth+1)
			rep = depth + 1
		}
	default:
		e := p.put(def, rep)
		e.slots = append(e.slots, i)
	}
}

func countLeaves(t arrow.DataType) int {
	nested, ok := t.(arrow.NestedType)
	if !ok {
		return 1
	}
	n := 0
	for _, f := range nested.Fields() {
		n += countLeaves(f.Type)
	}
	return n
}

func shredPlainly(f arrow.Field, arr arrow.Array) []*spelled {
	p := &plainly{}
	for range countLeaves(f.Type) {
		p.leaves = append(p.leaves, &spelled{})
	}
	for i := range arr.Len() {
		p.next = 0
		p.slot(f, arr, i, 0, 0, 0)
	}
	return p.leaves
}

// spelledOut is what the shredder gives a leaf, without its abbreviations.
func spelledOut(l *leafNode, sc *scratch, maxDef, maxRep uint8) spelled {
	defs, spans := l.levels(sc)
	var e spelled
	for _, s := range spans {
		for i := s.from; i < s.to; i++ {
			e.slots = append(e.slots, i)
		}
	}
	e.defs, e.reps = slices.Clone(defs), slices.Clone(l.at.reps)
	if defs == nil {
		e.defs = slices.Repeat([]uint8{maxDef}, max(len(e.slots), len(e.reps)))
	}
	if maxRep == 0 {
		e.reps = make([]uint8, len(e.defs))
	}
	return e
}

// maxLevels are the highest levels of every leaf.
func maxLevels(f arrow.Field, def, rep uint8) (levels [][2]uint8) {
	if f.Nullable {
		def++
	}
	switch t := f.Type.(type) {
	case *arrow.StructType:
		for _, child := range t.Fields() {
			levels = append(levels, maxLevels(child, def, rep)...)
		}
		return levels
	case arrow.ListLikeType:
		return maxLevels(t.ElemField(), def+1, rep+1)
	}
	return [][2]uint8{{def, rep}}
}

func shredLike(t *testing.T, s *shredder, f arrow.Field, arr arrow.Array) {
	t.Helper()
	if err := s.begin(arr); err != nil {
		t.Fatalf("%v: %v", f, err)
	}
	want, levels := shredPlainly(f, arr), maxLevels(f, 0, 0)
	var sc scratch
	for i, l := range s.leaves {
		got := spelledOut(l, &sc, levels[i][0], levels[i][1])
		if !slices.Equal(got.defs, want[i].defs) || !slices.Equal(got.reps, want[i].reps) || !slices.Equal(got.slots, want[i].slots) {
			t.Fatalf("%v leaf %d of %v\n got %v\nwant %v", f, i, arr, got, *want[i])
		}
	}
}

func TestShredsLikeThePlainWay(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3000) {
		checkShredder(t, seed)
	}
}

func FuzzShredder(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(checkShredder)
}

// checkShredder shreds several arrays of one random type, as room is used again.
func checkShredder(t *testing.T, seed uint64) {
	m := newNestedMaker(seed)
	f := m.field("column", 1+m.rnd.IntN(5))
	s, err := newShredder(f, make([]*leaf, countLeaves(f.Type)))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{m.rnd.IntN(5), 1 + m.rnd.IntN(200), 0, m.rnd.IntN(20)} {
		shredLike(t, s, f, m.array(f, n, func(int) bool { return true }))
	}
}

func TestShredderRefuses(t *testing.T) {
	t.Parallel()
	text := arrow.BinaryTypes.String
	holder := func(nullable bool, inner arrow.Field) arrow.Field {
		return arrow.Field{Name: "s", Type: arrow.StructOf(inner), Nullable: nullable}
	}
	for name, tt := range map[string]struct {
		field arrow.Field
		json  string
		fails bool
	}{
		"a null below a struct":   {holder(true, arrow.Field{Name: "a", Type: text}), `[{"a": "x"}, {"a": null}]`, true},
		"one that nobody sees":    {holder(true, arrow.Field{Name: "a", Type: text}), `[{"a": "x"}, null]`, false},
		"a null struct":           {holder(false, arrow.Field{Name: "a", Type: text, Nullable: true}), `[{"a": "x"}, null]`, true},
		"a null in a list":        {arrow.Field{Name: "l", Type: arrow.ListOfField(arrow.Field{Name: "element", Type: text})}, `[["x"], [null]]`, true},
		"a null list":             {arrow.Field{Name: "l", Type: arrow.ListOf(text)}, `[["x"], null]`, true},
		"nullable at every level": {arrow.Field{Name: "l", Type: arrow.ListOf(text), Nullable: true}, `[["x", null], null, []]`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			arr, _, err := array.FromJSON(memory.DefaultAllocator, tt.field.Type, strings.NewReader(tt.json))
			if err != nil {
				t.Fatal(err)
			}
			defer arr.Release()
			s, err := newShredder(tt.field, make([]*leaf, 1))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.begin(arr); errors.Is(err, errNulls) != tt.fails {
				t.Errorf("%v", err)
			}
		})
	}
	if _, err := newShredder(holder(true, arrow.Field{Name: "a", Type: text}), nil); err == nil {
		t.Error("a leaf without a column was accepted")
	}
}

func TestLoadBits(t *testing.T) {
	t.Parallel()
	bitmap := make([]byte, 21)
	for i := range bitmap {
		bitmap[i] = byte(i*89 + 13)
	}
	for from := range 8 * len(bitmap) {
		for n := 1; n <= min(64, 8*len(bitmap)-from); n++ {
			var want uint64
			for i := range n {
				want |= uint64(bitmap[(from+i)/8]>>((from+i)%8)&1) << i
			}
			if got := loadBits(bitmap, from, n); got != want {
				t.Fatalf("%d bits from %d: %s, want %s", n, from, fmt.Sprintf("%b", got), fmt.Sprintf("%b", want))
			}
		}
	}
}
