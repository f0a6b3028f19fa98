package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/stack"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/telemetry"
	"github.com/maskrail/maskrail/services/exporter"
	"github.com/maskrail/maskrail/services/loader"
	"github.com/maskrail/maskrail/services/masker"
	"github.com/maskrail/maskrail/services/validator"
)

// Whole takes files through the whole embedded stack into a sandbox, all at once.
type Whole struct {
	Dir, Policy, Key string
	Files            []string
}

// WholeTimes are seconds, and the rows that were loaded.
type WholeTimes struct {
	Run      float64            // from the first byte that is put to the last acknowledgement
	HandOffs float64            // of it, nobody was at work
	Work     map[string]float64 // of it, this worker was
	Rows     int64
}

// work is what the workers do beside taking, fetching, storing and announcing, by the names of their spans. The exporter
// reads no object: all that it does is handing on.
var work = map[string]string{masker.Name: "mask", validator.Name: "check ", loader.Name: "load "}

// Run measures.
func (w *Whole) Run(ctx context.Context) (err error) {
	app.Frugal()
	ctx, end := limited(ctx)
	defer end()
	set, err := policy.Load(w.Policy)
	if err != nil {
		return err
	}
	ring, err := keys.Load(keys.Source{File: w.Key})
	if err != nil {
		return err
	}
	traced := newSpans()
	st, err := stack.Start(ctx, stack.Config{Dir: stack.Dir(w.Dir), Environment: environment, Policies: set, Ring: ring, Spans: traced})
	if err != nil {
		return err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), stack.Grace)
		defer cancel()
		err = errors.Join(err, st.Close(closing))
	}()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case err := <-st.Failed():
			cancel(err)
		case <-ctx.Done():
		}
	}()
	began := time.Now()
	for i, f := range w.Files {
		if err := put(ctx, st.Store(), st.Buckets().Raw, strconv.Itoa(i), f); err != nil {
			return err
		}
	}
	all, err := traced.take(ctx, len(w.Files), loader.Name, processing)
	if err != nil {
		return err
	}
	t, err := times(began, all)
	if err != nil {
		return err
	}
	return report(t)
}

// times says where the time of a run went that began then and ended with the last span of the loader.
func times(began time.Time, all []telemetry.SpanData) (WholeTimes, error) {
	t := WholeTimes{Work: map[string]float64{exporter.Name: busy(of(all, exporter.Name, processing)).Seconds()}}
	var atWork []telemetry.SpanData
	for service, name := range work {
		s := of(all, service, name)
		atWork = append(atWork, s...)
		t.Work[service] = busy(s).Seconds()
	}
	var end time.Time
	for _, s := range of(all, loader.Name, processing) {
		if err := done(s); err != nil {
			return t, err
		}
		if s.End.After(end) {
			end = s.End
		}
	}
	for _, s := range of(all, loader.Name, work[loader.Name]) {
		n, err := strconv.ParseInt(s.Attributes["maskrail.rows.loaded"], 10, 64)
		if err != nil {
			return t, fmt.Errorf("a load does not say how many rows it brought: %w", err)
		}
		t.Rows += n
	}
	t.Run = end.Sub(began).Seconds()
	t.HandOffs = t.Run - busy(atWork).Seconds()
	return t, nil
}

func report(v any) error { return json.NewEncoder(os.Stdout).Encode(v) }
