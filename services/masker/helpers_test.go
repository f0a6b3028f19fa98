package masker

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/stage"
)

// testKey is a key file for tests alone.
const testKey = "maskrail-key-v1\n1:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=\n"

func testRing(t testing.TB) *keys.Ring {
	t.Helper()
	r, err := keys.Load(keys.Source{Text: keys.NewSecret([]byte(testKey))})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// header is the part of a policy that tests seldom care for.
const header = "apiVersion: maskrail.io/v1\nkind: Policy\nmetadata: {name: test, version: 1}\nentity: interaction\n"

func testPolicy(t testing.TB, body string) *policy.Policy {
	t.Helper()
	set, err := policy.Parse("test.yaml", []byte(header+body), nil)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := set.For("interaction")
	return p
}

func testPlan(t testing.TB, body string) *Plan {
	t.Helper()
	return compiled(t, testPolicy(t, body), "sandbox")
}

func compiled(t testing.TB, p *policy.Policy, environment string) *Plan {
	t.Helper()
	plan, err := Compile(p, testRing(t), environment)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// run masks text and returns the output. Every allocation must have been given back.
func run(t testing.TB, p *Plan, name, input string, o Options) (string, Result, error) {
	t.Helper()
	mem := memory.NewCheckedAllocator(spoiling{})
	defer mem.AssertSize(t, 0)
	o.Allocator = mem
	var out bytes.Buffer
	r, err := p.Mask(context.Background(), bytes.NewReader([]byte(input)), name, &out, o)
	return out.String(), r, err
}

// csv masks CSV to CSV, which must succeed, and returns the lines.
func csv(t testing.TB, p *Plan, input string) []string {
	t.Helper()
	out, _, err := run(t, p, "in.csv", input, Options{Format: columnar.FormatCSV, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(out, "\n"), "\n")
}

// class is the class of the rejection that err is, or "".
func class(err error) string {
	r, _ := stage.Rejected(err)
	return r.Class
}

// parquetOf writes one batch as Parquet.
func parquetOf(t testing.TB, schema *arrow.Schema, columns ...arrow.Array) string {
	t.Helper()
	batch := array.NewRecordBatch(schema, columns, int64(columns[0].Len()))
	defer batch.Release()
	var out bytes.Buffer
	w, err := columnar.NewWriter(&out, schema, columnar.WriteOptions{Format: columnar.FormatParquet})
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

// flatFrame is a frame of flat columns, one for each field.
func flatFrame(p *Plan, columns []arrow.Array, rows int) *frame {
	f := newFrame(p, rows, memory.DefaultAllocator)
	for i, c := range columns {
		f.columns[i].array = c
	}
	return f
}
