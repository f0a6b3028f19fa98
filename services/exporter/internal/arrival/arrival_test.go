package arrival_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/bus/membus"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/queue/sqs"
	"github.com/maskrail/maskrail/libs/queue/sqs/sqstest"
	"github.com/maskrail/maskrail/libs/s3event/s3eventtest"
	"github.com/maskrail/maskrail/libs/telemetry"
	"github.com/maskrail/maskrail/services/exporter/internal/arrival"
)

// canary stands in keys, which no log and no answer may show.
const canary = "2125550147"

// bench is a bus that can be away.
type bench struct {
	t    *testing.T
	bus  *faulty
	tel  *telemetry.Telemetry
	logs *bytes.Buffer
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, bus: &faulty{Bus: membus.New(bus.Streams(bus.Horizon))}, logs: &bytes.Buffer{}}
	tel, err := telemetry.New(t.Context(), telemetry.Config{Service: "exporter", Logs: b.logs})
	if err != nil {
		t.Fatal(err)
	}
	b.tel = tel
	return b
}

func (b *bench) way(subject string) arrival.Way {
	return arrival.Way{Subject: subject, Bus: b.bus, Telemetry: b.tel}
}

func (b *bench) close() {
	if err := b.tel.Shutdown(context.Background()); err != nil {
		b.t.Error(err)
	}
	if strings.Contains(b.logs.String(), canary) {
		b.t.Errorf("the log shows a key: %s", b.logs)
	}
}

// arrived are the messages of S3EVENTS.
func (b *bench) arrived() (all []bus.Message) {
	b.t.Helper()
	err := b.bus.Read(b.t.Context(), bus.Query{Stream: bus.S3Events}, func(m bus.Message) error {
		all = append(all, m)
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

// faulty is a bus that can be away: then Publish waits for it, as the real one does.
type faulty struct {
	bus.Bus
	away atomic.Bool
}

func (f *faulty) Publish(ctx context.Context, m bus.Message) error {
	for f.away.Load() {
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return f.Bus.Publish(ctx, m)
}

func notification(key string) []byte {
	return s3eventtest.AWS(s3eventtest.Told{Bucket: "maskrail-raw", Key: key + canary, ETag: "0", Bytes: 1})
}

// poll reads a queue in a bubble until the returned function is called.
func (b *bench) poll(server *sqstest.Server, url string) (stop func()) {
	b.t.Helper()
	q, err := sqs.New(b.t.Context(), sqs.Config{
		QueueURL: url, Region: sqstest.Region, AccessKey: sqstest.AccessKey, SecretKey: keys.NewSecret([]byte(sqstest.SecretKey)),
		Log: slog.New(slog.NewJSONHandler(b.logs, nil)), Transport: server.Transport(),
	})
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(b.t.Context())
	done := make(chan error, 1)
	go func() { done <- b.way(arrival.SQS).Poll(ctx, q, 8) }()
	stopped := errors.New("stopped by the test")
	return func() {
		cancel(stopped)
		if err := <-done; !errors.Is(err, stopped) {
			b.t.Errorf("poll ends with %v", err)
		}
	}
}

// after lets time pass.
func after(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestPoll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.close()
		server := sqstest.New()
		server.Misbehave(sqstest.Faults{Again: 0.3, Ghost: 0.1, Partial: 0.1})
		url := server.CreateQueue("events", sqstest.Attributes{})
		bodies := make([]string, 50)
		for i := range bodies {
			bodies[i] = string(notification(strings.Repeat("x", i)))
		}
		stop := b.poll(server, url)
		server.Send(url, bodies...)
		after(5 * time.Minute)
		stop()
		var got []string
		for _, m := range b.arrived() {
			got = append(got, string(m.Data))
			if m.Subject != arrival.SQS || m.ID == "" || m.Header["traceparent"] == "" {
				t.Errorf("message on %s with id %q and headers %v", m.Subject, m.ID, m.Header)
			}
		}
		slices.Sort(got)
		slices.Sort(bodies)
		if !slices.Equal(got, bodies) {
			t.Errorf("%d notifications arrived, want %d, each once and as it came", len(got), len(bodies))
		}
		if left := server.Bodies(url); len(left) != 0 {
			t.Errorf("%d messages are left in the queue", len(left))
		}
	})
}

// TestPollWhileTheBusIsAway: nothing is deleted before the bus has it, and nothing becomes poison by waiting.
func TestPollWhileTheBusIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.close()
		server := sqstest.New()
		server.CreateQueue("dead", sqstest.Attributes{})
		url := server.CreateQueue("events", sqstest.Attributes{DeadLetter: "dead", MaxReceives: 2})
		b.bus.away.Store(true)
		stop := b.poll(server, url)
		for i := range 20 {
			server.Send(url, string(notification(strings.Repeat("x", i))))
		}
		after(6 * time.Hour)
		if n, left := len(b.arrived()), len(server.Bodies(url)); n != 0 || left != 20 {
			t.Fatalf("while the bus is away: %d arrived, %d are left, want 0 and 20", n, left)
		}
		b.bus.away.Store(false)
		after(time.Minute)
		stop()
		if n, left, dead := len(b.arrived()), len(server.Bodies(url)), len(server.Bodies(server.URL+"/dead")); n != 20 || left != 0 || dead != 0 {
			t.Errorf("afterwards: %d arrived, %d are left, %d are dead letters, want 20, 0 and 0", n, left, dead)
		}
	})
}

// TestPoisonOfTheQueue: what the bus could never take goes to the queue's dead letters.
func TestPoisonOfTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.close()
		server := sqstest.New()
		server.CreateQueue("dead", sqstest.Attributes{})
		url := server.CreateQueue("events", sqstest.Attributes{DeadLetter: "dead", MaxReceives: 3})
		server.Send(url, strings.Repeat(canary, arrival.MaxBytes/len(canary)+1), string(notification("a")))
		stop := b.poll(server, url)
		after(time.Hour)
		stop()
		if n, left, dead := len(b.arrived()), len(server.Bodies(url)), len(server.Bodies(server.URL+"/dead")); n != 1 || left != 0 || dead != 1 {
			t.Errorf("%d arrived, %d are left, %d are dead letters, want 1, 0 and 1", n, left, dead)
		}
		if !strings.Contains(b.logs.String(), "more than 262144 bytes") {
			t.Errorf("the log does not say why: %s", b.logs)
		}
	})
}
