package pipeline

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/telemetry"
)

var epoch = time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)

// span is one from a second to another after epoch.
func span(service, name string, from, to int, attributes ...string) telemetry.SpanData {
	d := telemetry.SpanData{Service: service, Name: name, Attributes: map[string]string{"maskrail.outcome": "done"},
		Start: epoch.Add(time.Duration(from) * time.Second), End: epoch.Add(time.Duration(to) * time.Second)}
	for i := 0; i < len(attributes); i += 2 {
		d.Attributes[attributes[i]] = attributes[i+1]
	}
	return d
}

func TestBusy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spans [][2]int
		want  int
	}{
		"none":           {nil, 0},
		"one":            {[][2]int{{3, 5}}, 2},
		"apart":          {[][2]int{{7, 8}, {3, 5}}, 3},
		"overlapping":    {[][2]int{{3, 5}, {4, 9}}, 6},
		"inside":         {[][2]int{{3, 9}, {4, 5}, {6, 7}}, 6},
		"touching":       {[][2]int{{3, 4}, {4, 5}}, 2},
		"twice the same": {[][2]int{{3, 4}, {3, 4}}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var all []telemetry.SpanData
			for _, s := range c.spans {
				all = append(all, span("masker", "mask", s[0], s[1]))
			}
			if got := busy(all); got != time.Duration(c.want)*time.Second {
				t.Errorf("%s, want %d s", got, c.want)
			}
		})
	}
}

// Two objects: nobody is at work from 0 to 2, from 12 to 13, and from 20 to the last acknowledgement at 21.
func run() []telemetry.SpanData {
	return []telemetry.SpanData{
		span("exporter", "process maskrail.s3.{source}", 1, 2),
		span("masker", "process maskrail.raw.{entity}.{tenant}", 1, 9),
		span("masker", "get object", 1, 3),
		span("masker", "mask", 2, 6),
		span("masker", "wait", 3, 6),
		span("masker", "mask", 6, 8),
		span("masker", "put object", 12, 13),
		span("validator", "check cells", 7, 10),
		span("validator", "check file metadata", 10, 11),
		span("loader", "load interaction", 11, 12, "maskrail.rows.loaded", "7"),
		span("loader", "process maskrail.validated.{env}.{entity}.{tenant}", 10, 13),
		span("loader", "load interaction", 13, 20, "maskrail.rows.loaded", "5"),
		span("loader", "process maskrail.validated.{env}.{entity}.{tenant}", 13, 21),
		span("masker", "process maskrail.raw.{entity}.{tenant}", 20, 25), // of nobody who is waited for
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	got, err := times(epoch, run())
	if err != nil {
		t.Fatal(err)
	}
	if got.Run != 21 || got.HandOffs != 4 || got.Rows != 12 {
		t.Errorf("%+v, want 21 s, 4 of them for handing on, and 12 rows", got)
	}
	for service, want := range map[string]float64{"exporter": 1, "masker": 6, "validator": 4, "loader": 8} {
		if got.Work[service] != want {
			t.Errorf("%s at work for %v s, want %v", service, got.Work[service], want)
		}
	}
}

// What failed is not fast.
func TestTimesOfFailures(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func([]telemetry.SpanData){
		"tried again":  func(all []telemetry.SpanData) { all[12].Attributes["maskrail.outcome"] = "retried" },
		"failed":       func(all []telemetry.SpanData) { all[12].Failed = true },
		"no row count": func(all []telemetry.SpanData) { delete(all[11].Attributes, "maskrail.rows.loaded") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := run()
			change(all)
			if got, err := times(epoch, all); err == nil {
				t.Errorf("no error, but %+v", got)
			}
		})
	}
}

func TestTake(t *testing.T) {
	t.Parallel()
	s := newSpans()
	go func() {
		for i := range 3 {
			s.Span(span("masker", "mask", i, i+1, "n", strconv.Itoa(i)))
			s.Span(span("masker", "process x", i, i+1))
		}
	}()
	all, err := s.take(t.Context(), 3, "masker", processing)
	if err != nil || len(all) != 6 {
		t.Fatalf("%d spans, %v", len(all), err)
	}
	s.Span(span("validator", "process x", 0, 1, "maskrail.outcome", "rejected"))
	if _, err := s.take(t.Context(), 1, "loader", processing); err == nil || !strings.Contains(err.Error(), "rejected") {
		t.Errorf("take of what was refused: %v", err)
	}
	s = newSpans()
	ctx, cancel := context.WithCancelCause(t.Context())
	stuck := errors.New("stuck")
	cancel(stuck)
	if _, err := s.take(ctx, 1, "masker", processing); !errors.Is(err, stuck) || strings.Contains(err.Error(), "mask") {
		t.Errorf("take of what never comes: %v", err)
	}
}
