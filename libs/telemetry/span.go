package telemetry

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Attr is an attribute of a span or a metric. Its key must be on the list in attributes.go, and its value must
// never be a value from the data or a raw object key.
type Attr = attribute.KeyValue

// String is a text attribute.
func String(key, value string) Attr { return attribute.String(key, value) }

// Int is a whole-number attribute.
func Int(key string, value int64) Attr { return attribute.Int64(key, value) }

// Process starts the CONSUMER span of one message, "process <template>". The span named by the header's
// traceparent is its parent, so that an object has one trace, and a link as well, as the messaging conventions ask.
// Without a traceparent the span is the root of a new trace. destination is the subject, template the subject with
// its variable tokens in braces. The function ends the span; it must be called once.
func (t *Telemetry) Process(ctx context.Context, header map[string]string, destination, template string, attrs ...Attr) (context.Context, func(error)) {
	options := []trace.SpanStartOption{
		trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithAttributes(messaging("process", destination, template)...),
		trace.WithAttributes(attrs...),
	}
	if from := extract(header); from.IsValid() {
		ctx = trace.ContextWithRemoteSpanContext(ctx, from)
		options = append(options, trace.WithLinks(trace.Link{SpanContext: from}))
	} else {
		options = append(options, trace.WithNewRoot())
	}
	ctx, span := t.t.tracer.Start(ctx, "process "+template, options...)
	return ctx, ender(span)
}

// Root starts an INTERNAL span that is the root of a new trace, for work that no message asked for: a sweep, a
// command.
func (t *Telemetry) Root(ctx context.Context, name string, attrs ...Attr) (context.Context, func(error)) {
	ctx, span := t.t.tracer.Start(ctx, name, trace.WithNewRoot(), trace.WithAttributes(attrs...))
	return ctx, ender(span)
}

// Start begins an INTERNAL span under the span in ctx and in the name of that span's service. Without a span in
// ctx it does nothing. The function ends the span; it must be called once.
func Start(ctx context.Context, name string, attrs ...Attr) (context.Context, func(error)) {
	return child(ctx, name, trace.SpanKindInternal, attrs)
}

// StartClient is Start for a call to another server: object store, database, HTTP.
func StartClient(ctx context.Context, name string, attrs ...Attr) (context.Context, func(error)) {
	return child(ctx, name, trace.SpanKindClient, attrs)
}

// Publish starts the PRODUCER span "send <template>" under the span in ctx and writes its trace context into
// header, in lower case, which must not be nil. Without a span in ctx it does nothing.
func Publish(ctx context.Context, destination, template string, header map[string]string) func(error) {
	ctx, end := child(ctx, "send "+template, trace.SpanKindProducer, messaging("send", destination, template))
	inject(ctx, header)
	return end
}

// Link adds a link from the span in ctx to the span that traceparent names. It is for trace context out of object
// metadata or an event's body: whoever wrote the object chose it, so it may point somewhere but never be a parent.
// A malformed traceparent is ignored.
func Link(ctx context.Context, traceparent string) {
	if to := extract(map[string]string{parentKey: traceparent}); to.IsValid() {
		trace.SpanFromContext(ctx).AddLink(trace.Link{SpanContext: to})
	}
}

// Set adds attributes to the span in ctx, for what is known only later: rows, outcome.
func Set(ctx context.Context, attrs ...Attr) { trace.SpanFromContext(ctx).SetAttributes(attrs...) }

func child(ctx context.Context, name string, kind trace.SpanKind, attrs []Attr) (context.Context, func(error)) {
	parent := trace.SpanFromContext(ctx)
	if !parent.SpanContext().IsValid() {
		return ctx, func(error) {}
	}
	ctx, span := parent.TracerProvider().Tracer(scope).Start(ctx, name, trace.WithSpanKind(kind), trace.WithAttributes(attrs...))
	return ctx, ender(span)
}

func messaging(operation, destination, template string) []Attr {
	return []Attr{
		attribute.String("messaging.system", "nats"),
		attribute.String("messaging.operation.name", operation),
		attribute.String("messaging.operation.type", operation),
		attribute.String("messaging.destination.name", destination),
		attribute.String("messaging.destination.template", template),
	}
}

// ender ends the span with the class of the error, never with its text.
func ender(span trace.Span) func(error) {
	return func(err error) {
		if err != nil && span.IsRecording() {
			class, failed := classify(err)
			span.SetAttributes(attribute.String("error.type", class))
			if failed {
				span.SetStatus(codes.Error, "")
			}
		}
		span.End()
	}
}
