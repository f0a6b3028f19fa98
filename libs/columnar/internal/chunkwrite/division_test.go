package chunkwrite

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
)

// entryList is the entries of a leaf of an optional list of optional texts, or
// of an optional text.
type entryList struct {
	reps, defs []uint8
	values     []string // of the entries at the maximum
	most       uint8
}

// listOf reads entries: of each byte the lowest bit continues a list, the next
// two are the level, the rest picks a value.
func listOf(data []byte, flat bool) (l entryList) {
	l.most = 3
	if flat {
		l.most = 1
	}
	row := -1 // its level, while it can be continued
	for _, b := range data {
		rep, def := b&1, b>>1&3
		if flat {
			rep, def = 0, def&1
		}
		if rep == 1 && row < 2 {
			rep = 0
		}
		if rep == 1 {
			def = max(def, 2)
		}
		row = int(def)
		l.reps, l.defs = append(l.reps, rep), append(l.defs, def)
		if def == l.most {
			v := b >> 3
			l.values = append(l.values, fmt.Sprintf("%d-%s", v, "abcdefghijklmnopqrstuvwxyzabcdef"[:v]))
		}
	}
	return l
}

// tight are limits that a few dozen entries reach.
var tight = limits{pageBytes: 200, pageEntries: 23, dictionaryBytes: 90, trials: []trial{{4, 3}, {9, 5}}}

// chunkOf writes the entries, ending a call after each row that cuts names by
// its bits, in a circle.
func (l entryList) chunkOf(t testing.TB, f *File, cuts []byte, plain bool) Chunk {
	t.Helper()
	leaf, err := newLeaf(&f.shop, f.parquet.Column(0), arrow.BinaryTypes.String, plain, true)
	must(t, err)
	leaf.limits = tight
	from, value := 0, 0
	for e := 1; e <= len(l.defs); e++ {
		last := e == len(l.defs)
		if !last && (l.reps[e] != 0 || len(cuts) == 0 || cuts[e/8%len(cuts)]>>(e%8)&1 == 0) {
			continue
		}
		arr, spans := spread(l.values[value:value+bytes.Count(l.defs[from:e], []byte{l.most})], len(cuts)+e)
		value += bytes.Count(l.defs[from:e], []byte{l.most})
		reps := l.reps[from:e]
		if l.most == 1 {
			reps = nil
		}
		must(t, leaf.add(arr, spans, l.defs[from:e], reps))
		from = e
	}
	chunk, err := leaf.finish()
	must(t, err)
	return chunk
}

// spread lays values out with others in between, which must not be seen.
func spread(values []string, salt int) (arrow.Array, []span) {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	defer b.Release()
	spans := []span{{0, 0}}
	b.Append("SKIPPED")
	for i, v := range values {
		if (i+salt)%3 == 0 {
			b.Append("SKIPPED")
		}
		if at := b.Len(); spans[len(spans)-1].to == at && salt%2 == 0 {
			spans[len(spans)-1].to++
		} else {
			spans = append(spans, span{at, at + 1})
		}
		b.Append(v)
	}
	return b.NewArray(), spans
}

var (
	flatSchema   = arrow.NewSchema([]arrow.Field{{Name: "c", Type: arrow.BinaryTypes.String, Nullable: true}}, nil)
	nestedSchema = arrow.NewSchema([]arrow.Field{{Name: "c", Type: arrow.ListOf(arrow.BinaryTypes.String), Nullable: true}}, nil)
)

// FuzzDivisions: entries in any division are equal bytes, and read back, where
// pages and dictionaries are so small that all their limits are met.
func FuzzDivisions(f *testing.F) {
	f.Add(bytes.Repeat([]byte{0x0e, 0x17, 0x00, 0xff, 0x1e}, 40), []byte{0x55, 0xff, 0x01}, true)
	f.Add(bytes.Repeat([]byte{0x0e, 0x17, 0x05, 0xff, 0x1e, 0x02}, 90), []byte{0x10, 0xf0}, false)
	f.Fuzz(sameDivided)
}

// TestDivisions does the same with entries drawn at random.
func TestDivisions(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(4, 4))
	for range 500 {
		data, cuts := make([]byte, rnd.IntN(1+rnd.IntN(400))), make([]byte, rnd.IntN(4))
		mask := byte(rnd.Uint32()) | 6*byte(rnd.IntN(2))
		for i := range data {
			data[i] = byte(rnd.Uint32())&mask | byte(rnd.Uint32()&rnd.Uint32()>>8) // few bits, and a few more
		}
		for i := range cuts {
			cuts[i] = byte(rnd.Uint32())
		}
		sameDivided(t, data, cuts, rnd.IntN(2) == 0)
	}
}

func sameDivided(t *testing.T, data, cuts []byte, flat bool) {
	if len(data) > 3000 {
		return
	}
	l := listOf(data, flat)
	schema := nestedSchema
	if flat {
		schema = flatSchema
	}
	for _, plain := range []bool{false, true} {
		var out bytes.Buffer
		file, err := NewFile(&out, schema, Options{})
		must(t, err)
		whole, divided := l.chunkOf(t, file, nil, plain), l.chunkOf(t, file, cuts, plain)
		if !bytes.Equal(bytes.Join(whole.Pages, nil), bytes.Join(divided.Pages, nil)) ||
			fmt.Sprint(whole.Encodings, whole.PageKinds, whole.Statistics, whole.RawBytes) != fmt.Sprint(divided.Encodings, divided.PageKinds, divided.Statistics, divided.RawBytes) {
			t.Fatalf("plain %t: the division shows", plain)
		}
		rows := int64(bytes.Count(l.reps, []byte{0}))
		must(t, file.Append(rows, [][]Chunk{{whole}}))
		must(t, file.Close())
		if rows > 0 {
			l.sameEntries(t, out.Bytes())
		}
	}
}

func (l entryList) sameEntries(t *testing.T, data []byte) {
	t.Helper()
	r, err := file.NewParquetReader(bytes.NewReader(data))
	must(t, err)
	column, err := r.RowGroup(0).Column(0)
	must(t, err)
	reader := column.(*file.ByteArrayColumnChunkReader)
	var (
		values     []string
		reps, defs []uint8
		part       [50]parquet.ByteArray
		rep, def   [50]int16
	)
	for {
		entries, n, err := reader.ReadBatch(50, part[:], def[:], rep[:])
		must(t, err)
		for i := range entries {
			defs, reps = append(defs, uint8(def[i])), append(reps, uint8(rep[i]))
		}
		for _, v := range part[:n] {
			values = append(values, string(v))
		}
		if !reader.HasNext() {
			break
		}
	}
	if !bytes.Equal(defs, l.defs) || l.most > 1 && !bytes.Equal(reps, l.reps) || fmt.Sprint(values) != fmt.Sprint(l.values) {
		t.Fatalf("read %d entries and %d values, want %d and %d, or others", len(defs), len(values), len(l.defs), len(l.values))
	}
}
