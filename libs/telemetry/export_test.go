package telemetry_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/maskrail/maskrail/libs/telemetry"
)

// receiver is an OTLP collector that keeps spans by service and the raw bodies.
type receiver struct {
	mu     sync.Mutex
	spans  map[string][]*tracepb.Span
	bodies bytes.Buffer
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.URL.Path != "/v1/traces" {
		http.NotFound(w, req)
		return
	}
	var body io.Reader = req.Body
	if req.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(req.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = z
	}
	raw, err := io.ReadAll(body)
	var msg collector.ExportTraceServiceRequest
	if err != nil || proto.Unmarshal(raw, &msg) != nil {
		http.Error(w, "malformed", http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bodies.Write(raw)
	for _, rs := range msg.ResourceSpans {
		service := ""
		for _, a := range rs.Resource.Attributes {
			if a.Key == "service.name" {
				service = a.Value.GetStringValue()
			}
		}
		for _, ss := range rs.ScopeSpans {
			r.spans[service] = append(r.spans[service], ss.Spans...)
		}
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// The environment is the process's, so the tests of this file do not run in parallel.

func TestOTLPSeesWhatTheSinkSees(t *testing.T) {
	got := &receiver{spans: map[string][]*tracepb.Span{}}
	server := httptest.NewServer(got)
	t.Cleanup(server.Close)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	t.Setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")

	seen := &spans{}
	a, b := start(t, "masker", seen), start(t, "loader", seen)
	for _, tel := range []*telemetry.Telemetry{a, b} {
		ctx, end := tel.Process(t.Context(), map[string]string{
			"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "tracestate": "v=secret-value",
		}, "s", "s", telemetry.String("maskrail.tenant", "acme"), telemetry.String("customer.phone", "secret-value"))
		telemetry.Set(ctx, telemetry.Int("maskrail.rows", 3), telemetry.String("maskrail.note", "secret-value"))
		end(rejection{"detector-hit"})
		if err := tel.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
	}

	if strings.Contains(got.bodies.String(), "secret-value") || strings.Contains(got.bodies.String(), "1415555") {
		t.Error("a value that is on no list was exported")
	}
	for _, d := range seen.all {
		exported := got.spans[d.Service]
		if len(exported) != 1 {
			t.Fatalf("%d spans of %s exported, want 1", len(exported), d.Service)
		}
		s := exported[0]
		attrs := map[string]string{}
		for _, kv := range s.Attributes {
			switch v := kv.Value; {
			case v.GetStringValue() != "":
				attrs[kv.Key] = v.GetStringValue()
			case v.GetIntValue() == 3:
				attrs[kv.Key] = "3"
			}
		}
		if !maps.Equal(attrs, d.Attributes) {
			t.Errorf("%s: exported %v, the sink saw %v", d.Service, attrs, d.Attributes)
		}
		if hex.EncodeToString(s.SpanId) != d.SpanID || hex.EncodeToString(s.ParentSpanId) != d.ParentID || s.TraceState != "" {
			t.Errorf("%s: exported %x under %x, the sink saw %s under %s", d.Service, s.SpanId, s.ParentSpanId, d.SpanID, d.ParentID)
		}
		if s.Status.GetCode() != tracepb.Status_STATUS_CODE_ERROR || s.Status.GetMessage() != "" || len(s.Events) != 0 {
			t.Errorf("%s: status %v, events %v; want an error without text", d.Service, s.Status, s.Events)
		}
	}
}

func TestWrongEndpoint(t *testing.T) {
	for _, c := range []struct{ name, key, value, want string }{
		{"no URL", "OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318", "OTEL_EXPORTER_OTLP_ENDPOINT"},
		{"other scheme", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "ftp://x", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"},
		{"gRPC", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "http/protobuf"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318")
			t.Setenv(c.key, c.value)
			_, err := telemetry.New(t.Context(), telemetry.Config{Service: "masker", Logs: io.Discard})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that names %s", err, c.want)
			}
		})
	}
}

func TestLostSpansAreLoggedAndShutdownEnds(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "no", http.StatusBadRequest)
	}))
	t.Cleanup(server.Close)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	var logs bytes.Buffer
	tel, err := telemetry.New(t.Context(), telemetry.Config{Service: "masker", Logs: &logs})
	if err != nil {
		t.Fatal(err)
	}
	_, end := tel.Root(t.Context(), "work")
	end(nil)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := tel.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if err := tel.Shutdown(ctx); err != nil {
		t.Errorf("second shutdown: %v", err)
	}
	if !strings.Contains(logs.String(), "spans could not be exported") {
		t.Errorf("log %q, want a line about lost spans", logs.String())
	}
}

func TestLogsCarryTheTrace(t *testing.T) {
	t.Parallel()
	var logs bytes.Buffer
	tel, err := telemetry.New(t.Context(), telemetry.Config{Service: "masker", Environment: "sandbox", Logs: &logs, Level: slog.LevelWarn})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tel.Shutdown(context.Background()) })
	ctx, end := tel.Root(t.Context(), "work")
	defer end(nil)
	tel.Log().InfoContext(ctx, "below the level")
	tel.Log().With("rows", 3).WarnContext(ctx, "something")
	var line map[string]any
	if err := json.Unmarshal(logs.Bytes(), &line); err != nil {
		t.Fatalf("want one line of JSON: %v in %q", err, logs.String())
	}
	for key, want := range map[string]any{
		"service": "masker", "environment": "sandbox", "level": "WARN", "rows": 3.0, "trace_id": telemetry.TraceID(ctx),
	} {
		if line[key] != want {
			t.Errorf("%s = %v, want %v", key, line[key], want)
		}
	}
}

func TestMetricsText(t *testing.T) {
	t.Parallel()
	a, b := start(t, "masker", &spans{}), start(t, "loader", &spans{})
	a.Count(t.Context(), "maskrail.rows", 5, telemetry.String("maskrail.stage", "masked"), telemetry.String("customer.phone", "+14155550100"))
	a.Count(t.Context(), "maskrail.rows", 2, telemetry.String("maskrail.stage", "masked"))
	a.Record(t.Context(), "maskrail.stage.duration", 0.2, telemetry.String("maskrail.outcome", "done"))
	a.Gauge("maskrail.lag", func() int64 { return 11 }, telemetry.String("maskrail.stream", "RAW"))
	a.Gauge("maskrail.lag", func() int64 { return 12 }, telemetry.String("maskrail.stream", "REPLAY"))
	b.Count(t.Context(), "maskrail.rows", 1)
	_, end := a.Root(t.Context(), "work", telemetry.String("customer.phone", "+14155550100"))
	end(nil)

	text := func(tel *telemetry.Telemetry) string {
		w := httptest.NewRecorder()
		tel.Metrics().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
		return w.Body.String()
	}
	got := text(a)
	for _, want := range []string{
		`maskrail_rows_total{maskrail_stage="masked",service_name="masker"} 7`,
		`maskrail_stage_duration_seconds_bucket{maskrail_outcome="done",service_name="masker",le="0.25"} 1`,
		`maskrail_lag{maskrail_stream="RAW",service_name="masker"} 11`,
		`maskrail_lag{maskrail_stream="REPLAY",service_name="masker"} 12`,
		`maskrail_telemetry_dropped_total{service_name="masker"} 1`,
		`target_info{deployment_environment_name="sandbox",service_name="masker"} 1`,
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("metrics without %s", want)
		}
	}
	if t.Failed() || strings.Contains(got, "1415555") || strings.Contains(got, "loader") {
		t.Logf("metrics:\n%s", got)
	}
	if strings.Contains(got, "1415555") {
		t.Error("a label that is on no list was exported")
	}
	if other := text(b); !strings.Contains(other, `maskrail_rows_total{service_name="loader"} 1`) || strings.Contains(got, "loader") {
		t.Error("two services share their metrics")
	}
}
