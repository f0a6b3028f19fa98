package masker

import (
	"bytes"
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/columnar"
)

const people = `
key: [id]
tenant: {path: tenant}
fields:
  - {path: id, keep: true}
  - {path: tenant, keep: true}
  - {path: phone, token: {domain: phone, format: phone}}
  - {path: email, token: {domain: email, format: email}}
  - {path: name, token: {domain: person.name, prefix: User_}}
  - {path: customer, token: {domain: customer}}
  - {path: card, card: {keep: last4}}
  - {path: ssn, redact: {with: "[MASKED]"}}
  - {path: born, date: {truncate: year}}
  - {path: partly, mask: {first: 1, last: 1}}
  - {path: notes, scrub: {context: [name, phone, email]}}
`

var peopleColumns = []string{"id", "tenant", "phone", "email", "name", "customer", "card", "ssn", "born", "partly", "notes"}

// peopleRows makes rows of made-up people.
func peopleRows(n int) [][]string {
	rnd := rand.New(rand.NewPCG(11, 12))
	rows := make([][]string, n)
	for i := range rows {
		phone := fmt.Sprintf("+1%d%07d", 201+rnd.IntN(700), rnd.IntN(1e7))
		name := fmt.Sprintf("Name%c%c%c Family%d", 'a'+rnd.IntN(26), 'a'+rnd.IntN(26), 'a'+rnd.IntN(26), i)
		email := fmt.Sprintf("user%d@example%d.com", i, rnd.IntN(9))
		rows[i] = []string{
			fmt.Sprintf("id-%d", i), []string{"acme", "globex", "initech"}[rnd.IntN(3)], phone, email, name,
			fmt.Sprintf("C-%06d", i), "4111111111111111", fmt.Sprintf("%03d-%02d-%04d", 1+rnd.IntN(600), 1+rnd.IntN(98), 1+rnd.IntN(9998)),
			fmt.Sprintf("%d-%02d-%02d", 1930+rnd.IntN(80), 1+rnd.IntN(12), 1+rnd.IntN(28)), fmt.Sprintf("secret%dvalue", i),
			fmt.Sprintf("%s called from %s about %s", name, phone, email),
		}
	}
	return rows
}

func asCSV(rows [][]string) string {
	var b strings.Builder
	b.WriteString(strings.Join(peopleColumns, ",") + "\n")
	for _, r := range rows {
		b.WriteString(strings.Join(r, ",") + "\n")
	}
	return b.String()
}

func asJSONL(rows [][]string) string {
	var b strings.Builder
	for _, r := range rows {
		for i, v := range r {
			fmt.Fprintf(&b, "%c%q:%q", ",{"[btoi(i == 0)], peopleColumns[i], v)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func asParquet(t testing.TB, rows [][]string) string { return parquetOfTexts(t, peopleColumns, rows) }

func parquetOfTexts(t testing.TB, names []string, rows [][]string) string {
	t.Helper()
	var fields []arrow.Field
	var columns []arrow.Array
	for i, name := range names {
		b := array.NewStringBuilder(memory.DefaultAllocator)
		for _, r := range rows {
			b.Append(r[i])
		}
		fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true})
		columns = append(columns, b.NewArray())
	}
	return parquetOf(t, arrow.NewSchema(fields, nil), columns...)
}

// TestSameRowsSameBytes: the number of goroutines and the size of batches do not show in the output, and the format of
// the source in nothing but the layout of the file.
func TestSameRowsSameBytes(t *testing.T) {
	t.Parallel()
	p := testPlan(t, people)
	rows := peopleRows(5000)
	var table []string
	for name, in := range map[string]string{"x.csv": asCSV(rows), "x.jsonl": asJSONL(rows), "x.parquet": asParquet(t, rows)} {
		want := ""
		for _, o := range []Options{{Workers: 1}, {Workers: 2, BatchRows: 777}, {Workers: 8, BatchRows: 64}} {
			out, r, err := run(t, p, name, in, o)
			if err != nil {
				t.Fatal(err)
			}
			if r.RowsIn != 5000 || r.RowsOut != 5000 {
				t.Fatalf("%s: %d rows in, %d out", name, r.RowsIn, r.RowsOut)
			}
			if want == "" {
				want = out
			}
			if out != want {
				t.Errorf("%s with %+v gives other bytes", name, o)
			}
		}
		if got := records(t, want); table == nil {
			table = got
		} else if !slices.Equal(got, table) {
			t.Errorf("%s gives another table", name)
		}
	}
}

// TestNothingRemains: order and identity of the rows stay, and no masked value is anywhere in the output.
func TestNothingRemains(t *testing.T) {
	t.Parallel()
	p := testPlan(t, people)
	rows := peopleRows(600)
	for _, format := range []columnar.Format{columnar.FormatCSV, columnar.FormatParquet, columnar.FormatJSONL} {
		out, _, err := run(t, p, "x.csv", asCSV(rows), Options{Workers: 2, Format: format, BatchRows: 100})
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range rows {
			for c := 2; c < len(r); c++ {
				if peopleColumns[c] == "born" && strings.HasSuffix(r[c], "-01-01") {
					continue // it is the first of its year as it stands
				}
				if strings.Contains(out, r[c]) {
					t.Fatalf("%s: a value of %s, row %d, is in the output", format, peopleColumns[c], i)
				}
			}
		}
		if format != columnar.FormatCSV {
			continue
		}
		for i, line := range strings.Split(strings.TrimSpace(out), "\n")[1:] {
			if !strings.HasPrefix(line, rows[i][0]+","+rows[i][1]+",") {
				t.Fatalf("row %d is not where it was", i)
			}
		}
	}
}

// tokens masks one value for many tenants or environments and returns the column.
func tokensOf(t testing.TB, p *Plan, column string, rows [][]string) []string {
	t.Helper()
	at := slices.Index(peopleColumns, column)
	var out []string
	for _, line := range csv(t, p, asCSV(rows))[1:] {
		out = append(out, strings.Split(line, ",")[at])
	}
	return out
}

func TestUnlinkable(t *testing.T) {
	t.Parallel()
	pol := testPolicy(t, people)
	one, two := compiled(t, pol, "sandbox-01"), compiled(t, pol, "sandbox-02")
	rows := peopleRows(1000)
	other := peopleRows(1000)
	for i := range rows {
		rows[i][1], other[i][1] = "acme", "globex"
	}
	for _, column := range []string{"phone", "email", "name", "customer"} {
		seen := map[string]bool{}
		for _, tokens := range [][]string{tokensOf(t, one, column, rows), tokensOf(t, one, column, other), tokensOf(t, two, column, rows)} {
			fresh := map[string]bool{}
			for _, token := range tokens {
				if seen[token] {
					t.Fatalf("%s: a token is shared between tenants or environments", column)
				}
				fresh[token] = true
			}
			if len(fresh) != 1000 {
				t.Errorf("%s: 1000 values have %d tokens", column, len(fresh))
			}
			for token := range fresh {
				seen[token] = true
			}
		}
	}
}

// TestTokenConstruction computes a token by the documented steps, with nothing of this package.
func TestTokenConstruction(t *testing.T) {
	t.Parallel()
	root, err := base64.StdEncoding.DecodeString("q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=")
	if err != nil {
		t.Fatal(err)
	}
	var info []byte
	for _, part := range []string{"maskrail-token-v1", "tenant", "acme", "person.name", "1"} {
		info = binary.BigEndian.AppendUint64(info, uint64(len(part)))
		info = append(info, part...)
	}
	key, err := hkdf.Key(sha256.New, root, []byte("sandbox"), string(info), 32)
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("jane doe"))
	want := "User_" + strings.ToLower(base32.StdEncoding.EncodeToString(mac.Sum(nil)))[:26]
	row := slices.Clone(peopleRows(1)[0])
	row[1], row[4] = "acme", " JANE   doe"
	if got := tokensOf(t, testPlan(t, people), "name", [][]string{row})[0]; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestDictionary masks a dictionary column entry by entry, and as if it were plain text.
func TestDictionary(t *testing.T) {
	t.Parallel()
	p := testPlan(t, "tenant: {path: t}\nfields: [{path: t, keep: true}, {path: a, token: {domain: agent}}]\n")
	build := func(dict bool) *frame {
		tenants := array.NewStringBuilder(memory.DefaultAllocator)
		plain := array.NewStringBuilder(memory.DefaultAllocator)
		coded := array.NewDictionaryBuilder(memory.DefaultAllocator, &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}).(*array.BinaryDictionaryBuilder)
		for i := range 100 {
			tenants.Append([]string{"acme", "globex"}[i%2])
			switch i % 10 {
			case 9:
				plain.AppendNull()
				coded.AppendNull()
			default:
				v := []string{"a", "b", ""}[i%3]
				plain.Append(v)
				if err := coded.AppendString(v); err != nil {
					t.Fatal(err)
				}
			}
		}
		columns := []arrow.Array{tenants.NewArray(), plain.NewArray()}
		if dict {
			columns[1] = coded.NewArray()
		}
		f := flatFrame(p, columns, 100)
		if err := f.own(""); err != nil {
			t.Fatal(err)
		}
		return f
	}
	var got [2]arrow.Array
	for i, dict := range []bool{false, true} {
		f := build(dict)
		s := newScratch(p)
		s.begin(f)
		var err error
		if got[i], err = p.fields[1].operator.mask(s, f.columns[1]); err != nil {
			t.Fatal(err)
		}
	}
	if !array.Equal(got[0], got[1]) {
		t.Errorf("a dictionary is masked to\n%v\nand plain text to\n%v", got[1], got[0])
	}
}

// FuzzLeak: no value that is to be masked is in the output, whatever it is.
func FuzzLeak(f *testing.F) {
	p := testPlan(f, people)
	f.Add("+14155550132", "Jane Doe", "4111111111111111", "some text of jane doe")
	f.Add("a,b\"c\n", "\x00\xff", "  ", "{}")
	f.Fuzz(func(t *testing.T, a, b, c, d string) {
		columns := map[string]string{"id": "1", "tenant": "acme", "phone": a, "email": b, "name": c, "customer": d, "card": a, "ssn": b, "partly": c}
		var fields []arrow.Field
		var arrays []arrow.Array
		for _, name := range peopleColumns {
			v, ok := columns[name]
			b := array.NewStringBuilder(memory.DefaultAllocator)
			if ok {
				b.Append(v)
			} else {
				b.AppendNull()
			}
			fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true})
			arrays = append(arrays, b.NewArray())
		}
		in := parquetOf(t, arrow.NewSchema(fields, nil), arrays...)
		var out bytes.Buffer
		if _, err := p.Mask(context.Background(), bytes.NewReader([]byte(in)), "x.parquet", &out, Options{Format: columnar.FormatJSONL}); err != nil {
			if class(err) == "" && !strings.Contains(err.Error(), "UTF-8") {
				t.Fatal(err)
			}
			return
		}
		for _, v := range []string{a, b, c, d} {
			// Short values stand in tokens by chance, and column names are no data.
			const frame = `{"id":"1","tenant":"acme",phone,email,name,customer,card,ssn,born,partly,notes[MASKED]@masked.invalid`
			if len(v) >= 8 && !strings.Contains(frame, v) && bytes.Contains(out.Bytes(), []byte(v)) {
				t.Errorf("a value of %d bytes is in the output", len(v))
			}
		}
	})
}
