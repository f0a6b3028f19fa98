package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Names of the standard environment variables; the exporter itself reads the rest, e.g. headers and certificates.
const (
	endpointVar       = "OTEL_EXPORTER_OTLP_ENDPOINT"
	tracesEndpointVar = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
	protocolVar       = "OTEL_EXPORTER_OTLP_PROTOCOL"
	tracesProtocolVar = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"
	delayVar          = "OTEL_BSP_SCHEDULE_DELAY"
)

// batchDelay is how long a span waits for company. It is below the SDK's five seconds, so that a trace can be looked
// at when the command that made it has ended.
const batchDelay = time.Second

// newExporter returns nil when no endpoint is configured. The exporter would take localhost for an endpoint that it cannot
// parse, which looks like lost spans, so a wrong one is an error here.
func newExporter(ctx context.Context, log *slog.Logger) (sdktrace.SpanExporter, error) {
	name := tracesEndpointVar
	if os.Getenv(name) == "" {
		name = endpointVar
	}
	endpoint := os.Getenv(name)
	if endpoint == "" {
		return nil, nil
	}
	if u, err := url.Parse(endpoint); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("%s: want a URL like http://localhost:4318", name)
	}
	for _, v := range []string{tracesProtocolVar, protocolVar} {
		if p := os.Getenv(v); p != "" {
			if p != "http/protobuf" && p != "http/json" {
				return nil, fmt.Errorf("%s: %q is not supported: use http/protobuf and the collector's HTTP port, usually 4318", v, p)
			}
			break
		}
	}
	e, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("create the OTLP exporter for %s: %w", name, err)
	}
	return &reporting{SpanExporter: e, log: log}, nil
}

func batchOptions() []sdktrace.BatchSpanProcessorOption {
	if os.Getenv(delayVar) != "" {
		return nil
	}
	return []sdktrace.BatchSpanProcessorOption{sdktrace.WithBatchTimeout(batchDelay)}
}

// reporting logs failed exports to the service's own log, once a minute, instead of the process-wide handler. Losing
// spans never stops the work.
type reporting struct {
	sdktrace.SpanExporter
	log  *slog.Logger
	last atomic.Int64 // Unix seconds of the last report
}

func (r *reporting) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := r.SpanExporter.ExportSpans(ctx, spans)
	if err == nil {
		return nil
	}
	now, last := time.Now().Unix(), r.last.Load()
	if now-last >= 60 && r.last.CompareAndSwap(last, now) {
		r.log.WarnContext(ctx, "spans could not be exported", "spans", len(spans), "error", err.Error())
	}
	return nil
}
