package masker

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/columnar"
)

// sparse is a text column of which some rows are null, with what nobody may see under them.
func sparse(r *rand.Rand, mem memory.Allocator, rows int) *array.String {
	b := array.NewStringBuilder(mem)
	defer b.Release()
	for range rows {
		b.Append(string(pieced(r, 6)))
	}
	whole := b.NewArray()
	defer whole.Release()
	f := &frame{mem: mem}
	which := make([]uint8, rows)
	for i := range which {
		which[i] = uint8(r.IntN(4) / 3)
	}
	return where(cells{f, &level{slots: rows}, whole}, which, 0).(*array.String)
}

// TestScrubColumn: a column is what its texts one by one are, and nothing of a text lies under a null.
func TestScrubColumn(t *testing.T) {
	t.Parallel()
	p := testPlan(t, "fields:\n  - {path: notes, scrub: {}}\n")
	o := p.fields[0].operator.(text).rewriter.(scrub)
	r := rand.New(rand.NewPCG(1, 14))
	for range 200 {
		mem := memory.NewCheckedAllocator(spoiling{})
		whole := sparse(r, mem, 1+r.IntN(40))
		from := r.IntN(whole.Len())
		in := array.NewSlice(whole, int64(from), int64(from+1+r.IntN(whole.Len()-from))).(*array.String)
		f := newFrame(p, in.Len(), mem)
		f.columns[0].array = in
		s := newScratch(p)
		s.begin(f)
		got, err := o.column(s, f.columns[0], in)
		if err != nil {
			t.Fatal(err)
		}
		out, size := got.(*array.String), 0
		if out.Len() != in.Len() || out.NullN() != in.NullN() {
			t.Fatalf("%d of %d values are null, want %d of %d", out.NullN(), out.Len(), in.NullN(), in.Len())
		}
		for i := range in.Len() {
			if in.IsNull(i) != out.IsNull(i) {
				t.Fatalf("row %d: null is %v", i, out.IsNull(i))
			}
			if in.IsNull(i) {
				continue
			}
			var want []byte
			if v := in.Value(i); v != "" {
				if want, err = o.rewrite(s, f.columns[0].at(i), nil, []byte(v)); err != nil {
					t.Fatal(err)
				}
			}
			if out.Value(i) != string(want) {
				t.Fatalf("row %d: got %q, want %q", i, out.Value(i), want)
			}
			size += len(want)
		}
		if n := len(out.ValueBytes()); n != size {
			t.Fatalf("the column has %d bytes, its values %d", n, size)
		}
		for _, a := range []arrow.Array{whole, in, got} {
			a.Release()
		}
		mem.AssertSize(t, 0)
	}
}

// TestScrubColumnRejects: a value at fault stops the column, or is null where its record is left out.
func TestScrubColumnRejects(t *testing.T) {
	t.Parallel()
	p := testPlan(t, "fields:\n  - {path: name, token: {domain: person.name, scope: environment}}\n  - {path: notes, scrub: {context: [name]}}\n")
	columns := []arrow.Array{stringsOf([]string{"Jane", "Jane", "Jane"}), stringsOf([]string{"for Jane", "for nobody", "x"})}
	for _, drop := range []bool{false, true} {
		f := flatFrame(p, columns, 3)
		if drop {
			f.rejected = map[int]*fault{}
		}
		s := newScratch(p)
		s.begin(f)
		s.searched[0] = searched{record: 1, work: maxSearch} // as of an endless list in the second record
		o := p.fields[1].operator.(text).rewriter.(scrub)
		late := f.columns[1]
		late.level = &level{slots: 2, record: []int32{1, 2}}
		late.array = array.NewSlice(columns[1], 1, 3)
		got, err := o.column(s, late, late.array.(*array.String))
		var bad *fault
		if !drop {
			if !errors.As(err, &bad) || bad.row != 1 {
				t.Errorf("got %v", err)
			}
			continue
		}
		if err != nil || got.NullN() != 1 || got.IsValid(0) || got.ValueStr(1) != "x" || len(got.(*array.String).ValueBytes()) != 1 || f.rejected[1] == nil {
			t.Errorf("got %v, %v, rejected %v", got, err, f.rejected)
		}
	}
}

// TestTexts: a view reads what columnar.AppendText does, whatever the column is.
func TestTexts(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 15))
	entries := sparse(r, memory.DefaultAllocator, 20)
	b := array.NewInt32Builder(memory.DefaultAllocator)
	for range 60 {
		if r.IntN(4) == 0 {
			b.AppendNull()
		} else {
			b.Append(r.Int32N(20))
		}
	}
	indices := b.NewInt32Array()
	coded := array.NewDictionaryArray(&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}, indices, entries)
	for name, whole := range map[string]arrow.Array{"text": entries, "dictionary": coded, "numbers": indices,
		"short dictionary": fromJSON(t, &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}, `["a",null,"b"]`)} {
		for from := range whole.Len() {
			column := array.NewSlice(whole, int64(from), int64(whole.Len()))
			view := newTexts(column)
			for i := range column.Len() {
				got, ok, err := view.at(i)
				want, there, _ := columnar.AppendText(nil, column, i)
				if err != nil || ok != there || ok && string(got) != string(want) {
					t.Fatalf("%s: row %d: got %q, %v, %v, want %q, %v", name, i, got, ok, err, want, there)
				}
			}
		}
	}
}
