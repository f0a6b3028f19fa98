package telemetry

import (
	"context"
	"log/slog"
	"sync"

	"go.opentelemetry.io/otel/metric"
)

// buckets are the upper bounds of durations in seconds: from one batch in memory to a large object.
var buckets = []float64{.005, .025, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600}

// Count adds n to the counter of that name, e.g. "maskrail.rows". Attributes that are no metric label, see
// attributes.go, are dropped: each combination of labels is a time series of its own.
func (t *Telemetry) Count(ctx context.Context, name string, n int64, attrs ...Attr) {
	t.t.meters.count(ctx, name, n, attrs...)
}

// Record adds a duration to the histogram of that name, e.g. "maskrail.stage.duration".
func (t *Telemetry) Record(ctx context.Context, name string, seconds float64, attrs ...Attr) {
	t.t.meters.record(ctx, name, seconds, attrs...)
}

// Gauge shows what read returns whenever metrics are read. read must not block and must be safe for concurrent
// use. Calls with one name and other attributes add up to several series of one gauge.
func (t *Telemetry) Gauge(name string, read func() int64, attrs ...Attr) {
	t.t.meters.gauge(name, read, attrs...)
}

// meters creates each instrument when it is first used.
type meters struct {
	meter metric.Meter
	log   *slog.Logger

	counters, histograms sync.Map // name → metric.Int64Counter, metric.Float64Histogram
}

func newMeters(m metric.Meter, log *slog.Logger) *meters { return &meters{meter: m, log: log} }

func (m *meters) count(ctx context.Context, name string, n int64, attrs ...Attr) {
	c, ok := m.counters.Load(name)
	if !ok {
		created, err := m.meter.Int64Counter(name)
		m.report(name, err)
		c, _ = m.counters.LoadOrStore(name, created)
	}
	c.(metric.Int64Counter).Add(ctx, n, metric.WithAttributes(labels(attrs)...))
}

func (m *meters) record(ctx context.Context, name string, seconds float64, attrs ...Attr) {
	h, ok := m.histograms.Load(name)
	if !ok {
		created, err := m.meter.Float64Histogram(name, metric.WithUnit("s"), metric.WithExplicitBucketBoundaries(buckets...))
		m.report(name, err)
		h, _ = m.histograms.LoadOrStore(name, created)
	}
	h.(metric.Float64Histogram).Record(ctx, seconds, metric.WithAttributes(labels(attrs)...))
}

func (m *meters) gauge(name string, read func() int64, attrs ...Attr) {
	g, err := m.meter.Int64ObservableGauge(name)
	m.report(name, err)
	set := metric.WithAttributes(labels(attrs)...)
	_, err = m.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		o.ObserveInt64(g, read(), set)
		return nil
	}, g)
	m.report(name, err)
}

// report logs what a wrong metric name causes; the instrument itself then does nothing.
func (m *meters) report(name string, err error) {
	if err != nil {
		m.log.Error("metric cannot be recorded", "metric", name, "error", err.Error())
	}
}
