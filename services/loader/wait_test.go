package loader

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/maskrail/maskrail/libs/telemetry"
	"github.com/maskrail/maskrail/services/loader/sink"
)

// turns is a sink that answers with one error after the other, and then loads.
type turns []error

func (s *turns) Load(context.Context, sink.Batch) (sink.Result, error) {
	if len(*s) == 0 {
		return sink.Result{Loaded: 2}, nil
	}
	err := (*s)[0]
	*s = (*s)[1:]
	return sink.Result{}, err
}

func (*turns) Ready(context.Context) error { return nil }

// An analyst who has the sandbox open for long must not cost an object one of its few failures.
func TestLoadWaitsForTheAnalyst(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var log bytes.Buffer
	tel, err := telemetry.New(t.Context(), telemetry.Config{Service: "loader", Logs: &log})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tel.Shutdown(context.WithoutCancel(t.Context())) }()
	b.deps.Telemetry = tel
	busy := fmt.Errorf("%w: box.duckdb is open in python3", sink.ErrBusy)
	b.sink = &turns{busy, busy, busy}
	out, err := b.load(t.Context(), b.object("a", nil, two...))
	if err != nil || out[0].Outcome.Loaded != 2 {
		t.Fatalf("load: %v, %v", out, err)
	}
	if n := strings.Count(log.String(), "box.duckdb is open in python3"); n != 3 {
		t.Errorf("the log says %d times who has the sandbox, want 3", n)
	}
	other := errors.New("other")
	b.sink = &turns{busy, other}
	if _, err := b.load(t.Context(), b.object("b", nil, two...)); !errors.Is(err, other) {
		t.Errorf("load: %v, want the error that is no waiting", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.patient(ctx, sink.Batch{}); err != nil {
		t.Errorf("stopped: %v", err)
	}
	b.sink = &turns{busy, busy}
	if _, err := b.patient(ctx, sink.Batch{}); !errors.Is(err, sink.ErrBusy) {
		t.Errorf("stopped while waiting: %v, want no second try", err)
	}
}

func TestTemporaryFolderIsGone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.object("a", nil, two...)
	if err := os.RemoveAll(b.path + ".work"); err != nil {
		t.Fatal(err)
	}
	_, err := b.load(t.Context(), in)
	if err == nil || !strings.Contains(err.Error(), b.path+".work") || strings.Contains(err.Error(), ".parquet") {
		t.Errorf("load: %v, want the folder's name and no file's", err)
	}
}

// spans keeps what is traced.
type spans struct {
	mu   sync.Mutex
	list []telemetry.SpanData
}

func (s *spans) Span(d telemetry.SpanData) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, d)
}

func TestLoadIsTraced(t *testing.T) {
	t.Parallel()
	b := setup(t)
	seen := &spans{}
	tel, err := telemetry.New(t.Context(), telemetry.Config{Service: "loader", Logs: &bytes.Buffer{}, Spans: seen})
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := tel.Root(t.Context(), "test")
	if _, err := b.load(ctx, b.object("a", nil, two...)); err != nil {
		t.Fatal(err)
	}
	end(nil)
	if err := tel.Shutdown(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	for _, s := range seen.list {
		if s.Name == "load interaction" {
			a := s.Attributes
			if s.Kind != "client" || a["db.system.name"] != "duckdb" || a["db.collection.name"] != "interaction" || a["maskrail.rows.loaded"] != "2" {
				t.Errorf("span %+v", s)
			}
			return
		}
	}
	t.Errorf("no span of the load among %d", len(seen.list))
}
