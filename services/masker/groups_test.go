package masker

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/columnar"
)

// bothWays masks a Parquet file by columns and batch by batch. Tables, books and refusals must be the same.
func bothWays(t testing.TB, p *Plan, file string, o Options) ([]string, Result, error) {
	t.Helper()
	mem := memory.NewCheckedAllocator(spoiling{})
	defer mem.AssertSize(t, 0)
	o.Allocator, o.Format = mem, columnar.FormatParquet
	src := bytes.NewReader([]byte(file))
	input, err := p.input("x.parquet", src, o)
	if err != nil {
		t.Fatal(err)
	}
	var byColumn, byBatch bytes.Buffer
	columns, batches := twoObservers()
	o.Observer = columns
	got, ok, err := p.maskGroups(t.Context(), src, input, &byColumn, o)
	err = verdict(err)
	o.Observer = batches
	want, wantErr := p.maskStream(t.Context(), src, input, &skipped{}, &byBatch, o)
	wantErr = verdict(wantErr)
	if fmt.Sprint(err) != fmt.Sprint(wantErr) {
		t.Fatalf("by column: %v\nby batch:  %v", err, wantErr)
	}
	if err != nil {
		return nil, got, err
	}
	if !ok {
		t.Fatal("the file was not masked by columns")
	}
	if got.RowsIn != want.RowsIn || got.RowsOut != want.RowsOut || !maps.Equal(got.Rejects, want.Rejects) || !maps.Equal(got.Tenants, want.Tenants) {
		t.Fatalf("by column: %+v\nby batch:  %+v", got, want)
	}
	sameObservation(t, p, got, want, columns, batches, byColumn.String(), byBatch.String())
	rows := records(t, byColumn.String())
	if other := records(t, byBatch.String()); !slices.Equal(rows, other) {
		for i := range min(len(rows), len(other)) {
			if rows[i] != other[i] {
				t.Fatalf("row %d by column: %s\nby batch: %s", i, rows[i], other[i])
			}
		}
		t.Fatalf("%d rows by column, %d by batch", len(rows), len(other))
	}
	return rows, got, nil
}

// everyCall has one treatment of each kind over columns of several types and layouts.
const everyCall = `
key: [id]
tenant: {path: tenant, required: true, known: [acme, globex]}
%s
fields:
  - {path: id, keep: true}
  - {path: tenant, keep: true}
  - {path: way, keep: true}
  - {path: at, keep: true}
  - {path: level, keep: true}
  - {path: phone, token: {domain: phone, format: phone}}
  - {path: email, token: {domain: email, format: email}}
  - {path: name, token: {domain: person.name, prefix: User_}}
  - {path: card, card: {keep: last4}}
  - {path: ssn, redact: {}}
  - {path: born, date: {truncate: year}}
  - {path: said, date: {truncate: month}}
  - {path: heard, date: {truncate: day}}
  - {path: gone, drop: true}
  - {path: empty, 'null': true}
  - {path: notes, scrub: {context: [name, phone, email]}}
  - {path: other, token: {domain: phone, format: phone}, when: {path: way, in: [OUTBOUND]}}
  - {path: other, mask: {last: 2}}
`

var callSchema = func() *arrow.Schema {
	text := arrow.BinaryTypes.String
	var fields []arrow.Field
	for _, name := range []string{"id", "tenant", "way", "phone", "email", "name", "card", "ssn", "said", "heard", "gone", "empty", "notes", "other"} {
		fields = append(fields, arrow.Field{Name: name, Type: text, Nullable: true})
	}
	return arrow.NewSchema(append(fields,
		arrow.Field{Name: "at", Type: &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"}, Nullable: true},
		arrow.Field{Name: "level", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
		arrow.Field{Name: "born", Type: arrow.FixedWidthTypes.Date32, Nullable: true},
	), nil)
}()

// faults say how often, in a thousand, a row has what is wrong.
type faults struct{ twice, unowned, undated int }

// randomCalls makes a file of rows in row groups of so many rows.
func randomCalls(t testing.TB, r *rand.Rand, rows, groupRows int, often faults) string {
	t.Helper()
	b := array.NewRecordBuilder(memory.DefaultAllocator, callSchema)
	defer b.Release()
	pool := make([]string, 1+r.IntN(40)) // of names; few make dictionaries
	for i := range pool {
		pool[i] = strings.Repeat(string(rune('A'+r.IntN(26))), 1+r.IntN(4)) + "son"
	}
	chance := func(n int) bool { return r.IntN(1000) < n }
	for i := range rows {
		name, phone := pool[r.IntN(len(pool))], fmt.Sprintf("+1415555%04d", r.IntN(10_000))
		values := map[string]string{
			"id": fmt.Sprint("id-", i), "tenant": []string{"acme", "globex"}[r.IntN(2)], "way": []string{"INBOUND", "OUTBOUND"}[r.IntN(2)],
			"phone": phone, "email": strings.ToLower(name) + "@example.com", "name": name, "card": "4111 1111 1111 1111",
			"ssn": fmt.Sprintf("219-09-%04d", r.IntN(10_000)), "said": fmt.Sprintf("19%02d-0%d-11", r.IntN(100), 1+r.IntN(9)),
			"heard": "2001-02-03", "gone": "secret", "empty": "secret", "notes": name + " called from " + phone, "other": phone,
		}
		if i > 0 && chance(often.twice) {
			values["id"] = fmt.Sprint("id-", r.IntN(i))
		}
		if chance(often.unowned) {
			values["tenant"] = "nobody"
		}
		for _, date := range []string{"said", "heard"} {
			if chance(often.undated) {
				values[date] = "yesterday"
			}
		}
		for c, f := range callSchema.Fields() {
			text, isText := b.Field(c).(*array.StringBuilder)
			switch {
			case f.Name != "id" && f.Name != "tenant" && chance(100):
				b.Field(c).AppendNull()
			case isText && f.Name != "id" && f.Name != "tenant" && chance(30):
				text.Append("")
			case isText:
				text.Append(values[f.Name])
			case f.Name == "at":
				b.Field(c).(*array.TimestampBuilder).Append(arrow.Timestamp(r.Int64N(1 << 40)))
			case f.Name == "level":
				b.Field(c).(*array.Float64Builder).Append(r.Float64())
			case f.Name == "born":
				b.Field(c).(*array.Date32Builder).Append(arrow.Date32(r.IntN(20_000)))
			}
		}
	}
	batch := b.NewRecordBatch()
	defer batch.Release()
	var out bytes.Buffer
	w, err := columnar.NewWriter(&out, callSchema, columnar.WriteOptions{Format: columnar.FormatParquet, RowGroupRows: groupRows})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(batch); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestColumnsAndBatches: to mask a file by columns and to mask it batch by batch is the same.
func TestColumnsAndBatches(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		policy string
		faults faults
	}{
		"clean":            {"", faults{}},
		"twice":            {"duplicates: first", faults{twice: 20}},
		"always twice":     {"duplicates: first", faults{twice: 900}},
		"twice is refused": {"duplicates: reject", faults{twice: 5}},
		"newest":           {"duplicates: newest\nnewestBy: at", faults{twice: 100}},
		"refused rows":     {"", faults{unowned: 2, undated: 2}},
		"refused early":    {"duplicates: reject", faults{twice: 20, unowned: 20, undated: 20}},
		"dropped rows":     {"rejectRow: drop", faults{twice: 50, unowned: 30, undated: 30}},
		"few dropped rows": {"rejectRow: drop", faults{twice: 1, unowned: 1, undated: 1}},
		"all dropped":      {"rejectRow: drop", faults{unowned: 1000}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := testPlan(t, fmt.Sprintf(everyCall, tt.policy))
			for seed := range uint64(8) {
				r := rand.New(rand.NewPCG(seed, 1))
				file := randomCalls(t, r, r.IntN(800), 1+r.IntN(400), tt.faults)
				bothWays(t, p, file, Options{Workers: 1 + r.IntN(4), BatchRows: 6 + r.IntN(60)})
			}
		})
	}
}

// TestColumnsOfTalks is the same for what is nested.
func TestColumnsOfTalks(t *testing.T) {
	t.Parallel()
	p := testPlan(t, talks)
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 2))
		var lines []string
		for range 1 + r.IntN(60) {
			lines = append(lines, randomTalk(r))
		}
		bothWays(t, p, talkParquet(t, strings.Join(lines, "\n")), Options{Workers: 2, BatchRows: 1 + r.IntN(20)})
	}
}

// TestEqualBytesForEveryWorker: how many columns are masked side by side, and in what windows, does not show.
func TestEqualBytesForEveryWorker(t *testing.T) {
	t.Parallel()
	p := testPlan(t, fmt.Sprintf(everyCall, "rejectRow: drop"))
	file := randomCalls(t, rand.New(rand.NewPCG(1, 3)), 3000, 700, faults{twice: 2, undated: 1})
	want := ""
	for _, o := range []Options{{Workers: 1}, {Workers: 2, BatchRows: 100}, {Workers: 8, BatchRows: 33}} {
		got, _, err := run(t, p, "x.parquet", file, o)
		if err != nil {
			t.Fatal(err)
		}
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("%d workers and windows of %d rows make other bytes", o.Workers, o.BatchRows)
		}
	}
}
