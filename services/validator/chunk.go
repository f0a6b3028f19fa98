package validator

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	parquetmeta "github.com/apache/arrow-go/v18/parquet/metadata"
)

// chunk looks at what the footer says about one column of one row group. Minimum and maximum are values of the column.
func (m *metadata) chunk(group, column int) {
	at, leaf := m.leaf(column)
	shown, masked := leaf.path, leaf.masked()
	stored := m.file.MetaData().RowGroups[group].Columns[column]
	meta := stored.MetaData
	if stats := meta.Statistics; stats != nil {
		if masked {
			m.wrongIn(shown, "the column is masked and has statistics in the footer")
		}
		for _, value := range [][]byte{stats.Min, stats.Max, stats.MinValue, stats.MaxValue} {
			m.look(at, "the column's statistics", value)
		}
	}
	if masked && (meta.SizeStatistics != nil || meta.GeospatialStatistics != nil) {
		m.wrongIn(shown, "the column is masked and has statistics of sizes or places in the footer")
	}
	if stored.ColumnIndexOffset != nil || stored.OffsetIndexOffset != nil {
		m.wrongIn(shown, "the column has a page index, a masked object has none")
	}
	if meta.BloomFilterOffset != nil {
		m.wrongIn(shown, "the column has a bloom filter, a masked object has none")
	}
	if len(meta.KeyValueMetadata) > 0 {
		m.wrongIn(shown, "the column has key-value metadata, a masked object has none")
	}
}

// pages looks at the headers of one chunk's pages, and at its dictionary: an entry that no row uses is in no cell.
func (m *metadata) pages(group, column int) (err error) {
	rg := m.file.RowGroup(group)
	if rg.NumRows() == 0 {
		return nil
	}
	at, leaf := m.leaf(column)
	r, err := rg.GetColumnPageReader(column)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	var used *usage // of the dictionary
	for r.Next() {
		m.out.pages++
		switch page := r.Page().(type) {
		case *file.DictionaryPage:
			used = newUsage(m.file.MetaData().Schema.Column(column), int(page.NumValues()))
			if used.column.PhysicalType() == parquet.Types.ByteArray {
				m.dictionary(at, page.Data())
			}
		case file.DataPage:
			m.statistics(at, leaf.masked(), page.Statistics())
			if err := used.mark(page); err != nil {
				return err
			}
		}
	}
	if used.idle() > 0 {
		m.wrongIn(leaf.path, "the column's dictionary has entries that no row uses")
	}
	return r.Err()
}

func (m *metadata) statistics(at int, masked bool, s parquetmeta.EncodedStatistics) {
	if masked && (s.HasMin || s.HasMax || s.HasNullCount || s.HasDistinctCount) {
		m.wrongIn(m.e.cells.all[at].path, "the column is masked and has statistics in a page header")
	}
	m.look(at, "the statistics of a page", s.Min)
	m.look(at, "the statistics of a page", s.Max)
}

// dictionary looks at every entry of a dictionary page: its length in four bytes, then its bytes (PLAIN encoding).
func (m *metadata) dictionary(at int, page []byte) {
	leaf := &m.e.cells.all[at]
	for len(page) >= 4 {
		n := binary.LittleEndian.Uint32(page)
		page = page[4:]
		if uint64(n) > uint64(len(page)) {
			break
		}
		switch entry := page[:n]; {
		case leaf.treated == nil || leaf.parts:
			m.look(at, "the column's dictionary", entry)
		case !leaf.treated(entry):
			m.wrongIn(leaf.path, "the column's dictionary has an entry that is not as the treatment leaves it")
			m.look(at, "the column's dictionary", entry)
		case !leaf.proven:
			m.look(at, "the column's dictionary", entry)
		}
		page = page[n:]
	}
	if len(page) > 0 {
		m.wrongIn(m.e.cells.all[at].path, "the column's dictionary has bytes that belong to no entry")
	}
}

// unclaimed refuses bytes of the file that are neither magic, footer nor any chunk's: nobody reads them, so nobody
// knows what they say.
func (m *metadata) unclaimed() {
	type span struct{ from, to int64 }
	const magic = 4
	chunks := []span{{0, magic}}
	f := m.file.MetaData()
	for _, group := range f.RowGroups {
		for _, column := range group.Columns {
			from := column.MetaData.DataPageOffset
			if d := column.MetaData.DictionaryPageOffset; d != nil && *d > 0 {
				from = min(from, *d)
			}
			if column.MetaData.NumValues > 0 {
				chunks = append(chunks, span{from, from + column.MetaData.TotalCompressedSize})
			}
		}
	}
	slices.SortFunc(chunks, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	end := m.e.bytes - int64(f.Size()) - 2*magic // its length and the magic follow the footer
	at := int64(0)
	for _, c := range append(chunks, span{end, end}) {
		if c.from > at {
			m.wrong("the file has bytes between its chunks that belong to no column")
		}
		at = max(at, c.to)
	}
}
