package profile

import (
	"strconv"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

func TestField(t *testing.T) {
	t.Parallel()
	b := array.NewStringBuilder(memory.DefaultAllocator)
	for _, s := range []string{"a", "b", "a", "", "a"} {
		b.Append(s)
	}
	b.AppendNulls(3)
	var f Field
	for range 2 {
		if err := f.Add(b.NewArray()); err != nil {
			t.Fatal(err)
		}
		b.AppendValues([]string{"c", "a"}, nil)
	}
	if f.Values != 10 || f.Nulls != 3 || f.Distinct != 4 || f.Top != 4 || f.More {
		t.Errorf("got %+v", f)
	}
	if f.NullRate() != 0.3 || f.TopShare() != 4.0/7 {
		t.Errorf("null rate %v, top share %v", f.NullRate(), f.TopShare())
	}
}

func TestManyValues(t *testing.T) {
	t.Parallel()
	b := array.NewStringBuilder(memory.DefaultAllocator)
	for i := range MaxDistinct + 5 {
		b.Append(strconv.Itoa(i))
	}
	b.Append("0")
	var f Field
	if err := f.Add(b.NewArray()); err != nil {
		t.Fatal(err)
	}
	if f.Distinct != MaxDistinct || !f.More || f.Top != 2 {
		t.Errorf("got %d distinct, more %v, top %d", f.Distinct, f.More, f.Top)
	}
}
