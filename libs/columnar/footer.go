package columnar

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/metadata"

	"github.com/maskrail/maskrail/libs/columnar/internal/chunkread"
	"github.com/maskrail/maskrail/libs/columnar/internal/thrift"
)

var (
	parquetMagic     = []byte("PAR1")
	parquetEncrypted = []byte("PARE")
)

const (
	parquetTail = 8 // length of the footer and magic

	// A row takes bits at least, except in runs of one value. So many rows are
	// believed for nothing, and so many for each byte beyond.
	freeRows    = 1 << 24
	rowsPerByte = 1 << 12
)

// readFooter returns the metadata of a Parquet file after checking every claim
// that later code would allocate for or seek to.
func readFooter(t *trackedSource, limits Limits) (*metadata.FileMetaData, error) {
	raw, err := footerBytes(t, limits)
	if err != nil {
		return nil, err
	}
	// The generated reader allocates what a length claims before it looks for the
	// bytes: a walk without building comes first.
	if err := thrift.NewReader(raw).Struct(); err != nil {
		return nil, fmt.Errorf("the footer: %w", err)
	}
	if err := checkSchema(raw, limits); err != nil {
		return nil, err
	}
	m, err := metadata.NewFileMetaData(raw, nil)
	if err != nil {
		return nil, fmt.Errorf("the footer is damaged: %w", library(err))
	}
	m.SetSourceFileSize(t.size)
	// An Arrow schema in the key-value metadata would override the types of the
	// columns themselves. Those are the truth; the rest is not needed.
	m.FileMetaData.KeyValueMetadata = nil
	if err := dropNullTypes(m); err != nil {
		return nil, err
	}
	return m, checkFooter(m, t.size-parquetTail-int64(len(raw)), limits)
}

func footerBytes(t *trackedSource, limits Limits) ([]byte, error) {
	if t.size < int64(len(parquetMagic)+parquetTail) {
		return nil, errors.New("the file is too small to be Parquet: it is cut off")
	}
	head, tail := make([]byte, len(parquetMagic)), make([]byte, parquetTail)
	if _, err := t.ReadAt(head, 0); err != nil {
		return nil, err
	}
	if _, err := t.ReadAt(tail, t.size-parquetTail); err != nil {
		return nil, err
	}
	switch {
	case bytes.Equal(tail[4:], parquetEncrypted) || bytes.Equal(head, parquetEncrypted):
		return nil, errEncrypted
	case !bytes.Equal(head, parquetMagic):
		return nil, errors.New("the file does not begin with PAR1: it is not Parquet")
	case !bytes.Equal(tail[4:], parquetMagic):
		return nil, errors.New("the file does not end with PAR1: it is cut off")
	}
	n := int64(binary.LittleEndian.Uint32(tail))
	if n > t.size-int64(len(parquetMagic))-parquetTail {
		return nil, errors.New("the footer claims to be larger than the file: it is cut off or damaged")
	}
	if n > limits.MaxFooter {
		return nil, fmt.Errorf("the footer has %d bytes, more than %d: write larger row groups", n, limits.MaxFooter)
	}
	raw := make([]byte, n)
	_, err := t.ReadAt(raw, t.size-parquetTail-n)
	return raw, err
}

var errEncrypted = errors.New("the file is encrypted: encrypted Parquet is not supported")

// checkFooter compares the footer with itself and with the bytes before it, of
// which there are dataEnd.
func checkFooter(m *metadata.FileMetaData, dataEnd int64, limits Limits) error {
	if m.IsSetEncryptionAlgorithm() {
		return errEncrypted
	}
	var rows, packed int64
	for i, rg := range m.RowGroups {
		n := rg.NumRows
		if n < 0 || n > m.NumRows {
			return fmt.Errorf("row group %d claims a wrong number of rows: %d, and the whole file %d", i, n, m.NumRows)
		}
		size, err := checkRowGroup(m, i, dataEnd, limits)
		if err != nil {
			return fmt.Errorf("row group %d: %w", i, err)
		}
		rows += n
		if packed += size; packed > dataEnd {
			return fmt.Errorf("row group %d: the chunks claim more bytes than the file has", i)
		}
	}
	if rows != m.NumRows {
		return fmt.Errorf("the footer claims %d rows, its row groups have %d", m.NumRows, rows)
	}
	return nil
}

// checkRowGroup returns the compressed bytes of row group i.
func checkRowGroup(m *metadata.FileMetaData, i int, dataEnd int64, limits Limits) (packed int64, err error) {
	rg := m.RowGroup(i)
	if got, want := rg.NumColumns(), m.Schema.NumColumns(); got != want {
		return 0, fmt.Errorf("%d column chunks for %d columns", got, want)
	}
	var raw int64
	for c := range rg.NumColumns() {
		chunk, err := rg.ColumnChunk(c)
		if err != nil {
			return 0, fmt.Errorf("column %d: %w", c+1, library(err))
		}
		if err := checkChunk(m, chunk, c, rg.NumRows(), dataEnd); err != nil {
			return 0, fmt.Errorf("column %d: %w", c+1, err)
		}
		packed += chunk.TotalCompressedSize() // each at most dataEnd, columns limited: no overflow
		raw += min(chunk.TotalUncompressedSize(), math.MaxInt64-raw)
	}
	if limits.expands(packed, raw) {
		return 0, fmt.Errorf("claims to decompress to more than %d times its size", limits.MaxRatio)
	}
	if n := rg.NumRows(); m.Schema.NumColumns() > 0 && n > freeRows && (n-freeRows)/rowsPerByte > packed {
		return 0, errors.New("claims more rows than its bytes could hold")
	}
	return packed, nil
}

func checkChunk(m *metadata.FileMetaData, chunk *metadata.ColumnChunkMetaData, c int, rows, dataEnd int64) error {
	col := m.Schema.Column(c)
	start := chunkread.Start(chunk)
	size := chunk.TotalCompressedSize()
	_, codecErr := compress.GetCodec(chunk.Compression())
	switch {
	case chunk.CryptoMetadata() != nil:
		return errEncrypted
	case chunk.FilePath() != "":
		return errors.New("the data is in another file")
	case chunk.Type() != col.PhysicalType() || chunk.PathInSchema().String() != col.ColumnPath().String():
		return errors.New("the chunk is of another column than the schema says")
	case codecErr != nil:
		return fmt.Errorf("compression %s is not supported: write zstd, snappy or lz4_raw", chunk.Compression())
	case unreadable(chunk) != "":
		return fmt.Errorf("encoding %s of %s values is not supported: write PLAIN or dictionaries", unreadable(chunk), chunk.Type())
	case size < 0 || chunk.TotalUncompressedSize() < 0:
		return errors.New("a size is negative")
	case rows > 0 && (start < int64(len(parquetMagic)) || size > dataEnd || start > dataEnd-size || chunk.DataPageOffset() > start+size):
		return errors.New("the chunk lies outside the file: it is cut off or damaged")
	case chunk.NumValues() < rows || col.MaxRepetitionLevel() == 0 && chunk.NumValues() != rows:
		return errors.New("the number of values differs from the number of rows")
	}
	return nil
}

// readable are the encodings of values that the library decodes, beside PLAIN
// and dictionaries; of others it knows only the names, and panics.
var readable = map[parquet.Type][]parquet.Encoding{
	parquet.Types.Boolean:           {parquet.Encodings.RLE},
	parquet.Types.Int32:             {parquet.Encodings.DeltaBinaryPacked, parquet.Encodings.ByteStreamSplit},
	parquet.Types.Int64:             {parquet.Encodings.DeltaBinaryPacked, parquet.Encodings.ByteStreamSplit},
	parquet.Types.Float:             {parquet.Encodings.ByteStreamSplit},
	parquet.Types.Double:            {parquet.Encodings.ByteStreamSplit},
	parquet.Types.ByteArray:         {parquet.Encodings.DeltaLengthByteArray, parquet.Encodings.DeltaByteArray},
	parquet.Types.FixedLenByteArray: {parquet.Encodings.ByteStreamSplit},
}

// unreadable names an encoding of the chunk that cannot be read. RLE and
// BIT_PACKED are those of levels.
func unreadable(chunk *metadata.ColumnChunkMetaData) string {
	for _, e := range chunk.Encodings() {
		switch e {
		case parquet.Encodings.Plain, parquet.Encodings.PlainDict, parquet.Encodings.RLEDict, parquet.Encodings.RLE, parquet.Encodings.BitPacked:
		default:
			if !slices.Contains(readable[chunk.Type()], e) {
				return e.String()
			}
		}
	}
	return ""
}

// largestChunk is the most bytes that a chunk of the file claims to decompress
// to: no page has more.
func largestChunk(m *metadata.FileMetaData) int64 {
	var most int64
	for _, rg := range m.RowGroups {
		for _, c := range rg.Columns {
			most = max(most, c.MetaData.GetTotalUncompressedSize())
		}
	}
	return most
}
