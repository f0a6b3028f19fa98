package sqs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/queue"
	"github.com/maskrail/maskrail/libs/queue/sqs"
	"github.com/maskrail/maskrail/libs/queue/sqs/sqstest"
)

// canary stands in bodies, which no log may show.
const canary = "2125550147"

// bench is a queue with its server, in a synctest bubble.
type bench struct {
	t      *testing.T
	server *sqstest.Server
	url    string
	logs   *logs
}

func newBench(t *testing.T, a sqstest.Attributes) *bench {
	s := sqstest.New()
	s.CreateQueue("dead", sqstest.Attributes{})
	return &bench{t: t, server: s, url: s.CreateQueue("events", a), logs: &logs{}}
}

// in runs the test in a bubble, where time passes only when everything waits.
func in(t *testing.T, f func(t *testing.T)) { t.Helper(); synctest.Test(t, f) }

func (b *bench) queue() *sqs.Queue {
	b.t.Helper()
	q, err := sqs.New(b.t.Context(), sqs.Config{
		QueueURL: b.url, Region: sqstest.Region, AccessKey: sqstest.AccessKey, SecretKey: keys.NewSecret([]byte(sqstest.SecretKey)),
		Log: slog.New(slog.NewTextHandler(b.logs, &slog.HandlerOptions{Level: slog.LevelDebug})), Transport: b.server.Transport(),
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return q
}

var errStopped = errors.New("stopped by the test")

// consume runs a consumer until the returned function is called.
func (b *bench) consume(workers int, handle func(context.Context, queue.Message) error) (stop func()) {
	b.t.Helper()
	q := b.queue()
	ctx, cancel := context.WithCancelCause(b.t.Context())
	done := make(chan error, 1)
	go func() { done <- q.Consume(ctx, workers, handle) }()
	return sync.OnceFunc(func() {
		cancel(errStopped)
		if err := <-done; !errors.Is(err, errStopped) {
			b.t.Errorf("consume ends with %v, want the cause of its context", err)
		}
		if text := b.logs.String(); strings.Contains(text, canary) || strings.Contains(text, "a text of the server") {
			b.t.Errorf("the log shows a body or what the server said:\n%s", text)
		}
	})
}

// after lets time pass.
func after(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// tally counts what was handled.
type tally struct {
	mu    sync.Mutex
	times map[string][]time.Time
}

func (c *tally) note(m queue.Message) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.times == nil {
		c.times = map[string][]time.Time{}
	}
	c.times[string(m.Body)] = append(c.times[string(m.Body)], time.Now())
	return len(c.times[string(m.Body)])
}

func bodies(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("%s-%03d", canary, i))
	}
	return all
}

func TestEachMessageIsHandledAndDeleted(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]sqstest.Faults{
		"a queue that behaves": {},
		"a standard queue":     {Again: 0.2, Ghost: 0.1, Partial: 0.2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in(t, func(t *testing.T) {
				b := newBench(t, sqstest.Attributes{})
				b.server.Misbehave(f)
				b.server.Send(b.url, bodies(200)...)
				var seen tally
				stop := b.consume(20, func(_ context.Context, m queue.Message) error {
					seen.note(m)
					return nil
				})
				after(time.Hour)
				b.server.Send(b.url, bodies(201)[200])
				after(time.Hour)
				stop()
				if got, want := slices.Sorted(maps.Keys(seen.times)), bodies(201); !slices.Equal(got, want) {
					t.Errorf("%d messages were handled, want %d", len(got), len(want))
				}
				if left := b.server.Bodies(b.url); len(left) != 0 {
					t.Errorf("%d messages are left", len(left))
				}
				for body, times := range seen.times {
					if f == (sqstest.Faults{}) && len(times) != 1 {
						t.Errorf("message %s was handled %d times", body, len(times))
					}
				}
				if n := b.server.Calls("DeleteMessageBatch"); f == (sqstest.Faults{}) && n > 40 {
					t.Errorf("%d calls to delete 201 messages", n)
				}
			})
		})
	}
}

// TestNotDeletedBeforeHandled: a message is there until its handler returned, however long that takes, and no other
// consumer is given it meanwhile.
func TestNotDeletedBeforeHandled(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T) {
		b := newBench(t, sqstest.Attributes{})
		b.server.Send(b.url, bodies(15)...)
		var seen tally
		work := func(_ context.Context, m queue.Message) error {
			seen.note(m)
			<-time.After(3 * time.Hour)
			if m.Deliveries != 1 || time.Since(m.Sent) < 3*time.Hour {
				t.Errorf("delivery %d of a message sent %v ago", m.Deliveries, time.Since(m.Sent))
			}
			return nil
		}
		stop, stopOther := b.consume(30, work), b.consume(30, work)
		after(3*time.Hour - time.Minute)
		if left := len(b.server.Bodies(b.url)); left != 15 || len(seen.times) != 15 {
			t.Errorf("%d messages are there while %d are handled, want 15", left, len(seen.times))
		}
		after(time.Hour)
		stop()
		stopOther()
		if left := len(b.server.Bodies(b.url)); left != 0 {
			t.Errorf("%d messages are left", left)
		}
		for body, times := range seen.times {
			if len(times) != 1 {
				t.Errorf("message %s was handled %d times", body, len(times))
			}
		}
	})
}

func TestFailureComesAgainLater(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T) {
		b := newBench(t, sqstest.Attributes{DeadLetter: "dead", MaxReceives: 10})
		b.server.Send(b.url, canary)
		var seen tally
		stop := b.consume(2, func(_ context.Context, m queue.Message) error {
			if seen.note(m) < 5 {
				return errors.New("bus is away")
			}
			return nil
		})
		after(time.Hour)
		stop()
		times := seen.times[canary]
		if len(times) != 5 || len(b.server.Bodies(b.url)) != 0 {
			t.Fatalf("handled %d times, %d left", len(times), len(b.server.Bodies(b.url)))
		}
		for i, want := range []time.Duration{2 * time.Second, 8 * time.Second, 32 * time.Second, 128 * time.Second} {
			if got := times[i+1].Sub(times[i]); got < want/2 || got > want*3/2 {
				t.Errorf("wait %d is %v, want about %v", i+1, got, want)
			}
		}
	})
}

// TestPoison: what can never be taken is left to the queue's redrive policy, and the log says so without its content.
func TestPoison(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T) {
		b := newBench(t, sqstest.Attributes{DeadLetter: "dead", MaxReceives: 3})
		b.server.Send(b.url, "poison "+canary, "fine "+canary)
		var seen tally
		stop := b.consume(4, func(_ context.Context, m queue.Message) error {
			seen.note(m)
			if strings.HasPrefix(string(m.Body), "poison") {
				return errors.New("too large for the bus")
			}
			return nil
		})
		after(2 * time.Hour)
		stop()
		if n := len(seen.times["poison "+canary]); n != 3 {
			t.Errorf("poison was delivered %d times, want 3", n)
		}
		if left, dead := b.server.Bodies(b.url), b.server.Bodies(b.server.URL+"/dead"); len(left) != 0 || !slices.Equal(dead, []string{"poison " + canary}) {
			t.Errorf("left %q, dead letters %q", left, dead)
		}
		for _, want := range []string{"too large for the bus", "delivery=3 deliveries=3", "goes to the dead-letter queue"} {
			if !strings.Contains(b.logs.String(), want) {
				t.Errorf("the log lacks %q:\n%s", want, b.logs)
			}
		}
	})
}

func TestQueueWithoutRedrivePolicy(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T) {
		b := newBench(t, sqstest.Attributes{})
		stop := b.consume(1, func(context.Context, queue.Message) error { return nil })
		after(time.Minute)
		stop()
		if !strings.Contains(b.logs.String(), "no redrive policy") {
			t.Errorf("the log does not tell:\n%s", b.logs)
		}
	})
}

// TestStopGivesBack: another consumer need not wait for what one that stops has not done.
func TestStopGivesBack(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T) {
		b := newBench(t, sqstest.Attributes{})
		b.server.Send(b.url, bodies(3)...)
		stop := b.consume(3, func(ctx context.Context, _ queue.Message) error {
			<-ctx.Done()
			return context.Cause(ctx)
		})
		after(time.Minute)
		start := time.Now()
		stop()
		var seen tally
		stop = b.consume(3, func(_ context.Context, m queue.Message) error { seen.note(m); return nil })
		synctest.Wait()
		if took := time.Since(start); len(seen.times) != 3 || took > time.Second {
			t.Errorf("%d messages came again in %v, want 3 at once", len(seen.times), took)
		}
		stop()
		if left := len(b.server.Bodies(b.url)); left != 0 {
			t.Errorf("%d messages are left: what was handled was not deleted at the end", left)
		}
	})
}

func TestWorkers(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T) {
		b := newBench(t, sqstest.Attributes{})
		b.server.Send(b.url, bodies(100)...)
		var mu sync.Mutex
		var now, most int
		stop := b.consume(13, func(context.Context, queue.Message) error {
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			<-time.After(time.Second)
			mu.Lock()
			defer mu.Unlock()
			now--
			return nil
		})
		after(time.Minute)
		stop()
		if most != 13 || len(b.server.Bodies(b.url)) != 0 {
			t.Errorf("%d handlers at a time, want 13; %d left", most, len(b.server.Bodies(b.url)))
		}
	})
}

// TestServerThatFails: whatever the server refuses is tried again, and what was done is not lost.
func TestServerThatFails(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{"ReceiveMessage", "DeleteMessageBatch", "ChangeMessageVisibilityBatch", "ChangeMessageVisibility", "GetQueueAttributes"} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			in(t, func(t *testing.T) {
				b := newBench(t, sqstest.Attributes{})
				b.server.Refuse(operation, "InternalError")
				b.server.Send(b.url, bodies(5)...)
				var seen tally
				stop := b.consume(5, func(_ context.Context, m queue.Message) error {
					<-time.After(30 * time.Second)
					if seen.note(m) == 1 {
						return errors.New("bus is away")
					}
					return nil
				})
				after(time.Hour)
				b.server.Refuse(operation, "")
				after(time.Hour)
				stop()
				if left := len(b.server.Bodies(b.url)); left != 0 || len(seen.times) != 5 {
					t.Errorf("%d messages were handled, %d are left", len(seen.times), left)
				}
				// A message that cannot be given back is not told of: it comes back by itself.
				if text := b.logs.String(); !strings.Contains(text, "SQS has a failure of its own") {
					t.Errorf("the log does not tell why:\n%s", text)
				}
			})
		})
	}
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
