package chunkwrite

import (
	"fmt"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// span is a run of slots of an array: from, up to and without to.
type span struct{ from, to int }

// leaf encodes one leaf column of one row group. A flat column has one leaf, a
// nested one several.
//
// It is given whole rows, in order, by add:
//
//   - arr holds the values. Slots are counted from the array's own start (its
//     offset is taken into account, as by arr.Value). The array may hold more
//     than these rows use. It is borrowed.
//   - spans name the slots that are stored, in the order in which they are: every
//     slot in them is present, and slots outside are never looked at. Neighbouring
//     spans need not be joined, and may be empty.
//   - defs holds the definition level of every entry; an entry at the column's
//     maximum takes the next slot of spans. nil says that every entry is at the
//     maximum; it must be nil where the maximum is 0.
//   - reps holds the repetition level of every entry, as many as defs; its first
//     is 0, since calls begin with a row. nil where the maximum is 0, and only there.
//
// Neither slice is kept. The bytes depend on the sequence of entries and values
// alone, not on how calls divide the rows.
//
// A leaf is used by one goroutine at a time. After an error only release may be
// called; finish releases by itself.
type leaf struct {
	col        *schema.Column
	statistics bool
	limits     limits
	shop       *workshop
	stage      stage

	*stores
	in    input
	plain plainPage
	dict  dictionary // nil: the type has none
	edge  extent     // nil: the type has no order, or no statistics are wanted

	inPage  int // entries of the page in work
	tried   int // values at the last trial
	choice  choice
	entries int64 // of the chunk
	values  int64 // of the chunk: entries that are no nulls
}

// stage says what becomes of values.
type stage int

const (
	trying   stage = iota // numbered, in a page that may yet be laid out
	numbered              // numbered against the dictionary
	laidOut               // plain
)

const maxLevel = 255

// newLeaf prepares a leaf for the column col of the file's schema, with values
// of type typ. plain: no dictionary is tried. statistics: the chunk states its
// nulls, minimum and maximum.
func newLeaf(shop *workshop, col *schema.Column, typ arrow.DataType, plain, statistics bool) (*leaf, error) {
	if col.PhysicalType() == parquet.Types.FixedLenByteArray && col.TypeLength() <= 0 {
		return nil, fmt.Errorf("values of type %s have no width", typ)
	}
	if col.MaxDefinitionLevel() > maxLevel || col.MaxRepetitionLevel() > maxLevel {
		return nil, fmt.Errorf("nested more than %d deep", maxLevel)
	}
	l := &leaf{
		col: col, limits: fileLimits, shop: shop, statistics: statistics && col.SortOrder() != schema.SortUNKNOWN, stores: shop.takeStores(),
	}
	l.defs.most, l.reps.most = uint8(col.MaxDefinitionLevel()), uint8(col.MaxRepetitionLevel())
	switch width := fixedWidth(col); {
	case width > 0:
		f := &l.fixed
		f.width, f.convert.width, f.shop = width, width, shop
		f.whole = col.PhysicalType() == parquet.Types.Int32 || col.PhysicalType() == parquet.Types.Int64
		l.in, l.plain, l.dict = f, f, f
		if l.statistics {
			f.extremes = newFixedExtent(col)
			l.edge = f.extremes
		}
	case col.PhysicalType() == parquet.Types.ByteArray:
		t := &l.texts
		l.in, l.plain, l.dict = t, t, t
		if l.statistics {
			t.extremes = new(textExtent)
			l.edge = t.extremes
		}
	case col.PhysicalType() == parquet.Types.Boolean:
		l.in, l.plain = &l.flags, &l.flags
		if l.statistics {
			l.edge = &l.flags
		}
	default:
		l.release()
		return nil, fmt.Errorf("columns of type %s cannot be written", col.PhysicalType())
	}
	if plain || l.dict == nil {
		l.stage = laidOut
	}
	return l, nil
}

// add appends whole rows.
func (l *leaf) add(arr arrow.Array, spans []span, defs, reps []uint8) error {
	r, err := newRows(spans, defs, reps, l.defs.most)
	if err != nil {
		return err
	}
	if err := l.in.bind(arr, spans); err != nil {
		return err
	}
	l.entries += int64(r.entries)
	return l.addRows(&r)
}

func (l *leaf) addRows(r *rows) error {
	for r.entries > 0 {
		step := l.number
		if l.stage == laidOut {
			step = l.lay
		}
		if err := step(r); err != nil {
			return err
		}
	}
	return nil
}

// lay adds rows to a plain page, which ends where they fill it.
func (l *leaf) lay(r *rows) error {
	e := r.rowEnd(min(r.entries, l.limits.pageEntries-l.inPage))
	v := r.values(e)
	n, room := 0, l.limits.pageBytes-l.plain.size()
	for s := range r.slots(0, v) {
		part, size := l.plain.fit(s, room)
		n += part
		if room -= size; room <= 0 {
			e = r.rowEnd(r.entry(n))
			v = r.values(e)
			break
		}
	}
	for s := range r.slots(0, v) {
		l.plain.put(s)
	}
	l.enter(r, e, v)
	if l.inPage >= l.limits.pageEntries || room <= 0 {
		return l.cut()
	}
	return nil
}

// number adds rows to a page of dictionary indices, which ends where they fill it
// or the dictionary, or where enough is known to do without.
func (l *leaf) number(r *rows) error {
	e := r.rowEnd(min(r.entries, l.limits.pageEntries-l.inPage))
	v := r.values(e)
	stop, before, trial := v, len(l.indices), l.nextTrial()
	if l.stage == trying {
		stop = min(v, trial-before)
	}
	for s := range r.slots(0, stop) {
		if l.indices = l.dict.number(l.indices, s, l.limits.dictionaryBytes); l.dictionaryFull() {
			break
		}
	}
	n := len(l.indices) - before
	if n > 0 && (l.dictionaryFull() || l.stage == trying && len(l.indices) == trial) {
		e = r.rowEnd(r.entry(n))
		v = r.values(e)
		for s := range r.slots(n, v) {
			l.indices = l.dict.number(l.indices, s, math.MaxInt)
		}
	}
	l.enter(r, e, v)
	return l.judge(false)
}

// enter takes e entries with v values over from the rows.
func (l *leaf) enter(r *rows, e, v int) {
	if r.defs == nil {
		l.defs.fill(e)
	} else {
		l.defs.add(r.defs[:e])
	}
	if r.reps != nil {
		l.reps.add(r.reps[:e])
	}
	l.inPage += e
	l.values += int64(v)
	r.drop(e, v)
}
