package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	otelprom "go.opentelemetry.io/otel/exporters/prometheus"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
)

// scope names the instrumentation in every span.
const scope = "github.com/maskrail/maskrail/libs/telemetry"

// state is one service's providers. Nothing in it is global, so that several services in one process appear under
// their own names.
type state struct {
	log      *slog.Logger
	tracer   trace.Tracer
	meters   *meters
	registry *prometheus.Registry // the service's own metrics, labelled with its name
	stop     func(context.Context) error
}

func newState(ctx context.Context, c Config) (*Telemetry, error) {
	if c.Service == "" {
		return nil, errors.New("start telemetry: service: must not be empty")
	}
	res := resource.NewSchemaless(identity(c)...)
	logs := c.Logs
	if logs == nil {
		logs = os.Stderr
	}
	log := newLogger(logs, c)

	registry := prometheus.NewRegistry()
	reader, err := otelprom.New(
		otelprom.WithRegisterer(registry),
		otelprom.WithoutScopeInfo(),
		otelprom.WithResourceAsConstantLabels(attribute.NewAllowKeysFilter("service.name")),
	)
	if err != nil {
		return nil, fmt.Errorf("start telemetry: metrics: %w", err)
	}
	metrics := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithResource(res))
	m := newMeters(metrics.Meter(scope), log)

	f := &filter{dropped: func() { m.count(context.Background(), "maskrail.telemetry.dropped", 1) }}
	if c.Spans != nil {
		f.next = append(f.next, sink{to: c.Spans, service: c.Service})
	}
	exporter, err := newExporter(ctx, log)
	if err != nil {
		return nil, fmt.Errorf("start telemetry: %w", errors.Join(err, metrics.Shutdown(ctx)))
	}
	if exporter != nil {
		f.next = append(f.next, sdktrace.NewBatchSpanProcessor(exporter, batchOptions()...))
	}
	traces := sdktrace.NewTracerProvider(
		sdktrace.WithResource(res),
		sdktrace.WithSpanProcessor(f),
		sdktrace.WithoutPanicRecording(), // a panic's text can hold a value
	)

	var once sync.Once
	return &Telemetry{&state{
		log:      log,
		tracer:   traces.Tracer(scope),
		meters:   m,
		registry: registry,
		stop: func(ctx context.Context) (err error) {
			once.Do(func() { err = errors.Join(traces.Shutdown(ctx), metrics.Shutdown(ctx)) })
			return err
		},
	}}, nil
}

func (s *state) shutdown(ctx context.Context) error {
	if err := s.stop(ctx); err != nil {
		return fmt.Errorf("stop telemetry: %w", err)
	}
	return nil
}

// handler serves the metrics of services, and once those of their process.
func handler(services ...*Telemetry) http.Handler {
	process := prometheus.NewRegistry()
	process.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	all := prometheus.Gatherers{process}
	for _, t := range services {
		all = append(all, t.t.registry)
	}
	return promhttp.HandlerFor(all, promhttp.HandlerOpts{
		EnableOpenMetrics: true, // exemplars, which lead from a slow bucket to its trace, need it
	})
}

// identity is the resource: what every span and metric of the service carries.
func identity(c Config) []attribute.KeyValue {
	attrs := []attribute.KeyValue{attribute.String("service.name", c.Service)}
	if c.Version != "" {
		attrs = append(attrs, attribute.String("service.version", c.Version))
	}
	if c.Environment != "" {
		attrs = append(attrs, attribute.String("deployment.environment.name", c.Environment))
	}
	return attrs
}

func discard() *Telemetry {
	log := slog.New(slog.DiscardHandler)
	return &Telemetry{&state{
		log:      log,
		tracer:   tracenoop.NewTracerProvider().Tracer(scope),
		meters:   newMeters(metricnoop.NewMeterProvider().Meter(scope), log),
		registry: prometheus.NewRegistry(),
		stop:     func(context.Context) error { return nil },
	}}
}
