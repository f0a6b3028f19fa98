package columnar

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

var countSchema = arrow.NewSchema([]arrow.Field{{Name: "n", Type: arrow.PrimitiveTypes.Int64}}, nil)

// counter delivers batches of one row that hold 0, 1, 2…
type countReader struct {
	mem     memory.Allocator
	batches int64
	fail    error // instead of io.EOF
	next    int64
	flight  *atomic.Int64 // batches read and not yet emitted
	most    *atomic.Int64
}

func newCounter(t testing.TB, batches int64) *countReader {
	return &countReader{mem: checkedMemory(t), batches: batches, flight: new(atomic.Int64), most: new(atomic.Int64)}
}

func (c *countReader) Schema() *arrow.Schema { return countSchema }
func (c *countReader) Rows() int64           { return c.next }
func (c *countReader) Close() error          { return nil }

func (c *countReader) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if c.next == c.batches {
		if c.fail != nil {
			return nil, c.fail
		}
		return nil, io.EOF
	}
	if n := c.flight.Add(1); n > c.most.Load() {
		c.most.Store(n)
	}
	c.next++
	return countBatch(c.mem, c.next-1), nil
}

func countBatch(mem memory.Allocator, n int64) arrow.RecordBatch {
	b := array.NewInt64Builder(mem)
	defer b.Release()
	b.Append(n)
	arr := b.NewArray()
	defer arr.Release()
	return array.NewRecordBatch(countSchema, []arrow.Array{arr}, 1)
}

func numberOf(b arrow.RecordBatch) int64 { return b.Column(0).(*array.Int64).Value(0) }

func TestMapKeepsOrderAndBounds(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{-1, 1, 2, 7} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			t.Parallel()
			r := newCounter(t, 300)
			var got int64
			err := Map(t.Context(), r, workers, func(_ context.Context, b arrow.RecordBatch) (arrow.RecordBatch, error) {
				for i := range int(numberOf(b)%5) * 2000 { // uneven work
					_ = i
				}
				return countBatch(r.mem, -numberOf(b)), nil
			}, func(b arrow.RecordBatch) error {
				if numberOf(b) != -got {
					return fmt.Errorf("got %d, want %d", numberOf(b), -got)
				}
				got++
				r.flight.Add(-1)
				return nil
			})
			if err != nil || got != 300 {
				t.Errorf("%d batches, %v", got, err)
			}
			if most := r.most.Load(); most > int64(max(workers, 1)+1) {
				t.Errorf("%d batches in flight", most)
			}
		})
	}
}

// TestMapUsesItsWorkers: all workers run at once, and the reader waits while
// the first batch is not emitted.
func TestMapUsesItsWorkers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newCounter(t, 20)
		var running atomic.Int64
		release := make(chan struct{})
		done := make(chan error)
		go func() {
			done <- Map(t.Context(), r, 4, func(_ context.Context, b arrow.RecordBatch) (arrow.RecordBatch, error) {
				running.Add(1)
				<-release
				b.Retain()
				return b, nil
			}, func(arrow.RecordBatch) error { return nil })
		}()
		synctest.Wait()
		if n := running.Load(); n != 4 {
			t.Errorf("%d workers run", n)
		}
		if r.next != 5 {
			t.Errorf("%d batches are read ahead, want 5", r.next)
		}
		close(release)
		must(t, <-done)
	})
}

func TestMapErrors(t *testing.T) {
	t.Parallel()
	wrong := errors.New("wrong")
	keep := func(_ context.Context, b arrow.RecordBatch) (arrow.RecordBatch, error) {
		b.Retain()
		return b, nil
	}
	take := func(arrow.RecordBatch) error { return nil }
	cases := map[string]struct {
		fail error
		fn   func(context.Context, arrow.RecordBatch) (arrow.RecordBatch, error)
		emit func(arrow.RecordBatch) error
		want error
	}{
		"reader": {wrong, keep, take, wrong},
		"fn": {nil, func(ctx context.Context, b arrow.RecordBatch) (arrow.RecordBatch, error) {
			if numberOf(b) == 9 {
				return nil, wrong
			}
			return keep(ctx, b)
		}, take, wrong},
		"fn with a batch": {nil, func(ctx context.Context, b arrow.RecordBatch) (arrow.RecordBatch, error) {
			b.Retain()
			return b, wrong
		}, take, wrong},
		"emit": {nil, keep, func(b arrow.RecordBatch) error {
			if numberOf(b) == 9 {
				return wrong
			}
			return nil
		}, wrong},
		"others see the cancel": {nil, func(ctx context.Context, b arrow.RecordBatch) (arrow.RecordBatch, error) {
			if numberOf(b) == 1 {
				return nil, wrong
			}
			<-ctx.Done()
			return nil, ctx.Err()
		}, take, wrong},
	}
	for name, c := range cases {
		for _, workers := range []int{2, 5} {
			t.Run(fmt.Sprint(name, workers), func(t *testing.T) {
				t.Parallel()
				r := newCounter(t, 60)
				r.fail = c.fail
				if err := Map(t.Context(), r, workers, c.fn, c.emit); !errors.Is(err, c.want) {
					t.Errorf("%v, want %v", err, c.want)
				}
			})
		}
	}
}

func TestMapPanics(t *testing.T) {
	t.Parallel()
	r := newCounter(t, 20)
	err := Map(t.Context(), r, 2, func(context.Context, arrow.RecordBatch) (arrow.RecordBatch, error) {
		panic("SECRET")
	}, func(arrow.RecordBatch) error { return nil })
	p, ok := errors.AsType[*PanicError](err)
	if !ok || strings.Contains(err.Error(), "SECRET") || !strings.HasPrefix(p.Place, "map_test.go:") {
		t.Errorf("%v", err)
	}
	r = newCounter(t, 20)
	err = Map(t.Context(), r, 2, func(context.Context, arrow.RecordBatch) (arrow.RecordBatch, error) {
		return nil, nil
	}, func(arrow.RecordBatch) error { return nil })
	if err == nil {
		t.Error("no batch and no error was accepted")
	}
}

func TestMapStopsWithItsContext(t *testing.T) {
	t.Parallel()
	stop := errors.New("shutting down")
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	r := newCounter(t, 1_000_000)
	var once sync.Once
	err := Map(ctx, r, 3, func(_ context.Context, b arrow.RecordBatch) (arrow.RecordBatch, error) {
		b.Retain()
		return b, nil
	}, func(b arrow.RecordBatch) error {
		if numberOf(b) == 50 {
			once.Do(func() { cancel(stop) })
		}
		return nil
	})
	if !errors.Is(err, stop) {
		t.Errorf("%v, want the cause", err)
	}
	if _, isData := errors.AsType[*Error](err); isData {
		t.Error("stopping blames the data")
	}
}

// TestMapOverFiles: from reader to writer nothing leaks, and parallel equals
// serial.
func TestMapOverFiles(t *testing.T) {
	t.Parallel()
	data := writeAll(t, manyRows(t, 20_000), 20_000, WriteOptions{Format: FormatParquet, RowGroupRows: 3000})
	copyWith := func(workers int) string {
		mem := checkedMemory(t)
		r, err := Open(source(data), Options{Format: FormatParquet, BatchRows: 700, Allocator: mem})
		must(t, err)
		defer r.Close()
		var out strings.Builder
		w, err := NewWriter(&out, r.Schema(), WriteOptions{Format: FormatParquet, Allocator: mem})
		must(t, err)
		must(t, Map(t.Context(), r, workers, func(_ context.Context, b arrow.RecordBatch) (arrow.RecordBatch, error) {
			b.Retain()
			return b, nil
		}, w.Write))
		must(t, w.Close())
		return out.String()
	}
	if copyWith(1) != copyWith(6) {
		t.Error("parallel and serial differ")
	}
}

func TestNextStopsWithItsContext(t *testing.T) {
	t.Parallel()
	batch := manyRows(t, 100)
	for _, f := range []Format{FormatCSV, FormatJSONL, FormatParquet} {
		r, err := Open(source(writeAll(t, batch, 100, WriteOptions{Format: f})), Options{Format: f, Allocator: checkedMemory(t)})
		must(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := r.Next(ctx); err != context.Canceled {
			t.Errorf("%s: %v", f, err)
		}
		must(t, r.Close())
		if _, err := r.Next(t.Context()); err != errClosed {
			t.Errorf("%s after Close: %v", f, err)
		}
	}
}
