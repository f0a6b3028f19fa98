package masker

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/policy"
)

// byDays is a mover of a fixed number of days.
type byDays int64

func (d byDays) move(_ *scratch, _ place, day int64) (int64, error) { return day + int64(d), nil }
func (byDays) midnight() bool                                       { return false }
func (byDays) perValue() bool                                       { return true }

func TestShiftText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		days     byDays
		in, want string
	}{
		{1, "2024-02-28", "2024-02-29"}, {1, "2023-02-28", "2023-03-01"}, {-1, "2024-03-01", "2024-02-29"}, {366, "2024-02-29", "2025-03-01"},
		{1, "2023-12-31", "2024-01-01"}, {-1, "2024-01-01", "2023-12-31"}, {1, "1900-02-28", "1900-03-01"}, {1, "2000-02-28", "2000-02-29"},
		{1, "2026-03-08T01:59:59.999-05:00", "2026-03-09T01:59:59.999-05:00"}, // clocks go forward in between, the day has 24 hours all the same
		{-1, "2026-03-29 02:30:00,5+0100", "2026-03-28 02:30:00,5+0100"},
		{30, "1969-12-31T23:59Z", "1970-01-30T23:59Z"},
		{-1, "0001-01-01T00:00+14", "0000-12-31T00:00+14"},
	}
	for _, tt := range tests {
		got, err := dated{tt.days}.rewrite(nil, place{}, []byte("before"), []byte(tt.in))
		if err != nil || string(got) != "before"+tt.want {
			t.Errorf("%q by %d days: got %q %v, want %q", tt.in, tt.days, got, err, tt.want)
		}
	}
}

// TestShiftInstant compares with exact arithmetic, at the ends of what 64 bits hold too.
func TestShiftInstant(t *testing.T) {
	t.Parallel()
	for _, perDay := range []int64{86_400, 86_400_000, 86_400_000_000, 86_400_000_000_000} {
		for _, v := range []int64{0, 1, -1, perDay - 1, -perDay, -perDay - 1, math.MinInt64, math.MinInt64 + perDay - 1, math.MinInt64 + perDay, math.MaxInt64, math.MaxInt64 - perDay} {
			for _, days := range []int64{1, -1, 30, -36_525} {
				got, err := dated{byDays(days)}.instant(nil, place{}, v, perDay)
				want := v + days*perDay
				if fits := (want > v) == (days > 0); fits != (err == nil) || fits && got != want {
					t.Errorf("%d of %d a day by %d days: got %d %v", v, perDay, days, got, err)
				}
			}
		}
	}
}

const visits = `
key: [id]
tenant: {path: tenant}
fields:
  - {path: id, keep: true}
  - {path: tenant, keep: true}
  - {path: customer, token: {domain: customer}}
  - {path: born, date: {shift: {by: customer, max: 30d}}}
  - {path: start, date: {shift: {by: customer, max: 30d}}}
  - {path: day, type: date, date: {shift: {by: customer, max: 30d}}}
  - {path: end, type: timestamp, date: {shift: {by: customer, max: 30d}}}
`

const maxDays = 30

// visit is a row of visits.
type visit struct{ id, tenant, customer, born, start, day, end string }

func (v visit) fields() []string {
	return []string{v.id, v.tenant, v.customer, v.born, v.start, v.day, v.end}
}

func visitsCSV(rows []visit) string {
	var b strings.Builder
	b.WriteString("id,tenant,customer,born,start,day,end\n")
	for _, r := range rows {
		b.WriteString(strings.Join(r.fields(), ",") + "\n")
	}
	return b.String()
}

// shifts masks rows and returns by how many days each was shifted. All dates of a row must be shifted alike, and keep
// layout and time of day.
func shifts(t testing.TB, p *Plan, rows []visit) []int {
	t.Helper()
	lines := csv(t, p, visitsCSV(rows))[1:]
	out := make([]int, len(rows))
	for i, line := range lines {
		got, in := strings.Split(line, ","), rows[i].fields()
		for c := 3; c < len(in); c++ {
			before, after := dateOf(t, in[c]), dateOf(t, got[c])
			days := int(after.Sub(before).Hours() / 24)
			if c == 3 {
				out[i] = days
			}
			if days != out[i] || got[c][10:] != in[c][10:] {
				t.Fatalf("row %d: %q became %q, other dates of the row move by %d days", i, in[c], got[c], out[i])
			}
		}
	}
	return out
}

func dateOf(t testing.TB, text string) time.Time {
	t.Helper()
	day, err := time.Parse(time.DateOnly, text[:10])
	if err != nil {
		t.Fatal(err)
	}
	return day
}

func visitsOf(customers int, each int) []visit {
	rows := make([]visit, 0, customers*each)
	for i := range customers * each {
		day := time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, 97*i)
		rows = append(rows, visit{
			fmt.Sprintf("v-%d", i), "acme", fmt.Sprintf("C-%d", i%customers), day.AddDate(-30, 1, 3).Format(time.DateOnly),
			day.Format("2006-01-02 15:04:05.000") + "+05:30", day.Format(time.DateOnly), day.Format("2006-01-02T") + "23:59:59.5Z",
		})
	}
	return rows
}

// TestShift: all dates of one subject move by the same number of days, which is never 0 nor above the limit, in both
// directions; another tenant, environment or epoch has other numbers.
func TestShift(t *testing.T) {
	t.Parallel()
	pol := testPolicy(t, visits)
	const customers = 400
	rows := visitsOf(customers, 3)
	got := shifts(t, compiled(t, pol, "sandbox"), rows)
	seen := map[int]int{}
	for i, days := range got {
		if days == 0 || days > maxDays || days < -maxDays {
			t.Fatalf("row %d moves by %d days", i, days)
		}
		if days != got[i%customers] {
			t.Fatalf("row %d moves by %d days, another one of the subject by %d", i, days, got[i%customers])
		}
		seen[days]++
	}
	if len(seen) != 2*maxDays {
		t.Errorf("%d of %d shifts occur", len(seen), 2*maxDays)
	}

	epoch2, err := keys.Load(keys.Source{Text: keys.NewSecret([]byte(testKey + "2:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"))})
	if err != nil {
		t.Fatal(err)
	}
	later, err := Compile(pol, epoch2, "sandbox")
	if err != nil {
		t.Fatal(err)
	}
	other := slices.Clone(rows)
	for i := range other {
		other[i].tenant = "globex"
	}
	for name, again := range map[string][]int{
		"tenant": shifts(t, compiled(t, pol, "sandbox"), other), "environment": shifts(t, compiled(t, pol, "sandbox-02"), rows), "epoch": shifts(t, later, rows),
	} {
		same := 0
		for i := range customers {
			same += btoi(again[i] == got[i])
		}
		if same > 25 { // 400/60 by chance
			t.Errorf("%d of %d subjects move alike with another %s", same, customers, name)
		}
	}
	first, err := epoch2.At(1)
	if err != nil {
		t.Fatal(err)
	}
	back, err := Compile(pol, first, "sandbox")
	if err != nil {
		t.Fatal(err)
	}
	if again := shifts(t, back, rows); !slices.Equal(again, got) {
		t.Error("the epoch of old gives other shifts")
	}
}

// TestShiftScope: without a tenant in every row the environment has one shift for a subject.
func TestShiftScope(t *testing.T) {
	t.Parallel()
	body := strings.NewReplacer("{path: tenant}\n", "{path: tenant, required: false}\n", "domain: customer}", "domain: customer, scope: environment}").Replace(visits)
	p := testPlan(t, body)
	rows := visitsOf(50, 2)
	for i := range 50 {
		rows[50+i].tenant = ""
	}
	if got := shifts(t, p, rows); !slices.Equal(got[:50], got[50:]) {
		t.Error("a subject of two tenants has two shifts")
	}
}

// TestShiftSubject: the canonical form tells subjects apart, and a row without one is a subject of its own.
func TestShiftSubject(t *testing.T) {
	t.Parallel()
	row := visitsOf(1, 1)[0]
	of := func(id, customer string) visit {
		v := row
		v.id, v.customer = id, customer
		return v
	}
	body := strings.Replace(visits, "domain: customer}", "domain: phone, format: phone}", 1)
	p := testPlan(t, body)
	got := shifts(t, p, []visit{of("1", "(415) 555-0132"), of("2", "+14155550132"), of("3", "415.555.0132")})
	if got[0] != got[1] || got[0] != got[2] {
		t.Errorf("one number written in three ways has the shifts %d", got)
	}
	var rows, spaces []visit
	for i := range 60 {
		rows = append(rows, of(fmt.Sprint("k", i), ""))
		spaces = append(spaces, of(fmt.Sprint("k", i), "  "))
	}
	none := shifts(t, p, rows)
	if distinct := slices.Compact(slices.Sorted(slices.Values(none))); len(distinct) < 20 {
		t.Errorf("60 rows without a subject have %d shifts", len(distinct))
	}
	if !slices.Equal(none, shifts(t, p, rows)) || !slices.Equal(none, shifts(t, p, spaces)) {
		t.Error("a row without a subject has another shift the second time, or with a subject of spaces")
	}
	if alike := shifts(t, p, []visit{of("x", "k0"), of("y", "k1"), of("z", "k2"), of("w", "k3"), of("v", "k4")}); slices.Equal(alike, none[:5]) {
		t.Error("a subject is taken for the key of a row")
	}
	pol := testPolicy(t, body)
	pol.Key = nil
	keyless := compiled(t, pol, "sandbox")
	if _, _, err := run(t, keyless, "in.csv", visitsCSV(rows), Options{}); class(err) != ClassBadValue {
		t.Errorf("a row with neither subject nor key: %v", err)
	}
}

// TestShiftFormats: CSV, JSON Lines and Parquet, text and typed columns, give the same rows.
func TestShiftFormats(t *testing.T) {
	t.Parallel()
	p := testPlan(t, visits)
	rows := visitsOf(40, 5)
	var jsonl strings.Builder
	names := []string{"id", "tenant", "customer", "born", "start", "day", "end"}
	fields, columns := make([]arrow.Field, len(names)), make([]arrow.Array, len(names))
	types := map[string]arrow.DataType{"born": arrow.FixedWidthTypes.Date64, "day": arrow.FixedWidthTypes.Date32, "end": arrow.FixedWidthTypes.Timestamp_ns}
	for c, name := range names {
		fields[c] = arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true}
		if of, ok := types[name]; ok {
			fields[c].Type = of
		}
		texts := make([]string, len(rows))
		for i, r := range rows {
			texts[i] = r.fields()[c]
		}
		columns[c] = arrayOf(t, fields[c].Type, texts...)
		defer columns[c].Release()
	}
	for _, r := range rows {
		for c, v := range r.fields() {
			fmt.Fprintf(&jsonl, "%c%q:%q", ",{"[btoi(c == 0)], names[c], v)
		}
		jsonl.WriteString("}\n")
	}
	want := maskTo(t, p, "in.csv", visitsCSV(rows), columnar.FormatCSV)
	if got := maskTo(t, p, "in.jsonl", jsonl.String(), columnar.FormatCSV); got != want {
		t.Error("JSON Lines gives other rows than CSV")
	}
	if got := maskTo(t, p, "in.parquet", parquetOf(t, arrow.NewSchema(fields, nil), columns...), columnar.FormatCSV); got != want {
		t.Error("Parquet gives other rows than CSV")
	}
}

// TestShiftTypes: every type of instants keeps its time of day and moves alike.
func TestShiftTypes(t *testing.T) {
	t.Parallel()
	plan := testPlan(t, "key: [k]\nfields: [{path: k, keep: true}, {path: v, date: {shift: {by: k, max: 365d}}}]\n")
	masked := func(of arrow.DataType, in string) ([]string, error) {
		key, v := arrayOf(t, arrow.BinaryTypes.String, "a", "a"), arrayOf(t, of, in, "null")
		defer key.Release()
		defer v.Release()
		f := flatFrame(plan, []arrow.Array{key, v}, 2)
		f.mem = memory.DefaultAllocator
		if err := f.own(""); err != nil {
			t.Fatal(err)
		}
		s := newScratch(plan)
		s.begin(f)
		out, err := plan.fields[1].operator.mask(s, f.columns[1])
		if err != nil {
			return nil, err
		}
		defer out.Release()
		if !arrow.TypeEqual(out.DataType(), of) {
			t.Errorf("%s became %s", of, out.DataType())
		}
		return written(t, out), nil
	}
	stamp := func(unit arrow.TimeUnit) arrow.DataType { return &arrow.TimestampType{Unit: unit, TimeZone: "UTC"} }
	var day string
	for _, tt := range []struct {
		of arrow.DataType
		in string
	}{
		{arrow.FixedWidthTypes.Date32, "2024-02-29"}, {arrow.FixedWidthTypes.Date64, "2024-02-29"}, {stamp(arrow.Second), "2024-02-29T23:59:59Z"},
		{stamp(arrow.Millisecond), "2024-02-29T23:59:59.125Z"}, {stamp(arrow.Microsecond), "2024-02-29T23:59:59.000001Z"},
		{stamp(arrow.Nanosecond), "2024-02-29T23:59:59.999999999Z"}, {arrow.BinaryTypes.String, "2024-02-29T23:59:59.999999999Z"},
	} {
		got, err := masked(tt.of, tt.in)
		if err != nil {
			t.Fatal(err)
		}
		if day == "" {
			day = got[0][:10]
		}
		if got[0] != day+tt.in[10:] || got[1] != "null" || day == tt.in[:10] {
			t.Errorf("%s as %s: got %q, want the day %s", tt.in, tt.of, got, day)
		}
	}
	for _, tt := range []struct {
		of       arrow.DataType
		low, top string
	}{
		{arrow.BinaryTypes.String, "0000-01-01", "9999-12-31"}, {arrow.FixedWidthTypes.Date32, "0000-01-01", "9999-12-31"},
		{stamp(arrow.Second), "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z"}, {stamp(arrow.Nanosecond), "1677-09-21T00:12:44Z", "2262-04-11T23:47:16Z"},
	} {
		_, low := masked(tt.of, tt.low)
		_, top := masked(tt.of, tt.top)
		if (low == nil) == (top == nil) {
			t.Errorf("%s: the first day gives %v and the last one %v, want one fault", tt.of, low, top)
		}
	}
}

func TestShiftRefused(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]policy.Shift{
		"no max": {By: policy.Reference{Path: "id"}}, "max too large": {By: policy.Reference{Path: "id"}, Max: 3_000_000},
		"no such field": {By: policy.Reference{Path: "other"}, Max: 1},
	} {
		if _, err := Compile(treating(t, visits, map[string]policy.Treatment{"born": v}), testRing(t), "sandbox"); err == nil {
			t.Errorf("%s: the policy is compiled", name)
		}
	}
	refuses(t, policy.Shift{By: policy.Reference{Path: "v"}, Max: 30}, arrow.BinaryTypes.String, "31.12.1999")
}

func BenchmarkShift(b *testing.B) {
	p := testPlan(b, visits)
	const rows = 65_536
	customers, days := array.NewStringBuilder(memory.DefaultAllocator), array.NewTimestampBuilder(memory.DefaultAllocator, arrow.FixedWidthTypes.Timestamp_us.(*arrow.TimestampType))
	texts := array.NewStringBuilder(memory.DefaultAllocator)
	for i := range rows {
		customers.Append(fmt.Sprintf("C-%d", i%5000))
		days.Append(arrow.Timestamp(int64(i) * 1e9))
		texts.Append("2024-02-29T23:59:59.123Z")
	}
	columns := make([]arrow.Array, len(p.fields))
	columns[2], columns[4], columns[6] = customers.NewArray(), texts.NewArray(), days.NewArray()
	tenants := array.NewStringBuilder(memory.DefaultAllocator)
	for range rows {
		tenants.Append("acme")
	}
	columns[1] = tenants.NewArray()
	for name, at := range map[string]int{"timestamp": 6, "text": 4} {
		b.Run(name, func(b *testing.B) {
			maskAgain(b, newScratch(p), at, columns, rows, "ns/value")
		})
	}
}
