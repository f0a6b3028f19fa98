package stage_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/bus/membus"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/libs/telemetry"
)

const (
	environment = "sandbox-01"
	durable     = "masker-sandbox-01"
	// secret stands where data could: in the key of a raw object.
	secret = "interaction/+4915112345678/calls.csv"
)

var errAway = errors.New("object store is away")

func rawRef(run string) objref.Ref {
	return objref.Ref{
		Entity: "interaction", Run: run, Tenant: objref.Several, Rows: 7,
		Object: objref.Object{Bucket: "maskrail-raw", Key: secret, Version: "v1", Bytes: 70},
	}
}

// mask is a Func that succeeds.
func mask(_ context.Context, in objref.Ref) ([]objref.Ref, error) {
	out := in
	out.Environment, out.Tenant, out.Policy = environment, "acme", "sha256:00"
	out.Source = &in.Object
	out.Object = objref.Object{Bucket: "maskrail-masked", Key: environment + "/1.parquet", Version: "v1", SHA256: strings.Repeat("ab", 32)}
	return []objref.Ref{out}, nil
}

// world is a bus with a worker on it, inside a synctest bubble.
type world struct {
	t    *testing.T
	bus  *membus.Bus
	logs *logs
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return &world{t: t, bus: membus.New(bus.Streams(bus.Horizon)), logs: &logs{}}
}

// logs collects log lines.
type logs struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// publish puts a raw reference on the bus.
func (w *world) publish(ref objref.Ref) {
	w.t.Helper()
	m, err := objref.Encode(ref, objref.AtRaw, ref.Subject(objref.AtRaw), "/exporter")
	if err != nil {
		w.t.Fatal(err)
	}
	w.send(m)
}

func (w *world) send(m bus.Message) {
	w.t.Helper()
	if err := w.bus.Publish(w.t.Context(), m); err != nil {
		w.t.Fatal(err)
	}
}

// start runs f as a masker; change may alter the runner. The returned function stops it and returns what Run
// returned. It is stopped with the test in any case.
func (w *world) start(f stage.Func, change ...func(*stage.Runner)) (stop func() error) {
	w.t.Helper()
	tel, err := telemetry.New(w.t.Context(), telemetry.Config{Service: "masker", Logs: w.logs})
	if err != nil {
		w.t.Fatal(err)
	}
	r := &stage.Runner{
		Service: "masker", Environment: environment, Bus: w.bus, Telemetry: tel,
		In:   []bus.Consumer{{Stream: bus.Raw, Durable: durable, Filters: []string{"maskrail.raw.>"}, All: true}},
		From: objref.AtRaw, Out: objref.AtMasked, Func: f,
	}
	for _, c := range change {
		c(r)
	}
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(w.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	stop = sync.OnceValue(func() error {
		cancel(errStopped)
		err := <-ended
		if err := tel.Shutdown(context.WithoutCancel(ctx)); err != nil {
			w.t.Errorf("shut telemetry down: %v", err)
		}
		return err
	})
	w.t.Cleanup(func() { _ = stop() })
	synctest.Wait()
	return stop
}

var errStopped = errors.New("stopped by the test")

// messages are those of a stream.
func (w *world) messages(stream string) []bus.Message {
	w.t.Helper()
	var all []bus.Message
	err := w.bus.Read(w.t.Context(), bus.Query{Stream: stream}, func(m bus.Message) error {
		all = append(all, m)
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

// one is the only message of a stream.
func (w *world) one(stream string) bus.Message {
	w.t.Helper()
	all := w.messages(stream)
	if len(all) != 1 {
		w.t.Fatalf("stream %s holds %d messages, want one; log:\n%s", stream, len(all), w.logs)
	}
	return all[0]
}

// counts checks how many messages the streams hold.
func (w *world) counts(want map[string]int) {
	w.t.Helper()
	for _, stream := range []string{bus.Masked, bus.Rejected, bus.Dead} {
		if got := len(w.messages(stream)); got != want[stream] {
			w.t.Errorf("stream %s holds %d messages, want %d; log:\n%s", stream, got, want[stream], w.logs)
		}
	}
}

// letter is the reference of the only message of a stream, which must end the object's way.
func (w *world) letter(stream string) (bus.Message, objref.Ref, objref.Reason) {
	w.t.Helper()
	m := w.one(stream)
	ref, _, err := objref.Decode(m)
	if err != nil {
		w.t.Fatal(err)
	}
	return m, ref, *ref.Outcome.Reason
}

// settled checks that nothing comes to the durable any more, however long one waits.
func (w *world) settled() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 2*time.Hour)
	defer cancel()
	_ = w.bus.Consume(ctx, bus.Consumer{Stream: bus.Raw, Durable: durable, Workers: 1, AckWait: time.Minute}, func(_ context.Context, d bus.Delivery) {
		w.t.Errorf("the message comes for the %d. time, it was not settled", d.Number())
		cancel()
	})
}

// abandon takes n deliveries of the message and answers none, as a worker that is killed.
func (w *world) abandon(n int) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	defer cancel()
	seen := 0
	_ = w.bus.Consume(ctx, bus.Consumer{Stream: bus.Raw, Durable: durable, Workers: 1, AckWait: time.Second, All: true}, func(context.Context, bus.Delivery) {
		if seen++; seen == n {
			cancel()
		}
	})
	if seen != n {
		w.t.Fatalf("%d deliveries were taken, want %d", seen, n)
	}
}

// after lets time pass until everything sleeps.
func after(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// faulty is a bus whose Publish can fail, before or after the message is stored.
type faulty struct {
	bus.Bus
	before, after func(bus.Message) error
}

func (f *faulty) Publish(ctx context.Context, m bus.Message) error {
	if f.before != nil {
		if err := f.before(m); err != nil {
			return err
		}
	}
	if err := f.Bus.Publish(ctx, m); err != nil || f.after == nil {
		return err
	}
	return f.after(m)
}

// lines are the log lines about settled messages with that outcome.
func (w *world) lines(outcome string) []map[string]any {
	w.t.Helper()
	var found []map[string]any
	for line := range strings.Lines(w.logs.String()) {
		var l map[string]any
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			w.t.Fatalf("log line is not JSON: %v", err)
		}
		if l["msg"] == "message settled" && l["outcome"] == outcome {
			found = append(found, l)
		}
	}
	return found
}
