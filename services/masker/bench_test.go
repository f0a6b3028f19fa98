package masker

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/policy"
)

// column masks one column of 16,384 texts; the figure of interest is ns/value.
func column(b *testing.B, treatment string, value func(i int) string) {
	values := array.NewStringBuilder(memory.DefaultAllocator)
	for i := range columnar.DefaultBatchRows {
		values.Append(value(i))
	}
	columnOf(b, treatment, values.NewArray(), nil)
}

// columnOf masks one column of columnar.DefaultBatchRows values.
func columnOf(b *testing.B, treatment string, values arrow.Array, answer *translation) {
	p := testPlan(b, "tenant: {path: t}\nfields: [{path: t, keep: true}, {path: a, "+treatment+"}]\n")
	const rows = columnar.DefaultBatchRows
	tenants := array.NewStringBuilder(memory.DefaultAllocator)
	for range rows {
		tenants.Append("acme")
	}
	columns := []arrow.Array{tenants.NewArray(), values}
	s := newScratch(p)
	s.translation = answer
	maskAgain(b, s, 1, columns, rows, "ns/value")
}

// maskAgain masks the column of one field of the scratch's plan over and over; the figure of interest has a unit.
func maskAgain(b *testing.B, s *scratch, field int, columns []arrow.Array, rows int, unit string) {
	b.ReportAllocs()
	for b.Loop() {
		f := flatFrame(s.plan, columns, rows)
		if err := f.own(""); err != nil {
			b.Fatal(err)
		}
		s.begin(f)
		out, err := s.plan.fields[field].operator.mask(s, f.columns[field])
		if err != nil {
			b.Fatal(err)
		}
		out.Release()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(rows), unit)
}

func BenchmarkToken(b *testing.B) {
	column(b, "token: {domain: customer}", func(i int) string { return fmt.Sprintf("CUST-%08d", i) })
}

func BenchmarkTokenName(b *testing.B) {
	column(b, "token: {domain: person.name, prefix: User_}", func(i int) string { return fmt.Sprintf("Name%d", i) })
}

func BenchmarkTokenEmail(b *testing.B) {
	column(b, "token: {domain: email, format: email}", func(i int) string { return fmt.Sprintf("user%d@Example.com", i) })
}

func BenchmarkTokenPhone(b *testing.B) {
	column(b, "token: {domain: phone, format: phone}", func(i int) string { return fmt.Sprintf("+1415555%04d", i%10000) })
}

func BenchmarkTokenPhoneForeign(b *testing.B) {
	column(b, "token: {domain: phone, format: phone}", func(i int) string { return fmt.Sprintf("+44 20 7946 %04d", i%10000) })
}

func BenchmarkTokenPhoneNational(b *testing.B) {
	column(b, "token: {domain: phone, format: phone}", func(i int) string { return fmt.Sprintf("(415) 555-%04d", i%10000) })
}

func BenchmarkTokenDigits(b *testing.B) {
	column(b, "token: {domain: account, format: digits}, expect: {classes: [phone, card, ssn], why: 'they look like it'}", func(i int) string { return fmt.Sprintf("%09d", i) })
}

func BenchmarkTokenUUID(b *testing.B) {
	column(b, "token: {domain: record, format: uuid}", func(i int) string { return fmt.Sprintf("%08x-0000-4000-8000-%012x", i, i) })
}

func BenchmarkFPE(b *testing.B) {
	column(b, `fpe: {domain: account, alphabet: "0123456789"}, expect: {classes: [phone, card, ssn], why: "they look like it"}`, func(i int) string { return fmt.Sprintf("%03d-%06d", i%1000, i) })
}

func BenchmarkCard(b *testing.B) {
	column(b, "card: {keep: last4}", func(int) string { return "4111 1111 1111 1111" })
}

func BenchmarkPartial(b *testing.B) {
	column(b, "mask: {last: 4}", func(i int) string { return fmt.Sprintf("%09d", i) })
}

func BenchmarkDateText(b *testing.B) {
	column(b, "date: {truncate: year}", func(i int) string { return fmt.Sprintf("19%02d-%02d-%02d", i%100, 1+i%12, 1+i%28) })
}

func BenchmarkDate(b *testing.B) {
	for _, unit := range []string{"year", "month"} {
		b.Run(unit, func(b *testing.B) {
			days := array.NewDate32Builder(memory.DefaultAllocator)
			for i := range columnar.DefaultBatchRows {
				days.Append(arrow.Date32(i * 7919 % 20_000))
			}
			columnOf(b, "date: {truncate: "+unit+"}", days.NewArray(), nil)
		})
	}
}

func BenchmarkConstant(b *testing.B) {
	values := array.NewStringBuilder(memory.DefaultAllocator)
	for i := range columnar.DefaultBatchRows {
		if i%3 == 0 {
			values.AppendNull()
		} else {
			values.Append("078-05-1120")
		}
	}
	columnOf(b, "redact: {with: '[MASKED]'}", values.NewArray(), nil)
}

// BenchmarkDictionary masks columns of a dictionary, to text and to a dictionary.
func BenchmarkDictionary(b *testing.B) {
	for _, entries := range []int{10, 1000, 10_000} {
		d := array.NewDictionaryBuilder(memory.DefaultAllocator, translated).(*array.BinaryDictionaryBuilder)
		for i := range columnar.DefaultBatchRows {
			if err := d.AppendString(fmt.Sprintf("Name%d", i*7919%entries)); err != nil {
				b.Fatal(err)
			}
		}
		values := d.NewDictionaryArray()
		b.Run(fmt.Sprintf("text/%d", entries), func(b *testing.B) {
			columnOf(b, "token: {domain: person.name, prefix: User_}", values, nil)
		})
		b.Run(fmt.Sprintf("dictionary/%d", entries), func(b *testing.B) {
			columnOf(b, "token: {domain: person.name, prefix: User_}", values, newTranslation(true))
		})
	}
}

func BenchmarkScrub(b *testing.B) {
	column(b, "scrub: {}", note)
}

func note(i int) string {
	s := fmt.Sprintf("Customer asked about invoice %d and the delivery; promised a callback by tomorrow noon, no further action needed.", i)
	if i%20 == 0 {
		s += fmt.Sprintf(" Reach at (415) 555-%04d or user%d@example.com", i%10000, i)
	}
	return s
}

func BenchmarkScrubContext(b *testing.B) {
	p := testPlan(b, scrubPolicy)
	const rows = columnar.DefaultBatchRows
	builders := make([]*array.StringBuilder, 8)
	for i := range builders {
		builders[i] = array.NewStringBuilder(memory.DefaultAllocator)
	}
	for i := range rows {
		for c, v := range []string{"acme", fmt.Sprintf("Name%d", i%500), fmt.Sprintf("Family%d", i%700), fmt.Sprintf("+1415555%04d", i%10000),
			fmt.Sprintf("user%d@example.com", i), "4111111111111111", fmt.Sprintf("C-%d", i), note(i)} {
			builders[c].Append(v)
		}
	}
	columns := make([]arrow.Array, len(builders))
	for i := range builders {
		columns[i] = builders[i].NewArray()
	}
	maskAgain(b, newScratch(p), 7, columns, rows, "ns/value")
}

// BenchmarkMask masks a Parquet file of 100,000 interactions of 20 columns with the ready policy.
func BenchmarkMask(b *testing.B) {
	set, err := policy.Load(filepath.Join("..", "..", "policies", "guide-interaction.yaml"))
	if err != nil {
		b.Fatal(err)
	}
	p, _ := set.For("interaction")
	plan := compiled(b, p, "sandbox")
	const rows = 100_000
	in := interactions(b, rows)
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := plan.Mask(context.Background(), bytes.NewReader(in), "x.parquet", io.Discard, Options{Workers: workers}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// interactions makes a Parquet file with the columns of the ready policy.
func interactions(t testing.TB, rows int) []byte {
	t.Helper()
	text := []func(i int) (string, string){
		func(i int) (string, string) {
			return "interactionId", fmt.Sprintf("%08x-0000-4000-8000-%012x", i*2654435761%(1<<32), i)
		},
		func(i int) (string, string) { return "tenant_id", []string{"acme", "globex", "initech"}[i/1000%3] },
		func(i int) (string, string) { return "direction", []string{"INBOUND", "OUTBOUND"}[i%2] },
		func(int) (string, string) { return "channel", "voice" },
		func(i int) (string, string) { return "queueId", fmt.Sprintf("queue-%d", i%40) },
		func(i int) (string, string) { return "agentId", fmt.Sprintf("agent-%d", i%300) },
		func(i int) (string, string) { return "phoneNumber", fmt.Sprintf("+1415%07d", i*7919%10_000_000) },
		func(i int) (string, string) { return "emailAddress", fmt.Sprintf("user%d@example.com", i) },
		func(i int) (string, string) { return "externalId", fmt.Sprintf("CUST-%08d", i) },
		func(i int) (string, string) { return "firstName", fmt.Sprintf("Name%d", i%900) },
		func(i int) (string, string) { return "lastName", fmt.Sprintf("Family%d", i%7000) },
		func(int) (string, string) { return "cardNumber", "4111111111111111" },
		func(i int) (string, string) { return "ssn", fmt.Sprintf("%03d-%02d-%04d", 1+i%600, 1+i%98, 1+i%9998) },
		func(i int) (string, string) { return "wrapUpCode", fmt.Sprintf("code-%d", i%12) },
		func(i int) (string, string) { return "notes", note(i) },
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(func() (fields []arrow.Field) {
		for _, f := range text {
			name, _ := f(0)
			fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true})
		}
		return append(fields, arrow.Field{Name: "startTime", Type: arrow.FixedWidthTypes.Timestamp_ms}, arrow.Field{Name: "endTime", Type: arrow.FixedWidthTypes.Timestamp_ms},
			arrow.Field{Name: "durationMs", Type: arrow.PrimitiveTypes.Int64}, arrow.Field{Name: "dateOfBirth", Type: arrow.PrimitiveTypes.Date32})
	}(), nil))
	var out bytes.Buffer
	w, err := columnar.NewWriter(&out, b.Schema(), columnar.WriteOptions{Format: columnar.FormatParquet})
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		for c, f := range text {
			_, v := f(i)
			b.Field(c).(*array.StringBuilder).Append(v)
		}
		n := len(text)
		start := int64(1_760_000_000_000) + int64(i)*1000
		b.Field(n).(*array.TimestampBuilder).Append(arrow.Timestamp(start))
		b.Field(n + 1).(*array.TimestampBuilder).Append(arrow.Timestamp(start + int64(i%600_000)))
		b.Field(n + 2).(*array.Int64Builder).Append(int64(i % 600_000))
		b.Field(n + 3).(*array.Date32Builder).Append(arrow.Date32(i % 20_000))
		if (i+1)%10_000 == 0 || i == rows-1 {
			batch := b.NewRecordBatch()
			if err := w.Write(batch); err != nil {
				t.Fatal(err)
			}
			batch.Release()
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
