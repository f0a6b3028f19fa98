package columnar

import (
	"fmt"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/columnar/internal/chunkwrite"
)

func TestRowGroupRows(t *testing.T) {
	t.Parallel()
	text := arrow.BinaryTypes.String
	wide := func(n int) arrow.DataType {
		var fields []arrow.Field
		for i := range n {
			fields = append(fields, arrow.Field{Name: fmt.Sprint(i), Type: text})
		}
		return arrow.StructOf(fields...)
	}
	for name, tt := range map[string]struct {
		t    arrow.DataType
		want int
	}{
		"flat":            {text, DefaultRowGroupRows},
		"an object":       {wide(500), DefaultRowGroupRows},
		"one list":        {arrow.ListOf(text), DefaultRowGroupRows},
		"list of objects": {arrow.ListOf(wide(210)), 9216},
		"map":             {arrow.MapOf(text, text), DefaultRowGroupRows},
		"very wide":       {arrow.ListOf(wide(5000)), 1024},
	} {
		pq, err := chunkwrite.Schema(arrow.NewSchema([]arrow.Field{{Name: "a", Type: tt.t}}, nil))
		must(t, err)
		if got := rowGroupRows(pq); got != tt.want {
			t.Errorf("%s: %d rows, want %d", name, got, tt.want)
		}
	}
}
