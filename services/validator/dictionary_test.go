package validator

import (
	"testing"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

func TestUsage(t *testing.T) {
	t.Parallel()
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, schema.FieldList{schema.NewByteArrayNode("a", parquet.Repetitions.Required, -1)}, -1)
	if err != nil {
		t.Fatal(err)
	}
	column := schema.NewSchema(root).Column(0)
	tests := map[string]struct {
		entries int
		data    []byte
		idle    int
		fails   bool
	}{
		"a run":                 {3, []byte{2, 5 << 1, 1}, 2, false},
		"bit-packed":            {4, []byte{2, 1<<1 | 1, 0b11100100, 0}, 0, false},
		"packed across bytes":   {8, []byte{3, 1<<1 | 1, 0b10001000, 0b11000110, 0b11111010}, 0, false},
		"two runs":              {2, []byte{1, 8 << 1, 0, 8 << 1, 1}, 0, false},
		"an index beyond":       {2, []byte{2, 8 << 1, 3}, 2, false},
		"no bits at all":        {1, []byte{0, 8 << 1}, 0, false},
		"cut zeros":             {2, []byte{8, 2<<1 | 1, 1}, 1, false},
		"nothing but nulls":     {1, nil, 1, false},
		"a width beyond":        {1, []byte{33, 2}, 1, true},
		"a length that is none": {1, []byte{1, 0x80}, 1, true},
	}
	for name, tt := range tests {
		u := newUsage(column, tt.entries)
		page := file.NewDataPageV1(memory.NewBufferBytes(tt.data), 8, parquet.Encodings.RLEDict, parquet.Encodings.RLE, parquet.Encodings.RLE, int32(len(tt.data)))
		if err := u.mark(page); (err != nil) != tt.fails {
			t.Errorf("%s: %v", name, err)
		}
		if got := u.idle(); got != tt.idle {
			t.Errorf("%s: %d entries idle, want %d", name, got, tt.idle)
		}
	}
}
