package telemetry

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// filter is the one processor of a tracer provider. Every way out of the process lies behind it, so that all of
// them see the same cleaned span.
type filter struct {
	next    []sdktrace.SpanProcessor
	dropped func() // called for each attribute that is not on the list
}

func (f *filter) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

func (f *filter) OnEnd(s sdktrace.ReadOnlySpan) {
	attrs, dropped := clean(s.Attributes())
	for range dropped {
		f.dropped()
	}
	c := cleanSpan{ReadOnlySpan: s, attrs: attrs}
	for _, p := range f.next {
		p.OnEnd(c)
	}
}

func (f *filter) Shutdown(ctx context.Context) error {
	return f.each(func(p sdktrace.SpanProcessor) error { return p.Shutdown(ctx) })
}

func (f *filter) ForceFlush(ctx context.Context) error {
	return f.each(func(p sdktrace.SpanProcessor) error { return p.ForceFlush(ctx) })
}

func (f *filter) each(do func(sdktrace.SpanProcessor) error) error {
	var errs error
	for _, p := range f.next {
		errs = errors.Join(errs, do(p))
	}
	return errs
}

// cleanSpan hides whatever of a span can hold free text: other attributes, events, the status message, and the
// trace state, which a foreign publisher wrote.
type cleanSpan struct {
	sdktrace.ReadOnlySpan
	attrs []attribute.KeyValue
}

func (s cleanSpan) Attributes() []attribute.KeyValue { return s.attrs }
func (s cleanSpan) Events() []sdktrace.Event         { return nil }
func (s cleanSpan) SpanContext() trace.SpanContext   { return stateless(s.ReadOnlySpan.SpanContext()) }
func (s cleanSpan) Parent() trace.SpanContext        { return stateless(s.ReadOnlySpan.Parent()) }

func (s cleanSpan) Status() sdktrace.Status {
	return sdktrace.Status{Code: s.ReadOnlySpan.Status().Code}
}

func (s cleanSpan) Links() []sdktrace.Link {
	links := s.ReadOnlySpan.Links()
	cleaned := make([]sdktrace.Link, len(links))
	for i, l := range links {
		cleaned[i] = sdktrace.Link{SpanContext: stateless(l.SpanContext)}
	}
	return cleaned
}

func stateless(c trace.SpanContext) trace.SpanContext { return c.WithTraceState(trace.TraceState{}) }

// sink hands finished spans to a SpanSink.
type sink struct {
	to      SpanSink
	service string
}

func (k sink) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (k sink) Shutdown(context.Context) error                  { return nil }
func (k sink) ForceFlush(context.Context) error                { return nil }

func (k sink) OnEnd(s sdktrace.ReadOnlySpan) {
	d := SpanData{
		Service: k.service, Name: s.Name(), Kind: s.SpanKind().String(),
		TraceID: s.SpanContext().TraceID().String(), SpanID: s.SpanContext().SpanID().String(),
		Attributes: make(map[string]string, len(s.Attributes())),
		Start:      s.StartTime(), End: s.EndTime(),
		Failed: s.Status().Code == codes.Error,
	}
	if p := s.Parent(); p.HasSpanID() {
		d.ParentID = p.SpanID().String()
	}
	for _, l := range s.Links() {
		d.Links = append(d.Links, l.SpanContext.TraceID().String()+":"+l.SpanContext.SpanID().String())
	}
	for _, a := range s.Attributes() {
		d.Attributes[string(a.Key)] = a.Value.String()
	}
	k.to.Span(d)
}
