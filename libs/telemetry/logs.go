package telemetry

import (
	"context"
	"io"
	"log/slog"

	"go.opentelemetry.io/otel/trace"
)

// traced adds the ids of the span in ctx to each record.
type traced struct{ slog.Handler }

func newLogger(to io.Writer, c Config) *slog.Logger {
	log := slog.New(traced{slog.NewJSONHandler(to, &slog.HandlerOptions{Level: c.Level})}).With("service", c.Service)
	if c.Environment != "" {
		log = log.With("environment", c.Environment)
	}
	return log
}

func (h traced) Handle(ctx context.Context, r slog.Record) error {
	if c := trace.SpanContextFromContext(ctx); c.IsValid() {
		r.AddAttrs(slog.String("trace_id", c.TraceID().String()), slog.String("span_id", c.SpanID().String()))
	}
	return h.Handler.Handle(ctx, r)
}

func (h traced) WithAttrs(attrs []slog.Attr) slog.Handler { return traced{h.Handler.WithAttrs(attrs)} }
func (h traced) WithGroup(name string) slog.Handler       { return traced{h.Handler.WithGroup(name)} }
