package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/maskrail/maskrail/libs/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// spans is a sink that keeps what it gets, in order of ending.
type spans struct {
	mu  sync.Mutex
	all []telemetry.SpanData
}

func (s *spans) Span(d telemetry.SpanData) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, d)
}

func (s *spans) named(t *testing.T, name string) telemetry.SpanData {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.all, func(d telemetry.SpanData) bool { return d.Name == name })
	if i < 0 {
		t.Fatalf("no span %q among %d", name, len(s.all))
	}
	return s.all[i]
}

func start(t *testing.T, service string, to *spans) *telemetry.Telemetry {
	t.Helper()
	tel, err := telemetry.New(t.Context(), telemetry.Config{Service: service, Environment: "sandbox", Logs: io.Discard, Spans: to})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tel.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return tel
}

func TestTraceCrossesServices(t *testing.T) {
	t.Parallel()
	seen := &spans{}
	masker, validator := start(t, "masker", seen), start(t, "validator", seen)

	ctx, endProcess := masker.Process(t.Context(), nil, "maskrail.raw.interaction.acme", "maskrail.raw.{entity}.{tenant}")
	inner, endMask := telemetry.Start(ctx, "mask", telemetry.Int("maskrail.rows", 7))
	_, endGet := telemetry.StartClient(inner, "get object")
	endGet(nil)
	endMask(nil)
	header := map[string]string{}
	endSend := telemetry.Publish(ctx, "maskrail.masked.sandbox.interaction.acme", "maskrail.masked.{environment}.{entity}.{tenant}", header)
	endSend(nil)
	endProcess(nil)
	_, endNext := validator.Process(t.Context(), header, "maskrail.masked.sandbox.interaction.acme", "maskrail.masked.{environment}.{entity}.{tenant}")
	endNext(nil)

	root := seen.named(t, "process maskrail.raw.{entity}.{tenant}")
	mask := seen.named(t, "mask")
	get := seen.named(t, "get object")
	send := seen.named(t, "send maskrail.masked.{environment}.{entity}.{tenant}")
	next := seen.named(t, "process maskrail.masked.{environment}.{entity}.{tenant}")
	if root.ParentID != "" || len(root.Links) != 0 {
		t.Errorf("without a traceparent: parent %q, links %v; want a root", root.ParentID, root.Links)
	}
	for _, c := range []struct {
		name          string
		child, parent telemetry.SpanData
		kind, service string
	}{
		{"internal", mask, root, "internal", "masker"},
		{"client", get, mask, "client", "masker"},
		{"producer", send, root, "producer", "masker"},
		{"consumer in the next service", next, send, "consumer", "validator"},
	} {
		if c.child.ParentID != c.parent.SpanID || c.child.TraceID != root.TraceID {
			t.Errorf("%s: parent %s in trace %s, want %s in %s", c.name, c.child.ParentID, c.child.TraceID, c.parent.SpanID, root.TraceID)
		}
		if c.child.Kind != c.kind || c.child.Service != c.service {
			t.Errorf("%s: kind %s of %s, want %s of %s", c.name, c.child.Kind, c.child.Service, c.kind, c.service)
		}
	}
	if want := []string{send.TraceID + ":" + send.SpanID}; !slices.Equal(next.Links, want) {
		t.Errorf("links %v, want %v beside the parent", next.Links, want)
	}
	for key, want := range map[string]string{
		"messaging.system":               "nats",
		"messaging.operation.name":       "process",
		"messaging.destination.name":     "maskrail.masked.sandbox.interaction.acme",
		"messaging.destination.template": "maskrail.masked.{environment}.{entity}.{tenant}",
	} {
		if got := next.Attributes[key]; got != want {
			t.Errorf("%s = %q, want %q", key, got, want)
		}
	}
	if _, ok := header["traceparent"]; !ok || len(header) != 1 {
		t.Errorf("header %v, want traceparent in lower case alone", header)
	}
	if mask.Attributes["maskrail.rows"] != "7" {
		t.Errorf("attributes of mask: %v", mask.Attributes)
	}
}

func TestProcessHeader(t *testing.T) {
	t.Parallel()
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	for _, c := range []struct {
		name   string
		header map[string]string
		child  bool
	}{
		{"lower case", map[string]string{"traceparent": "00-" + trace + "-00f067aa0ba902b7-01"}, true},
		{"canonicalised by somebody else", map[string]string{"Traceparent": "00-" + trace + "-00f067aa0ba902b7-01"}, true},
		{"with a state", map[string]string{"traceparent": "00-" + trace + "-00f067aa0ba902b7-01", "tracestate": "a=b"}, true},
		{"none", map[string]string{"ce-id": "1"}, false},
		{"nil", nil, false},
		{"malformed", map[string]string{"traceparent": "00-" + trace[1:] + "-00f067aa0ba902b7-01"}, false},
		{"zero id", map[string]string{"traceparent": "00-00000000000000000000000000000000-00f067aa0ba902b7-01"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			seen := &spans{}
			tel := start(t, "exporter", seen)
			// An outer span must not become the parent: the message says where it belongs.
			outer, endOuter := tel.Root(t.Context(), "outer")
			ctx, end := tel.Process(outer, c.header, "s", "s")
			if got := telemetry.TraceID(ctx); (got == trace) != c.child {
				t.Errorf("trace %s, child of the header's: want %v", got, c.child)
			}
			end(nil)
			endOuter(nil)
			d := seen.named(t, "process s")
			if isChild := d.ParentID == "00f067aa0ba902b7"; isChild != c.child || (!c.child && d.ParentID != "") {
				t.Errorf("parent %q, want the header's: %v", d.ParentID, c.child)
			}
		})
	}
}

func TestLinkIsNoParent(t *testing.T) {
	t.Parallel()
	seen := &spans{}
	tel := start(t, "exporter", seen)
	ctx, end := tel.Root(t.Context(), "sweep")
	telemetry.Link(ctx, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	telemetry.Link(ctx, "+14155550100")
	end(nil)
	d := seen.named(t, "sweep")
	if d.ParentID != "" || d.TraceID == "4bf92f3577b34da6a3ce929d0e0e4736" {
		t.Errorf("the foreign context became the parent: %+v", d)
	}
	if want := []string{"4bf92f3577b34da6a3ce929d0e0e4736:00f067aa0ba902b7"}; !slices.Equal(d.Links, want) {
		t.Errorf("links %v, want %v", d.Links, want)
	}
}

type rejection struct{ class string }

func (r rejection) Error() string { return "rejected: value +14155550100" }
func (r rejection) Class() string { return r.class }

type driverError struct{}

func (*driverError) Error() string { return "near '+14155550100'" }

func TestErrorsShowTheirClassAlone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		err    error
		class  string
		failed bool
	}{
		{"nil", nil, "", false},
		{"class", fmt.Errorf("mask: %w", rejection{"unknown-field"}), "unknown-field", true},
		{"class that is text", rejection{"value +14155550100"}, "_OTHER", true},
		{"joined class", errors.Join(io.EOF, rejection{"malformed"}), "malformed", true},
		{"type", fmt.Errorf("load: %w", &driverError{}), "*telemetry_test.driverError", true},
		{"text only", fmt.Errorf("load: %w", errors.New("+14155550100")), "_OTHER", true},
		{"no chain", errors.New("+14155550100"), "_OTHER", true},
		{"formatted", fmt.Errorf("value %d", 14155550100), "_OTHER", true},
		{"timeout", fmt.Errorf("get: %w", context.DeadlineExceeded), "timeout", true},
		{"stopped", fmt.Errorf("get: %w", context.Canceled), "canceled", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			seen := &spans{}
			tel := start(t, "masker", seen)
			_, end := tel.Root(t.Context(), "work")
			end(c.err)
			d := seen.named(t, "work")
			if d.Attributes["error.type"] != c.class || d.Failed != c.failed {
				t.Errorf("error.type %q, failed %v; want %q, %v", d.Attributes["error.type"], d.Failed, c.class, c.failed)
			}
			if s := fmt.Sprint(d); strings.Contains(s, "1415555") {
				t.Errorf("the message is in the span: %s", s)
			}
		})
	}
}

func TestWithoutASpanNothingHappens(t *testing.T) {
	t.Parallel()
	header := map[string]string{}
	ctx, end := telemetry.Start(t.Context(), "work")
	telemetry.Link(ctx, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	telemetry.Publish(ctx, "s", "s", header)(nil)
	end(errors.New("x"))
	if len(header) != 0 || telemetry.TraceID(ctx) != "" || telemetry.TraceParent(ctx) != "" {
		t.Errorf("header %v, trace %q", header, telemetry.TraceID(ctx))
	}
}

func TestDiscardPassesTheTraceOn(t *testing.T) {
	t.Parallel()
	const parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	ctx, end := telemetry.Discard().Process(t.Context(), map[string]string{"traceparent": parent}, "s", "s")
	header := map[string]string{}
	telemetry.Publish(ctx, "s", "s", header)(nil)
	end(nil)
	if header["traceparent"] != parent {
		t.Errorf("traceparent %q, want that of the message", header["traceparent"])
	}
	if err := telemetry.Discard().Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}
