package masker

import (
	"bytes"
	"context"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/policy"
)

// treating is a policy of fields that are kept, but for those with a treatment here.
func treating(t testing.TB, body string, treatments map[string]policy.Treatment) *policy.Policy {
	t.Helper()
	p := testPolicy(t, body)
	for i, f := range p.Fields {
		if treatment, ok := treatments[f.Path]; ok {
			p.Fields[i].Treatment = treatment
			p.Tree().Member(f.Path).Fields[0].Treatment = treatment
		}
	}
	return p
}

// oneColumn is the policy of one column.
const oneColumn = "fields: [{path: v, keep: true}]\n"

// treatColumn masks one column, which it releases, as the only one of a file. The result is released with the test.
func treatColumn(t testing.TB, treatment policy.Treatment, column arrow.Array) (arrow.Array, error) {
	t.Helper()
	defer column.Release()
	plan := compiled(t, treating(t, oneColumn, map[string]policy.Treatment{"v": treatment}), "sandbox")
	mem := memory.NewCheckedAllocator(spoiling{})
	f := newFrame(plan, column.Len(), mem)
	f.columns[0].array = column
	if err := f.own(""); err != nil {
		t.Fatal(err)
	}
	s := newScratch(plan)
	s.begin(f)
	op := plan.fields[0].operator
	want, ok := op.output(column.DataType())
	if !ok {
		t.Fatalf("%s does not work on %s", treatment.Name(), column.DataType())
	}
	out, err := op.mask(s, f.columns[0])
	if err != nil {
		mem.AssertSize(t, 0)
		return nil, err
	}
	t.Cleanup(func() {
		out.Release()
		mem.AssertSize(t, 0)
	})
	if !arrow.TypeEqual(out.DataType(), want) || out.Len() != column.Len() {
		t.Fatalf("%d values of %s became %d of %s, want %s", column.Len(), column.DataType(), out.Len(), out.DataType(), want)
	}
	return out, nil
}

// arrayOf makes a column of texts in the layouts that AppendText has; "null" is null.
func arrayOf(t testing.TB, of arrow.DataType, values ...string) arrow.Array {
	t.Helper()
	b := array.NewBuilder(memory.DefaultAllocator, of)
	defer b.Release()
	for _, v := range values {
		if v == "null" {
			b.AppendNull()
			continue
		}
		if bytes, ok := b.(*array.BinaryBuilder); ok {
			bytes.AppendString(v)
			continue
		}
		if err := b.AppendValueFromString(v); err != nil {
			t.Fatal(err)
		}
	}
	return b.NewArray()
}

// written are the canonical texts of a column, "null" for null.
func written(t testing.TB, a arrow.Array) []string {
	t.Helper()
	out := make([]string, a.Len())
	for i := range out {
		text, ok, err := columnar.AppendText(nil, a, i)
		if err != nil {
			t.Fatal(err)
		}
		if out[i] = string(text); !ok {
			out[i] = "null"
		}
	}
	return out
}

// refuses wants a value to be a fault of class bad-value that does not show it.
func refuses(t testing.TB, treatment policy.Treatment, of arrow.DataType, value string) {
	t.Helper()
	_, err := treatColumn(t, treatment, arrayOf(t, of, value))
	if f, ok := err.(*fault); !ok || f.class != ClassBadValue || f.row != 0 || len(value) > 1 && bytes.Contains([]byte(f.Error()), []byte(value)) {
		t.Errorf("%s of %q as %s: got %v, want a fault of class %s without the value", treatment.Name(), value, of, err, ClassBadValue)
	}
}

// maskTo masks a file to another one.
func maskTo(t testing.TB, p *Plan, name, in string, format columnar.Format) string {
	t.Helper()
	var out bytes.Buffer
	if _, err := p.Mask(context.Background(), bytes.NewReader([]byte(in)), name, &out, Options{Format: format, Workers: 2, BatchRows: 64}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
