package columnar

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
)

func TestJSONDepth(t *testing.T) {
	t.Parallel()
	nest := func(open, inside, closing string, n int) string {
		return strings.Repeat(open, n) + inside + strings.Repeat(closing, n)
	}
	deepest := arrow.DataType(arrow.BinaryTypes.String)
	for range maxDepth - 2 {
		deepest = arrow.ListOf(deepest)
	}
	columns := append(nestedColumns(), Column{"deepest", deepest})
	cases := map[string]struct {
		text   string
		column string // of the error
	}{
		"any":           {`{"any":` + nest("[", "", "]", maxDepth-1) + `}`, ""},
		"any too":       {`{"any":` + nest("[", "", "]", maxDepth) + `}`, "any"},
		"objects":       {`{"new":` + nest(`{"a":`, "1", "}", maxDepth-1) + `}`, ""},
		"objects too":   {`{"new":` + nest(`{"a":`, "1", "}", maxDepth) + `}`, `"new"`},
		"item":          {`{"map":{"k":` + nest("[", "", "]", maxDepth-2) + `}}`, ""},
		"item too":      {`{"map":{"k":` + nest("[", "", "]", maxDepth-1) + `}}`, "map"},
		"member":        {`{"many":[{"deep":[{"any":` + nest("[", "", "]", maxDepth-5) + `}]}]}`, ""},
		"member too":    {`{"many":[{"deep":[{"any":` + nest("[", "", "]", maxDepth-4) + `}]}]}`, "many[].deep[].any"},
		"declared":      {`{"deepest":` + nest("[", `"x"`, "]", maxDepth-2) + `}`, ""},
		"millions":      {`{"any":` + nest("[", "", "]", 4<<20) + `}`, "any"},
		"millions open": {`{"any":` + strings.Repeat("[", 4<<20), "any"},
		"in an array":   {nest("[", "", "]", 100), "none"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := readRows(t, []byte(c.text), Options{Format: FormatJSONL, Columns: columns})
			switch c.column {
			case "":
				must(t, err)
			case "none":
				dataFault(t, err, "every element of the array")
			default:
				if e := dataFault(t, err, "nested deeper than 64 levels"); e.Column != c.column || e.Row != 1 {
					t.Errorf("column %s row %d", e.Column, e.Row)
				}
			}
		})
	}
}

// TestJSONSizes: files that ask for much are read or refused in bounded time and
// memory.
func TestJSONSizes(t *testing.T) { // alone, for it measures what is allocated
	var members, deepMembers, keys strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&members, `"m%c%c%c%c":1,`, 'a'+i%26, 'a'+i/26%26, 'a'+i/676%26, 'a'+i/17576)
	}
	names := strings.TrimSuffix(members.String(), ",")
	for i := range 4000 {
		fmt.Fprintf(&deepMembers, `{"many":[{"a%c%c%c":1,"deep":[{"b%[1]c%[2]c%[3]c":1}]}],"c%[1]c%[2]c%[3]c":1}`, 'a'+i%26, 'a'+i/26%26, 'a'+i/676)
	}
	for range maxNames/1000 + 1 {
		keys.WriteString(strings.Repeat(`"":1,`, 1000))
	}
	cell := strings.Repeat("x", 10<<20)
	cases := map[string]struct {
		text   string
		limits Limits
		want   string
	}{
		"large cell":         {`{"id":"` + cell + `","any":["` + cell + `"],"map":{"k":"` + cell + `"},"tags":["` + cell + `"]}`, Limits{}, ""},
		"large escaped cell": {`{"id":"\u0020` + strings.ReplaceAll(cell[:1<<20], "x", `\n`) + `"}`, Limits{}, ""},
		"too large cell":     {`{"id":"` + cell + `"}`, Limits{MaxCellBytes: 5 << 20}, "larger than 5242880 bytes"},
		"too large key":      {`{"map":{"` + cell + `":1}}`, Limits{MaxCellBytes: 5 << 20}, "larger than 5242880 bytes"},
		"too large name":     {`{"` + cell + `":1}`, Limits{MaxCellBytes: 5 << 20}, "larger than 5242880 bytes"},
		"too large row":      {`{"tags":["` + cell + `","` + cell + `"]}`, Limits{MaxRowBytes: 12 << 20}, "larger than 12582912 bytes"},
		"no end":             {`{"tags":[` + strings.Repeat(`"x",`, 4<<20), Limits{MaxRowBytes: 12 << 20}, "larger than 12582912 bytes"},
		"quote missing":      {`{"id":"x}` + strings.Repeat("\n"+`{"id":"x"}`, 2<<20), Limits{MaxRowBytes: 12 << 20}, "the quote that ends it is missing"},
		"names":              {"{" + names + "}", Limits{}, "more than 10000 different member names"},
		"names below":        {`{"one":{` + names + `}}`, Limits{}, "more than 10000 different member names"},
		"names everywhere":   {deepMembers.String(), Limits{}, "more than 10000 different member names"},
		"names of names":     {`{"` + cell + `":1,"` + cell + `x":1}`, Limits{MaxRowBytes: 15 << 20}, "larger than 15728640 bytes"},
		"map of many":        {`{"map":{` + names + `}}`, Limits{}, ""},
		"any of many":        {`{"any":{` + names + `}}`, Limits{}, ""},
		"map with a twin":    {`{"map":{` + names + `,"mbbbb":1}}`, Limits{}, "twice"},
		"any with a twin":    {`{"any":[{` + names + `,"mbbbb":1}]}`, Limits{}, "twice"},
		"map of too many":    {`{"map":{` + keys.String() + `"":1}}`, Limits{}, "more than 1048576 members"},
		"any of too many":    {`{"new":{` + keys.String() + `"":1}}`, Limits{}, "more than 1048576 members"},
		"blanks":             {`{"id":1}` + strings.Repeat(" \n", 8<<20) + `{"id":2}`, Limits{MaxRowBytes: 1 << 20}, ""},
		"nulls":              {`{"tags":[` + strings.Repeat("null,", 2<<20) + `null]}`, Limits{}, ""},
		"many structs":       {`{"many":[{"text":"","deep":[],"map":{}},` + strings.Repeat("{},", 8<<20) + `{}]}`, Limits{MaxMemory: 64 << 20}, "more than the 67108864 bytes of memory"},
		"many small objects": {strings.Repeat(`{}`, 1<<20), Limits{}, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			limits := c.limits
			if limits.MaxMemory == 0 {
				limits.MaxMemory = 512 << 20
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := readRows(t, []byte(c.text), Options{Format: FormatJSONL, Columns: nestedColumns(), Limits: limits})
			if c.want == "" {
				must(t, err)
			} else {
				dataFault(t, err, c.want)
			}
			runtime.ReadMemStats(&after)
			if spent := (after.TotalAlloc - before.TotalAlloc) >> 20; spent > 1024 {
				t.Errorf("%d MiB allocated", spent)
			}
		})
	}
}

// TestNestedBatchesStayShort: a batch ends when it holds many cells, on whatever
// level they are.
func TestNestedBatchesStayShort(t *testing.T) {
	t.Parallel()
	var fields []string
	for i := range 100 {
		fields = append(fields, fmt.Sprintf(`"m%c%c":1`, 'a'+i%26, 'a'+i/26))
	}
	all := "{" + strings.Join(fields, ",") + "}"
	text := `{"many":[` + all + `]}` + strings.Repeat(`{"many":[`+strings.Repeat("{},", 999)+`{}]}`, 100)
	r, err := Open(source([]byte(text)), Options{Format: FormatJSONL, Columns: []Column{{"many", arrow.ListOf(arrow.StructOf())}}})
	must(t, err)
	defer r.Close()
	batch, err := r.Next(t.Context())
	must(t, err)
	defer batch.Release()
	if n := batch.NumRows(); n < 10 || n > 13 {
		t.Errorf("%d rows of 100,000 cells in a batch", n)
	}
}
