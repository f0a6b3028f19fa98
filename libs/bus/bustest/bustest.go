// Package bustest states what package bus promises, as tests. Every implementation runs them.
package bustest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/bus"
)

// Open starts an empty bus with the streams, which lives as long as t, and returns what makes a connection to
// it. The connection is closed by the test.
type Open func(t *testing.T, streams []bus.Stream) (connect func(t *testing.T) bus.Bus)

// Run holds the bus that open starts to the promises.
func Run(t *testing.T, open Open) {
	t.Helper()
	leaks(t, open) // alone, before others run
	t.Run("promises", func(t *testing.T) {
		for name, group := range map[string]map[string]func(*testing.T, *bench){
			"publish": publishing, "consume": consuming, "settle": settling, "read": reading, "kv": keyValue,
		} {
			for promise, test := range group {
				t.Run(name+"/"+promise, func(t *testing.T) {
					t.Parallel()
					test(t, newBench(t, open))
				})
			}
		}
	})
}

// The streams of a bench.
const (
	calls   = "CALLS"
	chats   = "CHATS"
	notices = "NOTICES"
)

const (
	// window is the duplicate window of CHATS; that of CALLS is long enough for every test.
	window = time.Second
	// short is an AckWait that a test can wait for, long one that it never reaches.
	short = 500 * time.Millisecond
	long  = time.Minute
	// limit is how long anything may take.
	limit = 20 * time.Second
)

// bench is what a test works with.
type bench struct {
	bus.Bus
	connect func(t *testing.T) bus.Bus
}

func streams() []bus.Stream {
	return []bus.Stream{
		{Name: calls, Subjects: []string{"calls.>"}, MaxAge: time.Hour, Duplicates: 2 * time.Minute},
		{Name: chats, Subjects: []string{"chats.>"}, MaxAge: time.Hour, Duplicates: window},
		{
			Name: notices, Subjects: []string{"notices.>", "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>"},
			MaxAge: time.Hour, Duplicates: 2 * time.Minute,
		},
	}
}

func newBench(t *testing.T, open Open) *bench {
	t.Helper()
	connect := open(t, streams())
	return &bench{Bus: connected(t, connect), connect: connect}
}

func connected(t *testing.T, connect func(t *testing.T) bus.Bus) bus.Bus {
	t.Helper()
	b := connect(t)
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return b
}

// put publishes messages on subject, each with one of the bodies.
func (b *bench) put(t *testing.T, subject string, bodies ...string) {
	t.Helper()
	for _, body := range bodies {
		if err := b.Publish(t.Context(), bus.Message{Subject: subject, Data: []byte(body)}); err != nil {
			t.Fatalf("publish: %v", err)
		}
	}
}

// bodies reads what q selects, and does not wait long for what is not there.
func (b *bench) bodies(t *testing.T, q bus.Query) []string {
	t.Helper()
	var got []string
	start := time.Now()
	err := b.Read(t.Context(), q, func(m bus.Message) error {
		got = append(got, string(m.Data))
		return nil
	})
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	if took := time.Since(start); took > limit/3 {
		t.Errorf("read took %v, it must not wait for what is not there", took)
	}
	return got
}

// running is a Consume in the background.
type running struct {
	deliveries chan bus.Delivery
	stop       context.CancelCauseFunc
	done       chan struct{}
	err        error
}

var errStopped = errors.New("stopped by the test")

// consume hands deliveries on, unsettled. It is stopped with the test.
func consume(t *testing.T, b bus.Bus, c bus.Consumer) *running {
	t.Helper()
	r := &running{deliveries: make(chan bus.Delivery, 1000)}
	return r.start(t, b, c, func(_ context.Context, d bus.Delivery) { r.deliveries <- d })
}

// consumeWith lets handle have the deliveries.
func consumeWith(t *testing.T, b bus.Bus, c bus.Consumer, handle func(context.Context, bus.Delivery)) *running {
	t.Helper()
	return (&running{}).start(t, b, c, handle)
}

func (r *running) start(t *testing.T, b bus.Bus, c bus.Consumer, handle func(context.Context, bus.Delivery)) *running {
	t.Helper()
	if c.Stream == "" {
		c.Stream = calls
	}
	if c.Durable == "" {
		c.Durable = "worker"
	}
	if c.Workers == 0 {
		c.Workers = 1
	}
	if c.AckWait == 0 {
		c.AckWait = long
	}
	ctx, stop := context.WithCancelCause(context.WithoutCancel(t.Context()))
	r.stop, r.done = stop, make(chan struct{})
	go func() {
		defer close(r.done)
		r.err = b.Consume(ctx, c, handle)
	}()
	t.Cleanup(func() { r.end(t) })
	return r
}

// end stops the Consume and waits for it.
func (r *running) end(t *testing.T) {
	t.Helper()
	r.stop(errStopped)
	select {
	case <-r.done:
	case <-time.After(limit):
		t.Error("consume does not end")
	}
}

// next waits for a delivery and checks its body and number.
func (r *running) next(t *testing.T, body string, number int) bus.Delivery {
	t.Helper()
	d := wait(t, r.deliveries)
	if got := string(d.Message().Data); got != body || d.Number() != number {
		t.Fatalf("delivered %q for the %d. time, want %q for the %d. time", got, d.Number(), body, number)
	}
	return d
}

// none checks that nothing is delivered for a while.
func (r *running) none(t *testing.T, while time.Duration) {
	t.Helper()
	select {
	case d := <-r.deliveries:
		t.Fatalf("delivered %q for the %d. time, want nothing", d.Message().Data, d.Number())
	case <-time.After(while):
	}
}

func wait[T any](t *testing.T, ch <-chan T) T {
	t.Helper()
	select {
	case v, ok := <-ch:
		if !ok {
			t.Fatal("closed early")
		}
		return v
	case <-time.After(limit):
		t.Fatal("nothing came in time")
	}
	panic("unreachable")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func numbered(n int) []string {
	s := make([]string, n)
	for i := range s {
		s[i] = fmt.Sprintf("m%d", i)
	}
	return s
}

// together runs fn n times at once and waits.
func together(n int, fn func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { fn(i) })
	}
	wg.Wait()
}
