// Package telemetry is the only door to the OpenTelemetry SDK: traces, metrics and logs of one service.
//
// Nothing that passes through it may hold a value from the data or a raw object key. Span attributes outside a
// fixed list are dropped, see attributes.go.
package telemetry

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// Config says who is observed and where it goes.
type Config struct {
	Service     string // service.name: exporter, masker, validator, loader, maskrail
	Version     string
	Environment string // deployment.environment.name; "" for a service that serves all
	// Level is the least severe log level that is written; the zero value is info.
	Level slog.Level
	// Logs receives JSON lines; nil means os.Stderr.
	Logs io.Writer
	// Spans receives finished spans beside OTLP; nil means OTLP alone, and that only when
	// OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is set.
	Spans SpanSink
}

// SpanSink receives each finished span, for tests and for reports.
type SpanSink interface{ Span(SpanData) }

// SpanData is a finished span as a sink sees it.
type SpanData struct {
	Service, Name, Kind       string
	TraceID, SpanID, ParentID string   // lower-case hex; ParentID "" for a root
	Links                     []string // "traceid:spanid"
	Attributes                map[string]string
	Start, End                time.Time
	Failed                    bool
}

// Telemetry is the traces, metrics and logs of one service. The zero value is not usable; see New and Discard.
type Telemetry struct{ t *state }

// New starts telemetry for one service. Several may live in one process.
func New(ctx context.Context, c Config) (*Telemetry, error) { return newState(ctx, c) }

// Discard drops everything; for tests and for commands that need none.
func Discard() *Telemetry { return discard() }

// Log is the service's logger; records carry trace_id and span_id when ctx has a span.
func (t *Telemetry) Log() *slog.Logger { return t.t.log }

// Shutdown flushes and stops. It waits no longer than ctx.
func (t *Telemetry) Shutdown(ctx context.Context) error { return t.t.shutdown(ctx) }

// Metrics serves the Prometheus text format, of t and of other services in the same process.
func (t *Telemetry) Metrics(others ...*Telemetry) http.Handler {
	return handler(append([]*Telemetry{t}, others...)...)
}
