package chunkread

import (
	"math"
	"slices"

	"github.com/apache/arrow-go/v18/parquet"
	pqschema "github.com/apache/arrow-go/v18/parquet/schema"
)

// newCensus gives the census of a form of values, in the order that the format
// defines for the column.
func newCensus(c Column, f form) census {
	unsigned := c.Leaf.SortOrder() == pqschema.SortUNSIGNED
	switch {
	case f.text:
		return &textCensus{utf8: f.utf8}
	case f.bits:
		return &booleanCensus{}
	case c.Leaf.PhysicalType() == parquet.Types.Float:
		return &numberCensus[float32]{form: f, smallest: float32(math.Inf(1)), largest: float32(math.Inf(-1))}
	case c.Leaf.PhysicalType() == parquet.Types.Double:
		return &numberCensus[float64]{form: f, smallest: math.Inf(1), largest: math.Inf(-1)}
	case f.stored == 4 && unsigned:
		return &numberCensus[uint32]{form: f, smallest: math.MaxUint32}
	case f.stored == 4:
		return &numberCensus[int32]{form: f, smallest: math.MaxInt32, largest: math.MinInt32}
	case unsigned:
		return &numberCensus[uint64]{form: f, smallest: math.MaxUint64}
	}
	return &numberCensus[int64]{form: f, smallest: math.MaxInt64, largest: math.MinInt64}
}

// marks say which entries of a dictionary are used.
type marks struct {
	used    []bool
	scratch [block]int32
}

func (m *marks) unused() bool { return slices.Contains(m.used, false) }

// mark reads n indices.
func (m *marks) mark(packed *hybrid, n int) error {
	for n > 0 {
		if !packed.next() {
			return errValues
		}
		k := min(packed.left, n)
		if packed.bits == nil { // a run
			if uint64(packed.value) >= uint64(len(m.used)) {
				return errIndex
			}
			m.used[packed.value] = true
			packed.left -= k
			n -= k
			continue
		}
		k = min(k, block)
		packed.decode(m.scratch[:k])
		if !inRange(m.scratch[:k], len(m.used)) {
			return errIndex
		}
		for _, x := range m.scratch[:k] {
			m.used[x] = true
		}
		n -= k
	}
	return nil
}

// booleanCensus needs no more than which of the two there are.
type booleanCensus struct{ yes, no bool }

func (c *booleanCensus) dictionary([]byte, int) error { return errDictionary }

func (c *booleanCensus) unused() bool { return false }

func (c *booleanCensus) count(p *page, k int) error {
	ones := p.packed.count(k)
	if ones < 0 {
		return errValues
	}
	c.yes = c.yes || ones > 0
	c.no = c.no || ones < k
	return nil
}

func (c *booleanCensus) bounds() (smallest, largest []byte) {
	plain := map[bool][]byte{false: {0}, true: {1}}
	if !c.yes && !c.no {
		return nil, nil
	}
	return plain[!c.no], plain[c.yes]
}
