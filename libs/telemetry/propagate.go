package telemetry

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// parentKey and stateKey are the W3C trace context headers. Keys on the bus are case-sensitive and are written as
// they are, so http.Header, which would write Traceparent, is no carrier for them.
const (
	parentKey = "traceparent"
	stateKey  = "tracestate"
)

// carrier reads keys in any case, because a foreign publisher may have canonicalised them, and writes lower case.
type carrier map[string]string

func (c carrier) Get(key string) string {
	if v, ok := c[key]; ok {
		return v
	}
	for k, v := range c {
		if strings.EqualFold(k, key) {
			return v
		}
	}
	return ""
}

func (c carrier) Set(key, value string) { c[key] = value }

func (c carrier) Keys() []string { return []string{parentKey, stateKey} }

func extract(header map[string]string) trace.SpanContext {
	ctx := propagation.TraceContext{}.Extract(context.Background(), carrier(header))
	return trace.SpanContextFromContext(ctx)
}

func inject(ctx context.Context, header map[string]string) {
	propagation.TraceContext{}.Inject(ctx, carrier(header))
}

// TraceID is the trace of the span in ctx in lower-case hex, "" without one.
func TraceID(ctx context.Context) string {
	if c := trace.SpanContextFromContext(ctx); c.HasTraceID() {
		return c.TraceID().String()
	}
	return ""
}

// TraceParent is the W3C traceparent of the span in ctx, "" without one.
func TraceParent(ctx context.Context) string {
	header := carrier{}
	inject(ctx, header)
	return header[parentKey]
}

// HeaderTraceID is the trace id, in hex, of the traceparent among a message's headers, "" without one.
func HeaderTraceID(header map[string]string) string {
	for k, v := range header {
		if strings.EqualFold(k, parentKey) {
			if p := strings.Split(v, "-"); len(p) >= 4 && len(p[1]) == 32 {
				return p[1]
			}
		}
	}
	return ""
}

// ObjectMetadata is what an object that is written in ctx keeps of its trace: {"traceparent": …}, nil without a span.
func ObjectMetadata(ctx context.Context) map[string]string {
	if parent := TraceParent(ctx); parent != "" {
		return map[string]string{parentKey: parent}
	}
	return nil
}
