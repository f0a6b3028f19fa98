package stage_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/libs/telemetry"
)

// spans collects finished spans by name.
type spans struct {
	mu  sync.Mutex
	all map[string]telemetry.SpanData
}

func (s *spans) Span(d telemetry.SpanData) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[d.Name] = d
}

// TestOneTrace: the message's trace goes on through the worker into the message it hands on.
func TestOneTrace(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		const trace, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
		m, err := objref.Encode(rawRef("run-1"), objref.AtRaw, "maskrail.raw.interaction._", "/exporter")
		if err != nil {
			t.Fatal(err)
		}
		m.Header["traceparent"] = "00-" + trace + "-" + parent + "-01"
		w.send(m)
		collected := &spans{all: map[string]telemetry.SpanData{}}
		tel, err := telemetry.New(t.Context(), telemetry.Config{Service: "masker", Logs: w.logs, Spans: collected})
		if err != nil {
			t.Fatal(err)
		}
		stop := w.start(mask, func(r *stage.Runner) { r.Telemetry = tel })
		_ = stop()
		if err := tel.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		process, send := collected.all["process maskrail.raw.{entity}.{tenant}"], collected.all["send maskrail.masked.{env}.{entity}.{tenant}"]
		if process.TraceID != trace || process.ParentID != parent || process.Failed {
			t.Errorf("span of the work is %+v", process)
		}
		if send.TraceID != trace || send.ParentID != process.SpanID {
			t.Errorf("span of the message handed on is %+v", send)
		}
		if got, want := w.one(bus.Masked).Header["traceparent"], "00-"+trace+"-"+send.SpanID+"-01"; got != want {
			t.Errorf("traceparent handed on is %s, want %s", got, want)
		}
		for key, want := range map[string]string{
			"maskrail.outcome": "done", "maskrail.run": "run-1", "maskrail.entity": "interaction",
			"maskrail.object": rawRef("").Object.ShortID(), "maskrail.delivery": "1", "messaging.consumer.group.name": durable,
		} {
			if got := process.Attributes[key]; got != want {
				t.Errorf("attribute %s is %q, want %q", key, got, want)
			}
		}
		if strings.Contains(fmt.Sprint(collected.all), "49151123") {
			t.Error("a span holds a key")
		}
	})
}
