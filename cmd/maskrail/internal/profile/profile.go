// Package profile counts what the values of a field look like as a whole, without showing any: how many there are, how
// many differ, how often the most frequent one occurs. It tells an analyst whether masked data still behaves like
// the source.
package profile

import (
	"hash/maphash"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/maskrail/maskrail/libs/columnar"
)

// MaxDistinct is the most values of a field that are told apart. Beyond it, Distinct is a lower bound.
const MaxDistinct = 100_000

// Field profiles the values of one field. The zero value is empty.
type Field struct {
	Values   int64 // nulls included
	Nulls    int64
	Distinct int64 // without null
	More     bool  // there are more distinct values than Distinct
	Top      int64 // how often the most frequent value occurs, of those that are told apart

	counts map[uint64]int64
	seed   maphash.Seed
	text   []byte
}

// Add adds the values of an array. An open map counts by its number of entries.
func (f *Field) Add(a arrow.Array) error {
	if f.counts == nil {
		f.counts, f.seed = map[uint64]int64{}, maphash.MakeSeed()
	}
	f.Values += int64(a.Len())
	f.Nulls += int64(a.NullN())
	maps, open := a.(*array.Map)
	for i := range a.Len() {
		if a.IsNull(i) {
			continue
		}
		if open {
			from, to := maps.ValueOffsets(i)
			f.count(uint64(to - from))
			continue
		}
		var err error
		if f.text, _, err = columnar.AppendText(f.text[:0], a, i); err != nil {
			return err
		}
		f.count(maphash.Bytes(f.seed, f.text))
	}
	return nil
}

func (f *Field) count(value uint64) {
	n, known := f.counts[value]
	if !known && f.Distinct == MaxDistinct {
		f.More = true
		return
	}
	if !known {
		f.Distinct++
	}
	f.counts[value] = n + 1
	f.Top = max(f.Top, n+1)
}

// NullRate is the share of nulls, from 0 to 1.
func (f *Field) NullRate() float64 { return share(f.Nulls, f.Values) }

// TopShare is the share that the most frequent value has of those that are not null, from 0 to 1.
func (f *Field) TopShare() float64 { return share(f.Top, f.Values-f.Nulls) }

func share(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
