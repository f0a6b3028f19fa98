package masker

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// piece is a batch of a column "v", and the tenants of its rows.
type piece struct {
	column  arrow.Array
	tenants []string
}

const tenantColumn = "tenant: {path: t}\nrejectRow: drop\nfields: [{path: t, keep: true}, {path: v, %s}]\n"

// answers masks windows one after the other, with or without a translation, and gives the texts, the numbers of records
// left out and the arrays. Everything but the arrays must have been given back.
func answers(t *testing.T, p *Plan, keep bool, windows []piece) (texts [][]string, rejected []int, arrays []arrow.Array) {
	t.Helper()
	mem := memory.NewCheckedAllocator(spoiling{})
	s := newScratch(p)
	if keep {
		s.translation = newTranslation(true)
	}
	for _, w := range windows {
		f := newFrame(p, w.column.Len(), mem)
		f.columns[0].array, f.columns[1].array = stringsOf(w.tenants), w.column
		if err := f.own(""); err != nil {
			t.Fatal(err)
		}
		s.begin(f)
		out, err := p.fields[1].operator.mask(s, f.columns[1])
		if err != nil {
			t.Fatal(err)
		}
		f.release()
		if len(s.pending.toSign) > 0 || len(s.pending.lanes) > 0 {
			t.Fatal("tokens are still pending")
		}
		texts, rejected, arrays = append(texts, written(t, out)), append(rejected, len(f.rejected)), append(arrays, out)
		if out.NullN() != out.Len()-countValid(out) {
			t.Errorf("%d nulls are stated and %d there", out.NullN(), out.Len()-countValid(out))
		}
	}
	t.Cleanup(func() {
		for _, a := range arrays {
			a.Release()
		}
		mem.AssertSize(t, 0)
	})
	return texts, rejected, arrays
}

func countValid(a arrow.Array) (n int) {
	for i := range a.Len() {
		if a.IsValid(i) {
			n++
		}
	}
	return n
}

// dictionaryOf makes a dictionary column of the entries with the indices; -1 is null. "null" is an entry that is null.
func dictionaryOf(t *testing.T, entries arrow.Array, indices ...int32) arrow.Array {
	t.Helper()
	b := array.NewInt32Builder(memory.DefaultAllocator)
	defer b.Release()
	for _, i := range indices {
		if i < 0 {
			b.AppendNull()
		} else {
			b.Append(i)
		}
	}
	return array.NewDictionaryArray(&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: entries.DataType()}, b.NewArray(), entries)
}

// TestTranslation: a dictionary column becomes what its values become as texts, in windows as in one, with a translation
// that is kept and without one, also when the dictionary and the tenants change.
func TestTranslation(t *testing.T) {
	t.Parallel()
	first := arrayOf(t, arrow.BinaryTypes.String, "Jane", "null", "", "JANE ", "1931-05-12", "+1 415 555 0132", "4111111111111111", "José", "no date")
	second := arrayOf(t, arrow.BinaryTypes.String, "2001-02-03", "jane", "4111 1111 1111 1111", "null")
	rnd := rand.New(rand.NewPCG(1, 2))
	var windows, plain []piece
	for i := range 8 {
		entries := first
		if i > 4 {
			entries = second
		}
		var indices []int32
		var tenants []string
		for range 40 {
			indices = append(indices, int32(rnd.IntN(entries.Len()+1))-1)
			tenants = append(tenants, []string{"acme", "globex", "initech", "umbrella"}[rnd.IntN(2)+i/3])
		}
		column := dictionaryOf(t, entries, indices...)
		if i%2 == 1 {
			column, tenants = array.NewSlice(column, 3, 37), tenants[3:37]
		}
		ready(column)
		windows = append(windows, piece{column, tenants})
		plain = append(plain, piece{arrayOf(t, arrow.BinaryTypes.String, written(t, column)...), tenants})
	}
	for _, treatment := range []string{
		"token: {domain: person.name, prefix: User_}", "token: {domain: email, format: email}", "token: {domain: phone, format: phone}", "token: {domain: any, format: auto}",
		"token: {domain: id, format: uuid}", "card: {keep: last4}", "token: {domain: card, format: card}", "mask: {first: 1}", "date: {truncate: year}",
		"zip3: true", "scrub: {}", "fake: {kind: name, domain: person}", `"null": true`, "keep: true",
	} {
		t.Run(treatment, func(t *testing.T) {
			t.Parallel()
			p := testPlan(t, fmt.Sprintf(tenantColumn, treatment))
			want, left, _ := answers(t, p, false, plain)
			for _, keep := range []bool{false, true} {
				got, rejected, arrays := answers(t, p, keep, windows)
				if !slices.Equal(left, rejected) {
					t.Errorf("%v: %d records are left out, want %d", keep, rejected, left)
				}
				for i := range want {
					if !slices.Equal(got[i], want[i]) {
						t.Errorf("%v: window %d:\ngot  %q\nwant %q", keep, i, got[i], want[i])
					}
					d, ok := arrays[i].(*array.Dictionary)
					if !ok {
						continue
					}
					entries := written(t, d.Dictionary())
					if distinct := slices.Compact(slices.Sorted(slices.Values(entries))); keep && treatment != "keep: true" && len(distinct) != len(entries) {
						t.Errorf("window %d: one text is there twice: %q", i, entries)
					}
				}
			}
		})
	}
}

// TestTranslationGrows: the dictionary of a window goes on with that of the one before, and is the same one when there
// is nothing new.
func TestTranslationGrows(t *testing.T) {
	t.Parallel()
	entries := arrayOf(t, arrow.BinaryTypes.String, "a", "b", "A", "c")
	p := testPlan(t, fmt.Sprintf(tenantColumn, "token: {domain: person.name}"))
	own := []string{"acme", "acme"}
	_, _, arrays := answers(t, p, true, []piece{{dictionaryOf(t, entries, 1, 0), own}, {dictionaryOf(t, entries, 2, 1), own}, {dictionaryOf(t, entries, 3, 0), own}})
	var texts [][]string
	var numbers [][]int32
	for _, a := range arrays {
		d := a.(*array.Dictionary)
		texts, numbers = append(texts, written(t, d.Dictionary())), append(numbers, d.Indices().(*array.Int32).Int32Values())
	}
	if len(texts[0]) != 2 || !slices.Equal(texts[1], texts[0]) || len(texts[2]) != 3 || !slices.Equal(texts[2][:2], texts[0]) {
		t.Errorf("the dictionaries are %q", texts)
	}
	if arrays[0].(*array.Dictionary).Dictionary().Data() != arrays[1].(*array.Dictionary).Dictionary().Data() {
		t.Error("there are two dictionaries of the same texts")
	}
	if want := [][]int32{{0, 1}, {1, 0}, {2, 1}}; !slices.EqualFunc(numbers, want, slices.Equal) {
		t.Errorf("the indices are %v, want %v", numbers, want)
	}
}

// TestTranslationBound: with too many tenants for a dictionary the values are masked one by one.
func TestTranslationBound(t *testing.T) {
	t.Parallel()
	texts, tenants, indices := make([]string, 1000), make([]string, 3000), make([]int32, 3000)
	for i := range texts {
		texts[i] = fmt.Sprintf("name %d", i%500)
	}
	for i := range tenants {
		tenants[i], indices[i] = fmt.Sprintf("tenant-%d", i), int32(i%1000)
	}
	column := dictionaryOf(t, arrayOf(t, arrow.BinaryTypes.String, texts...), indices...)
	p := testPlan(t, fmt.Sprintf(tenantColumn, "token: {domain: person.name}"))
	got, _, arrays := answers(t, p, true, []piece{{column, tenants}})
	want, _, _ := answers(t, p, false, []piece{{arrayOf(t, arrow.BinaryTypes.String, written(t, column)...), tenants}})
	if _, text := arrays[0].(*array.String); !text || !slices.Equal(got[0], want[0]) {
		t.Errorf("got %s, want the same texts", arrays[0].DataType())
	}
}

// TestConstantTranslation: one text for all, and null stays.
func TestConstantTranslation(t *testing.T) {
	t.Parallel()
	p := testPlan(t, fmt.Sprintf(tenantColumn, "redact: {with: X}"))
	own := []string{"acme", "acme", "acme"}
	got, _, arrays := answers(t, p, true, []piece{
		{dictionaryOf(t, arrayOf(t, arrow.BinaryTypes.String, "a", "b"), 0, -1, 1), own},
		{arrayOf(t, arrow.PrimitiveTypes.Int64, "1", "null", "2"), own},
		{arrayOf(t, arrow.BinaryTypes.String, "null", "null", "null"), own},
	})
	if want := [][]string{{"X", "null", "X"}, {"X", "null", "X"}, {"null", "null", "null"}}; !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, a := range arrays {
		if d, ok := a.(*array.Dictionary); !ok || d.Dictionary().Len() != 1 {
			t.Errorf("got %s", a.DataType())
		}
	}
}

// TestChoiceTranslation: a column with conditions has several operators, and none must meet the translation of another.
func TestChoiceTranslation(t *testing.T) {
	t.Parallel()
	p := testPlan(t, `
fields:
  - {path: kind, keep: true}
  - {path: v, when: {path: kind, in: [name]}, token: {domain: person.name, scope: environment}}
  - {path: v, redact: {with: X}}
`)
	s := newScratch(p)
	s.translation = newTranslation(true)
	column := dictionaryOf(t, arrayOf(t, arrow.BinaryTypes.String, "a", "b"), 0, 1, 0, 1)
	f := flatFrame(p, []arrow.Array{stringsOf([]string{"name", "name", "other", "other"}), column}, 4)
	if err := f.own(""); err != nil {
		t.Fatal(err)
	}
	s.begin(f)
	out, err := p.fields[1].operator.mask(s, f.columns[1])
	if err != nil {
		t.Fatal(err)
	}
	defer out.Release()
	got := written(t, out)
	if len(got[0]) != 26 || len(got[1]) != 26 || got[0] == got[1] || got[2] != "X" || got[3] != "X" || s.translation == nil {
		t.Errorf("got %q", got)
	}
}
