package columnar

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

func TestSpread(t *testing.T) {
	t.Parallel()
	low, high := errors.New("low"), errors.New("high")
	for _, workers := range []int{-1, 0, 1, 2, 9} {
		for n := range 5 {
			var calls atomic.Int64
			must(t, Spread(n, workers, func(int) error { calls.Add(1); return nil }))
			if calls.Load() != int64(n) {
				t.Errorf("%d of %d calls with %d workers", calls.Load(), n, workers)
			}
		}
		err := Spread(9, workers, func(i int) error { return map[int]error{3: low, 7: high}[i] })
		if err != low {
			t.Errorf("%d workers: %v", workers, err)
		}
		err = Spread(9, workers, func(i int) error {
			if i == 8 {
				panic("SECRET")
			}
			return nil
		})
		if p, ok := errors.AsType[*PanicError](err); !ok || !strings.HasPrefix(p.Place, "spread_test.go:") {
			t.Errorf("%d workers: a panic gives %v", workers, err)
		}
	}
}

// TestConversationsForEveryNumberOfWorkers: a file of nested records is the same
// for every number of goroutines, and has the rows that were written.
func TestConversationsForEveryNumberOfWorkers(t *testing.T) {
	t.Parallel()
	batch := readAll(t, conversations(300), Options{Format: FormatJSONL, Columns: conversationColumns()})
	o := WriteOptions{Format: FormatParquet, RowGroupRows: 128, Allocator: checkedMemory(t)}
	want := writeAll(t, batch, 300, o)
	for workers := 1; workers < 5; workers++ {
		o.Workers = workers
		if !bytes.Equal(writeAll(t, batch, int64(50*workers), o), want) {
			t.Errorf("%d workers give other bytes", workers)
		}
	}
	sameRows(t, readAll(t, want, Options{Format: FormatParquet}), batch)
}

// TestFaultInsideANestedColumn: the first column at fault is told, whatever the
// number of goroutines, and everything is given back.
func TestFaultInsideANestedColumn(t *testing.T) {
	t.Parallel()
	strict := arrow.ListOfField(arrow.Field{Name: "element", Type: arrow.PrimitiveTypes.Int64})
	fields := make([]arrow.Field, 5)
	for i := range fields {
		fields[i] = arrow.Field{Name: fmt.Sprintf("c%d", i), Type: strict, Nullable: true}
	}
	batch, _, err := array.RecordFromJSON(memory.DefaultAllocator, arrow.NewSchema(fields, nil),
		strings.NewReader(`[{"c0": [1]}, {"c2": [2, null]}, {"c1": null, "c3": [null]}]`))
	must(t, err)
	defer batch.Release()
	for workers := range 4 {
		w, err := NewWriter(new(bytes.Buffer), batch.Schema(), WriteOptions{Format: FormatParquet, Workers: workers, Allocator: checkedMemory(t)})
		must(t, err)
		if e := dataFault(t, w.Write(batch), "without nulls"); e.Column != `"c2"` {
			t.Errorf("%d workers: column %s", workers, e.Column)
		}
		if err := w.Close(); err == nil {
			t.Error("Close after a failed Write gives no error")
		}
	}
}
