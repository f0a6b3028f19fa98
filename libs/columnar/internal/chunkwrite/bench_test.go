package chunkwrite

import (
	"bytes"
	"encoding/base32"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

const (
	benchRows   = 131_072
	benchWindow = 16_384
)

// samples are columns as they leave the masking.
var samples = []struct {
	name  string
	plain bool
	value func(rnd *rand.Rand) string
}{
	{"tokens", true, token},
	{"mails", true, func(rnd *rand.Rand) string { return strings.ToLower(token(rnd)) + "@masked.invalid" }},
	{"phones", true, func(rnd *rand.Rand) string { return fmt.Sprintf("+999%012d", rnd.Int64N(1e12)) }},
	{"names", true, func(rnd *rand.Rand) string { return "User_" + token(rnd) }},
	{"cards", true, func(rnd *rand.Rand) string { return "************" + fmt.Sprintf("%04d", rnd.IntN(10_000)) }},
	{"notes", true, note},
	{"queues", false, func(rnd *rand.Rand) string { return fmt.Sprintf("queue-%d", rnd.IntN(200)) }},
}

func token(rnd *rand.Rand) string {
	var b [16]byte
	for i := range b {
		b[i] = byte(rnd.Uint32())
	}
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:])[:26]
}

var vocabulary = func() []string {
	rnd := rand.New(rand.NewPCG(1, 2))
	words := make([]string, 6000)
	for i := range words {
		b := make([]byte, 2+rnd.IntN(9))
		for j := range b {
			b[j] = "etaoinshrdlucmfwypvbgkjqxz"[min(rnd.IntN(26), rnd.IntN(26))]
		}
		words[i] = string(b)
	}
	return words
}()

func note(rnd *rand.Rand) string {
	var b strings.Builder
	for range 8 + rnd.IntN(24) {
		b.WriteString(vocabulary[min(rnd.IntN(6000), rnd.IntN(6000))])
		b.WriteByte(' ')
	}
	return b.String()
}

func sampleText(value func(*rand.Rand) string) *array.String {
	rnd := rand.New(rand.NewPCG(3, 4))
	b := array.NewStringBuilder(memory.DefaultAllocator)
	defer b.Release()
	for range benchRows {
		b.Append(value(rnd))
	}
	return b.NewStringArray()
}

func sampleDictionary() arrow.Array {
	rnd := rand.New(rand.NewPCG(3, 4))
	b := array.NewDictionaryBuilder(memory.DefaultAllocator, textDictionary).(*array.BinaryDictionaryBuilder)
	defer b.Release()
	for range benchRows {
		if err := b.AppendString(fmt.Sprintf("queue-%d", rnd.IntN(200))); err != nil {
			panic(err)
		}
	}
	return b.NewArray()
}

func sampleNumbers() arrow.Array {
	rnd := rand.New(rand.NewPCG(3, 4))
	b := array.NewTimestampBuilder(memory.DefaultAllocator, &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"})
	defer b.Release()
	for range benchRows {
		b.Append(arrow.Timestamp(1_700_000_000_000_000 + rnd.Int64N(1e13)))
	}
	return b.NewArray()
}

// sampleSorted are times as a log has them.
func sampleSorted() arrow.Array {
	rnd := rand.New(rand.NewPCG(3, 4))
	b := array.NewTimestampBuilder(memory.DefaultAllocator, &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"})
	defer b.Release()
	at := int64(1_700_000_000_000_000)
	for range benchRows {
		at += rnd.Int64N(60_000) * 1000
		b.Append(arrow.Timestamp(at))
	}
	return b.NewArray()
}

// BenchmarkColumn writes a column of one row group in windows, as the masking
// does; size/raw is what is left of the values.
func BenchmarkColumn(b *testing.B) {
	for _, s := range samples {
		arr := sampleText(s.value)
		raw := len(arr.ValueBytes())
		b.Run(s.name+"/ours", func(b *testing.B) { benchOurs(b, arr, s.plain, raw) })
		b.Run(s.name+"/pqarrow", func(b *testing.B) { benchLibrary(b, arr, s.plain, raw) })
	}
	queues, numbers := sampleDictionary(), sampleNumbers()
	b.Run("dictionary/ours", func(b *testing.B) { benchOurs(b, queues, false, 4*benchRows) })
	b.Run("dictionary/pqarrow", func(b *testing.B) { benchLibrary(b, queues, false, 4*benchRows) })
	sorted := sampleSorted()
	b.Run("sorted/ours", func(b *testing.B) { benchOurs(b, sorted, true, 8*benchRows) })
	b.Run("sorted/pqarrow", func(b *testing.B) { benchLibrary(b, sorted, true, 8*benchRows) })
	b.Run("times/ours", func(b *testing.B) { benchOurs(b, numbers, true, 8*benchRows) })
	b.Run("times/pqarrow", func(b *testing.B) { benchLibrary(b, numbers, true, 8*benchRows) })
}

// cpuTime reports the processor's time, which others on the machine disturb
// less than the clock's.
func cpuTime(b *testing.B) func() {
	before := usage(b)
	return func() { b.ReportMetric(float64(usage(b)-before)/float64(b.N)/1e6, "cpu-ms/op") }
}

func usage(b *testing.B) int64 {
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return u.Utime.Nano() + u.Stime.Nano()
}

func windows(arr arrow.Array) (parts []arrow.Array) {
	for from := int64(0); from < int64(arr.Len()); from += benchWindow {
		parts = append(parts, array.NewSlice(arr, from, min(from+benchWindow, int64(arr.Len()))))
	}
	return parts
}

func benchOurs(b *testing.B, arr arrow.Array, plain bool, raw int) {
	typ := arr.DataType()
	if d, ok := typ.(*arrow.DictionaryType); ok {
		typ = d.ValueType
	}
	parts := windows(arr)
	f, err := NewFile(io.Discard, arrow.NewSchema([]arrow.Field{{Name: "c", Type: typ, Nullable: true}}, nil), Options{})
	must(b, err)
	b.SetBytes(int64(raw))
	b.ReportAllocs()
	size := int64(0)
	defer cpuTime(b)()
	for b.Loop() {
		c := f.Column(0, plain)
		for _, p := range parts {
			must(b, c.Write(p))
		}
		chunks, err := c.Finish()
		must(b, err)
		before := f.at
		must(b, f.Append(int64(arr.Len()), [][]Chunk{chunks}))
		size = f.at - before
	}
	b.ReportMetric(float64(size)/float64(raw), "size/raw")
}

func benchLibrary(b *testing.B, arr arrow.Array, plain bool, raw int) {
	schema := arrow.NewSchema([]arrow.Field{{Name: "c", Type: arr.DataType(), Nullable: true}}, nil)
	props := parquet.NewWriterProperties(parquet.WithVersion(parquet.V2_LATEST), parquet.WithCompression(compress.Codecs.Zstd),
		parquet.WithCompressionLevel(1), parquet.WithDictionaryDefault(!plain), parquet.WithStats(false))
	var batches []arrow.RecordBatch
	for _, p := range windows(arr) {
		batches = append(batches, array.NewRecordBatch(schema, []arrow.Array{p}, -1))
	}
	b.SetBytes(int64(raw))
	b.ReportAllocs()
	var out bytes.Buffer
	defer cpuTime(b)()
	for b.Loop() {
		out.Reset()
		w, err := pqarrow.NewFileWriter(schema, &out, props, pqarrow.DefaultWriterProps())
		must(b, err)
		w.NewBufferedRowGroup()
		for _, batch := range batches {
			must(b, w.WriteBuffered(batch))
		}
		must(b, w.Close())
	}
	b.ReportMetric(float64(out.Len())/float64(raw), "size/raw")
}

// BenchmarkEncoding is the work before compression.
func BenchmarkEncoding(b *testing.B) {
	dst := make([]byte, 0, 8<<20)
	whole := []span{{0, benchRows}}
	b.Run("tokens", func(b *testing.B) {
		arr := sampleText(token)
		s := new(texts)
		s.reset()
		b.SetBytes(int64(len(arr.ValueBytes())))
		defer cpuTime(b)()
		for b.Loop() {
			must(b, s.bind(arr, whole))
			s.put(whole[0])
			s.appendPage(dst[:0])
		}
	})
	b.Run("codes", func(b *testing.B) {
		arr := sampleDictionary()
		s := new(texts)
		s.reset()
		var numbers []uint32
		defer cpuTime(b)()
		for b.Loop() {
			must(b, s.bind(arr, whole))
			numbers = s.number(numbers[:0], whole[0], fileLimits.dictionaryBytes)
			appendHybrid(dst[:0], numbers, 8)
		}
		s.letGo()
	})
	b.Run("times", func(b *testing.B) {
		arr := sampleNumbers()
		s := &fixed{width: 8, convert: converter{width: 8}}
		b.SetBytes(8 * benchRows)
		defer cpuTime(b)()
		for b.Loop() {
			must(b, s.bind(arr, whole))
			s.put(whole[0])
			s.appendPage(dst[:0])
		}
	})
	b.Run("times as deltas", func(b *testing.B) {
		arr := sampleNumbers()
		s := &fixed{width: 8, convert: converter{width: 8}, whole: true, packing: asDeltas}
		b.SetBytes(8 * benchRows)
		defer cpuTime(b)()
		for b.Loop() {
			must(b, s.bind(arr, whole))
			s.put(whole[0])
			s.appendPage(dst[:0])
		}
	})
}
