package masker

import (
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/stage"
)

const small = `
key: [id]
tenant: {path: tenant, known: [acme, globex]}
fields:
  - {path: id, keep: true, aliases: [uid]}
  - {path: tenant, keep: true}
  - {path: born, date: {truncate: year}}
  - {path: n, keep: true, type: int}
`

const open = `
tenant: {path: tenant}
unknown: pass
fields:
  - {path: id, token: {domain: customer}}
  - {path: tenant, keep: true, type: int}
`

func TestRejections(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		policy, name, in string
		o                Options
		class, field     string
		detail           string
	}{
		"unknown field":        {small, "x.csv", "id,tenant,born,n,extra,more\n1,acme,,,x,y\n", Options{}, ClassUnknownField, `"extra", "more"`, "2 columns are not named by the policy"},
		"unknown looks like":   {small, "x.csv", "id,tenant,415 555 0132,a@b\n1,acme,,\n", Options{}, ClassUnknownField, "at position 3, at position 4", ""},
		"key missing":          {small, "x.csv", "tenant,born\nacme,\n", Options{}, ClassMissingField, "id", "not in the object"},
		"tenant missing":       {small, "x.csv", "id,born\n1,\n", Options{}, ClassMissingField, "tenant", ""},
		"path and alias":       {small, "x.csv", "id,uid,tenant\n1,1,acme\n", Options{}, ClassDuplicate, "id", "more than once"},
		"column twice":         {small, "x.csv", "id,id,tenant\n1,1,acme\n", Options{}, ClassMalformed, "", ""},
		"null key":             {small, "x.csv", "id,tenant\n1,acme\n,acme\n", Options{}, ClassNullKey, "id", "row 2: "},
		"empty key":            {small, "x.csv", "id,tenant\n1,acme\n\"\",acme\n", Options{}, ClassNullKey, "id", "row 2: "},
		"null tenant":          {small, "x.csv", "id,tenant\n1,\n", Options{}, ClassUnknownTenant, "tenant", "row 1: the row has no tenant"},
		"blank tenant":         {small, "x.csv", "id,tenant\n1,\" \"\n", Options{}, ClassUnknownTenant, "tenant", "no tenant"},
		"unknown tenant":       {small, "x.csv", "id,tenant\n1,acme\n2,initech\n", Options{}, ClassUnknownTenant, "tenant", "row 2: the tenant is not among"},
		"tenant of another":    {small, "x.csv", "id,tenant\n1,acme\n2,globex\n", Options{Tenant: "acme"}, ClassUnknownTenant, "tenant", "row 2: the row is of another tenant"},
		"bad date":             {small, "x.csv", "id,tenant,born\n1,acme,1931-01-01\n2,acme,31.12.1931\n", Options{}, ClassBadValue, "born", "row 2: no date"},
		"bad integer":          {small, "x.csv", "id,tenant,n\n1,acme,12x\n", Options{}, ClassMalformed, `"n"`, "not a 64-bit integer"},
		"duplicates rejected":  {"duplicates: reject" + small, "x.csv", "id,tenant\n1,acme\n1,globex\n1,acme\n", Options{}, ClassDuplicateKey, "id", "row 3: "},
		"truncated parquet":    {small, "x.parquet", "PAR1 nothing more", Options{}, ClassMalformed, "", ""},
		"empty parquet":        {small, "x.parquet", "", Options{}, ClassMalformed, "", ""},
		"no known format":      {small, "x.bin", "\x00\x01\x02", Options{}, ClassMalformed, "", ""},
		"ragged csv":           {small, "x.csv", "id,tenant\n1\n", Options{}, ClassMalformed, "", ""},
		"tenant like a phone":  {strings.Replace(small, ", known: [acme, globex]", "", 1), "x.csv", "id,tenant\n1,acme\n2,415-555-0123\n", Options{}, ClassUnknownTenant, "tenant", "row 2: the tenant looks like a value of class phone"},
		"number like a phone":  {open, "x.csv", "id,tenant\n1,4155550123\n", Options{}, ClassUnknownTenant, "tenant", "class phone"},
		"tenant of two lines":  {strings.Replace(small, ", known: [acme, globex]", "", 1), "x.csv", "id,tenant\n1,\"a\nb\"\n", Options{}, ClassUnknownTenant, "tenant", "no name"},
		"tenant of a page":     {strings.Replace(small, ", known: [acme, globex]", "", 1), "x.csv", "id,tenant\n1," + strings.Repeat("x", 129) + "\n", Options{}, ClassUnknownTenant, "tenant", "at most 128 bytes"},
		"passed but suspect":   {open, "x.csv", "id,tenant,queue,firstName,notes\n1,7,q,Anna,x\n", Options{}, ClassSuspectField, `"firstName", "notes"`, "2 columns are not named"},
		"passed but renamed":   {open, "x.csv", "ID,tenant\n1,7\n", Options{}, ClassSuspectField, `"ID"`, ""},
		"unknown and a person": {small, "x.csv", "id,tenant,John Smith\n1,acme,\n", Options{}, ClassUnknownField, "at position 3", ""},
		"passed but a value":   {open, "x.csv", "id,tenant,queue,415 555 0132,a@b\n1,7,q,,x\n", Options{}, ClassSuspectField, "at position 4, at position 5", ""},
		"passed in an object":  {open + "  - {path: o.a, keep: true}\n", "x.jsonl", `{"id":"1","tenant":"7","o":{"a":"1","+14155550132":"x"}}`, Options{}, ClassSuspectField, "o.at position 2", ""},
		"masked but a value":   {"suspect: mask" + open, "x.csv", "id,tenant,a@b\n1,7,x\n", Options{}, ClassSuspectField, "at position 3", ""},
		"csv without header":   {"unknown: quarantine\nfields: [{path: id, keep: true}]", "x.csv", "Anna,Kowalska\nBert,Meier\n", Options{}, ClassUnknownField, "at position 1, at position 2", "2 columns are not named by the policy, nor is any other: is it the policy of this file? CSV: are source.csv.delimiter and header right?"},
		"rows without columns": {small, "x.jsonl", "{}\n{}\n", Options{}, ClassMissingField, "id", "JSON: are the records at the top of the file?"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := run(t, testPlan(t, tt.policy), tt.name, tt.in, tt.o)
			r, ok := stage.Rejected(err)
			if !ok {
				t.Fatalf("no rejection: %v", err)
			}
			if r.Class != tt.class || r.Field != tt.field && tt.class != ClassMalformed || !strings.Contains(r.Detail, tt.detail) {
				t.Errorf("got %+v", r)
			}
			for _, value := range []string{"initech", "31.12.1931", "12x", "0132", "a@b"} {
				if strings.Contains(err.Error(), value) {
					t.Errorf("the rejection shows a value: %v", err)
				}
			}
		})
	}
}

// TestFirstFaultIsTold: whatever the number of goroutines, the fault in the earliest batch is the verdict.
func TestFirstFaultIsTold(t *testing.T) {
	t.Parallel()
	p := testPlan(t, small)
	var in strings.Builder
	in.WriteString("id,tenant,born\n")
	for i := range 2000 {
		born := "1931-05-12"
		if i == 700 || i > 1000 {
			born = "x"
		}
		fmt.Fprintf(&in, "%d,acme,%s\n", i, born)
	}
	for range 20 {
		_, _, err := run(t, p, "x.csv", in.String(), Options{Workers: 4, BatchRows: 50})
		if r, _ := stage.Rejected(err); !strings.HasPrefix(r.Detail, "row 701: ") {
			t.Fatalf("got %v, want row 701", err)
		}
	}
}

func TestWrongTypes(t *testing.T) {
	t.Parallel()
	list := arrow.ListOf(arrow.BinaryTypes.String)
	tests := map[string]struct {
		policy string
		t      arrow.DataType
		class  string
	}{
		"declared int, is text":      {"{path: a, keep: true, type: int}", arrow.BinaryTypes.String, ClassWrongType},
		"declared text, is int":      {"{path: a, token: {domain: a, scope: environment}, type: string}", arrow.PrimitiveTypes.Int64, ClassWrongType},
		"declared int, is short":     {"{path: a, keep: true, type: int}", arrow.PrimitiveTypes.Int16, ""},
		"declared date, is instant":  {"{path: a, date: {truncate: year}, type: date}", arrow.FixedWidthTypes.Timestamp_ms, ClassWrongType},
		"declared decimal, wider":    {`{path: a, keep: true, type: "decimal(5,2)"}`, &arrow.Decimal128Type{Precision: 10, Scale: 2}, ClassWrongType},
		"declared decimal, narrower": {`{path: a, keep: true, type: "decimal(12,2)"}`, &arrow.Decimal128Type{Precision: 10, Scale: 2}, ""},
		"date of a number":           {"{path: a, date: {truncate: year}}", arrow.PrimitiveTypes.Int64, ClassWrongType},
		"date of an instant":         {"{path: a, date: {truncate: year}}", arrow.FixedWidthTypes.Timestamp_us, ""},
		"list kept":                  {"{path: a, keep: true}", list, ClassWrongType},
		"list tokenised":             {"{path: a, token: {domain: a, scope: environment}}", list, ClassWrongType},
		"list dropped":               {"{path: a, drop: true}", list, ""},
		"list redacted":              {"{path: a, redact: true}", list, ""},
		"list emptied":               {`{path: a, "null": true}`, list, ""},
		"list not named":             {"{path: b, keep: true}\nunknown: pass", list, ClassUnknownField},
		"number masked":              {"{path: a, mask: {last: 1}}", arrow.PrimitiveTypes.Int64, ""},
		"number tokenised":           {"{path: a, token: {domain: a, scope: environment}}", arrow.PrimitiveTypes.Float64, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := testPlan(t, "fields:\n  - "+tt.policy+"\n")
			b := array.NewBuilder(memory.DefaultAllocator, tt.t)
			b.AppendEmptyValue()
			b.AppendNull()
			in := parquetOf(t, arrow.NewSchema([]arrow.Field{{Name: "a", Type: tt.t, Nullable: true}}, nil), b.NewArray())
			_, r, err := run(t, p, "x.parquet", in, Options{})
			if class(err) != tt.class || tt.class == "" && err != nil {
				t.Fatalf("got %v, want class %q", err, tt.class)
			}
			if err == nil && r.RowsOut != 2 {
				t.Errorf("%d rows, want 2", r.RowsOut)
			}
		})
	}
}

func TestDuplicatesFirst(t *testing.T) {
	t.Parallel()
	p := testPlan(t, small)
	in := "id,tenant,n\n1,acme,1\n2,acme,2\n1,acme,3\n1,globex,4\n2,acme,5\n3,acme,6\n3,acme,7\n"
	for _, o := range []Options{{Format: "csv"}, {Format: "csv", Workers: 4, BatchRows: 1}, {Format: "csv", BatchRows: 3}} {
		out, r, err := run(t, p, "x.csv", in, o)
		if err != nil {
			t.Fatal(err)
		}
		if want := "id,tenant,born,n\n1,acme,,1\n2,acme,,2\n1,globex,,4\n3,acme,,6\n"; out != want {
			t.Errorf("got\n%s", out)
		}
		if r.RowsIn != 7 || r.RowsOut != 4 || r.Rejects[ClassDuplicateKey] != 3 || r.Tenants["acme"] != 3 || r.Tenants["globex"] != 1 {
			t.Errorf("wrong counts: %+v", r)
		}
	}
}

func TestUnknownColumns(t *testing.T) {
	t.Parallel()
	in := "extra,uid,tenant\nx,1,acme\n"
	for rule, want := range map[string]string{
		"drop": "id,tenant,born,n\n1,acme,,\n",
		"pass": "id,tenant,born,n,extra\n1,acme,,,x\n",
	} {
		out, r, err := run(t, testPlan(t, "unknown: "+rule+small), "x.csv", in, Options{Format: "csv"})
		if err != nil || out != want {
			t.Errorf("%s: got %q %v, want %q", rule, out, err, want)
		}
		if rule == "pass" && (len(r.Columns) != 5 || r.Columns[4].Treatment != "pass" || r.Columns[3].Treatment != "keep") {
			t.Errorf("wrong columns: %+v", r.Columns)
		}
	}
}

func TestZeroRows(t *testing.T) {
	t.Parallel()
	p := testPlan(t, small)
	schema := arrow.NewSchema([]arrow.Field{{Name: "id", Type: arrow.BinaryTypes.String}, {Name: "tenant", Type: arrow.BinaryTypes.String}}, nil)
	empty := array.NewStringBuilder(memory.DefaultAllocator).NewArray()
	for name, in := range map[string]string{"x.csv": "id,tenant\n", "x.jsonl": "", "x.parquet": parquetOf(t, schema, empty, empty)} {
		_, r, err := run(t, p, name, in, Options{})
		if err != nil || r.RowsIn != 0 || r.RowsOut != 0 || len(r.Columns) != 4 {
			t.Errorf("%s: %+v %v", name, r, err)
		}
	}
}

func TestHeaderlessCSV(t *testing.T) {
	t.Parallel()
	p := testPlan(t, "source: {csv: {delimiter: \";\", header: false}}"+small)
	out, _, err := run(t, p, "x.csv", "1;acme;1931-05-12;7\n", Options{Format: "csv"})
	if want := "id,tenant,born,n\n1,acme,1931-01-01,7\n"; err != nil || out != want {
		t.Errorf("got %q %v, want %q", out, err, want)
	}
}

// TestTenantsOfThePolicy proves that a list of tenants, or an expectation, is believed.
func TestTenantsOfThePolicy(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]string{
		"known":  "tenant: {path: tenant, known: [\"4155550123\"]}\nfields: [{path: tenant, keep: true}]",
		"expect": "tenant: {path: tenant}\nfields: [{path: tenant, keep: true, expect: {classes: [phone], why: lines are the tenants}}]",
	} {
		if out := csv(t, testPlan(t, p), "tenant\n4155550123\n"); out[1] != "4155550123" {
			t.Errorf("%s: got %q", name, out)
		}
	}
}

// TestManyTenants proves that a column that is none of tenants stops the object.
func TestManyTenants(t *testing.T) {
	t.Parallel()
	var in strings.Builder
	in.WriteString("tenant\n")
	for i := range maxTenants + 1 {
		fmt.Fprintf(&in, "t%d\n", i)
	}
	p := testPlan(t, "tenant: {path: tenant}\nfields: [{path: tenant, keep: true}]")
	_, _, err := run(t, p, "x.csv", in.String(), Options{})
	if class(err) != ClassUnknownTenant {
		t.Errorf("got %v", err)
	}
}

// TestBytesThatAreNoText proves that no treatment writes a part of such bytes into a column of text, which readers
// refuse with a message that quotes it.
func TestBytesThatAreNoText(t *testing.T) {
	t.Parallel()
	b := array.NewBinaryBuilder(memory.DefaultAllocator, arrow.BinaryTypes.Binary)
	b.AppendString("\xff\xfe Anna 4155550123 \xc3")
	v := b.NewArray()
	in := parquetOf(t, arrow.NewSchema([]arrow.Field{{Name: "v", Type: v.DataType()}}, nil), v)
	for treatment, want := range map[string]string{
		"mask: {first: 3, last: 3}": ClassBadValue, "scrub: {detect: [phone]}": ClassBadValue,
		"token: {domain: d, scope: environment}": "", "card: true": "", "redact: true": "",
	} {
		_, _, err := run(t, testPlan(t, "fields: [{path: v, "+treatment+"}]"), "x.parquet", in, Options{})
		if class(err) != want || want == "" && err != nil {
			t.Errorf("%s: got %v, want class %q", treatment, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "Anna") {
			t.Errorf("%s: the message has a value", treatment)
		}
	}
}

// TestDuplicatesOfTokenisedKeys proves that two ways to write one key are one row: they become one token, of which the
// sandbox would keep one without a word.
func TestDuplicatesOfTokenisedKeys(t *testing.T) {
	t.Parallel()
	p := testPlan(t, "key: [id]\ntenant: {path: tenant}\nfields:\n  - {path: id, token: {domain: email, format: email}}\n  - {path: tenant, keep: true}\n")
	_, r, err := run(t, p, "x.csv", "id,tenant\nA@b.example,acme\n a@B.example,acme\na@b.example,globex\n", Options{})
	if err != nil || r.RowsOut != 2 || r.Rejects[ClassDuplicateKey] != 1 {
		t.Errorf("got %+v, %v, want one duplicate", r, err)
	}
}
