package bustest

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/bus"
)

var consuming = map[string]func(*testing.T, *bench){
	"at most Workers handlers run at once, and that many do": func(t *testing.T, b *bench) {
		const workers, messages = 3, 12
		b.put(t, "calls.a", numbered(messages)...)
		var now, most atomic.Int32
		full, gate := make(chan struct{}), make(chan struct{})
		done := make(chan struct{}, 10*messages)
		consumeWith(t, b, bus.Consumer{All: true, Workers: workers}, func(ctx context.Context, d bus.Delivery) {
			n := now.Add(1)
			for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
			}
			if n == workers {
				select {
				case <-full:
				default:
					close(full)
				}
			}
			<-gate
			now.Add(-1)
			if err := d.Ack(context.WithoutCancel(ctx)); err != nil {
				t.Errorf("ack: %v", err)
			}
			done <- struct{}{}
		})
		select {
		case <-full:
		case <-time.After(limit):
			t.Errorf("%d handlers run at once, want %d", most.Load(), workers)
		}
		<-time.After(short / 2) // for one too many to show up
		close(gate)
		for range messages {
			wait(t, done)
		}
		if most.Load() > workers {
			t.Errorf("%d handlers ran at once, want at most %d", most.Load(), workers)
		}
	},
	"a message that waits for a busy worker is not counted as delivered": func(t *testing.T, b *bench) {
		b.put(t, "calls.a", "slow", "next")
		numbers := make(chan int, 10)
		consumeWith(t, b, bus.Consumer{All: true, AckWait: short}, func(ctx context.Context, d bus.Delivery) {
			if string(d.Message().Data) == "slow" {
				for range 8 { // two seconds, four times AckWait
					<-time.After(short / 2)
					if err := d.InProgress(ctx); err != nil {
						t.Errorf("in progress: %v", err)
					}
				}
			} else {
				numbers <- d.Number()
			}
			if err := d.Ack(context.WithoutCancel(ctx)); err != nil {
				t.Errorf("ack: %v", err)
			}
		})
		if n := wait(t, numbers); n != 1 {
			t.Errorf("the message behind a slow one has number %d, want 1", n)
		}
	},
	"a durable goes on where it was, on a fresh connection": func(t *testing.T, b *bench) {
		b.put(t, "calls.a", "1", "2", "3", "4")
		first := connected(t, b.connect)
		r := consume(t, first, bus.Consumer{All: true})
		must(t, r.next(t, "1", 1).Ack(t.Context()))
		must(t, r.next(t, "2", 1).Ack(t.Context()))
		held := []bus.Delivery{r.next(t, "3", 1), r.next(t, "4", 1)}
		for _, d := range held {
			must(t, d.Nak(t.Context(), 0))
		}
		r.end(t)
		must(t, first.Close())
		b.put(t, "calls.a", "5", "6")
		second := connected(t, b.connect)
		r = consume(t, second, bus.Consumer{All: true})
		got := map[string]bool{}
		for range 4 {
			d := wait(t, r.deliveries)
			got[string(d.Message().Data)] = true
			must(t, d.Ack(t.Context()))
		}
		for _, body := range []string{"3", "4", "5", "6"} {
			if !got[body] {
				t.Errorf("message %s is missing, got %v", body, got)
			}
		}
		r.none(t, short)
	},
	"a message returned while stopping is not lost to a worker that stops as well": func(t *testing.T, b *bench) {
		const messages = 4 // and as many idle workers, to which the server may give what the others return
		for range 5 {
			held := make(chan struct{}, 10*messages)
			r := consumeWith(t, b, bus.Consumer{All: true, Workers: 2 * messages}, func(ctx context.Context, d bus.Delivery) {
				held <- struct{}{}
				<-ctx.Done()
				if err := d.Nak(context.WithoutCancel(ctx), 0); err != nil {
					t.Errorf("nak: %v", err)
				}
			})
			b.put(t, "calls.a", numbered(messages)...)
			for range messages {
				wait(t, held)
			}
			r.end(t)
			r = consume(t, b, bus.Consumer{All: true})
			for range messages {
				must(t, wait(t, r.deliveries).Ack(t.Context()))
			}
			r.end(t)
		}
	},
	"an existing durable keeps its position whatever All says": func(t *testing.T, b *bench) {
		b.put(t, "calls.a", "1")
		r := consume(t, b, bus.Consumer{All: true})
		must(t, r.next(t, "1", 1).Ack(t.Context()))
		r.end(t)
		b.put(t, "calls.a", "2")
		r = consume(t, b, bus.Consumer{All: false})
		must(t, r.next(t, "2", 1).Ack(t.Context()))
		r.end(t)
		r = consume(t, b, bus.Consumer{All: true})
		r.none(t, short)
	},
	"a new durable starts at new messages": func(t *testing.T, b *bench) {
		b.put(t, "calls.a", "old", "old")
		r := consume(t, b, bus.Consumer{})
		for {
			b.put(t, "calls.a", "new")
			select {
			case d := <-r.deliveries:
				if got := string(d.Message().Data); got != "new" {
					t.Errorf("delivered %q, want new", got)
				}
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	},
	"filters select, several and with wildcards": func(t *testing.T, b *bench) {
		b.put(t, "calls.acme.raw", "1")
		b.put(t, "calls.globex.raw", "2")
		b.put(t, "calls.acme.masked", "3")
		b.put(t, "calls.initech.masked.x", "4")
		r := consume(t, b, bus.Consumer{All: true, Filters: []string{"calls.*.raw", "calls.initech.>"}})
		for _, body := range []string{"1", "2", "4"} {
			must(t, r.next(t, body, 1).Ack(t.Context()))
		}
		r.none(t, short)
	},
	"durables do not disturb each other": func(t *testing.T, b *bench) {
		b.put(t, "calls.a", "1")
		one := consume(t, b, bus.Consumer{Durable: "one", All: true})
		two := consume(t, b, bus.Consumer{Durable: "two", All: true})
		must(t, one.next(t, "1", 1).Ack(t.Context()))
		must(t, two.next(t, "1", 1).Ack(t.Context()))
	},
	"consumers of one durable share its messages": func(t *testing.T, b *bench) {
		want := numbered(30)
		got := make(chan string, 100)
		handle := func(ctx context.Context, d bus.Delivery) {
			got <- string(d.Message().Data)
			if err := d.Ack(context.WithoutCancel(ctx)); err != nil {
				t.Errorf("ack: %v", err)
			}
		}
		consumeWith(t, b, bus.Consumer{All: true}, handle)
		consumeWith(t, connected(t, b.connect), bus.Consumer{All: true}, handle)
		b.put(t, "calls.a", want...)
		var all []string
		for range want {
			all = append(all, wait(t, got))
		}
		slices.Sort(want)
		if slices.Sort(all); !slices.Equal(all, want) {
			t.Errorf("delivered %q, want each once", all)
		}
	},
	"it ends with the cause, after the handlers": func(t *testing.T, b *bench) {
		b.put(t, "calls.a", "1")
		begun, gate := make(chan struct{}), make(chan struct{})
		var ended atomic.Bool
		r := consumeWith(t, b, bus.Consumer{All: true}, func(ctx context.Context, d bus.Delivery) {
			close(begun)
			<-ctx.Done()
			if !errors.Is(context.Cause(ctx), errStopped) {
				t.Errorf("the handler's context ends with %v", context.Cause(ctx))
			}
			<-gate
			if err := d.Ack(context.WithoutCancel(ctx)); err != nil {
				t.Errorf("ack while stopping: %v", err)
			}
			ended.Store(true)
		})
		<-begun
		r.stop(errStopped)
		select {
		case <-r.done:
			t.Error("consume ended before its handler")
		case <-time.After(short / 2):
		}
		close(gate)
		r.end(t)
		if !ended.Load() || !errors.Is(r.err, errStopped) {
			t.Errorf("consume ended with %v, handler done %v", r.err, ended.Load())
		}
		r = consume(t, b, bus.Consumer{AckWait: short})
		r.none(t, 2*short)
	},
	"a stream that is not there is an error": func(t *testing.T, b *bench) {
		err := b.Consume(t.Context(), bus.Consumer{Stream: "NOWHERE", Durable: "worker", Workers: 1}, func(context.Context, bus.Delivery) {})
		if !errors.Is(err, bus.ErrNoStream) {
			t.Errorf("error is %v, want ErrNoStream", err)
		}
	},
	"a consumer without a name or workers is an error": func(t *testing.T, b *bench) {
		for _, c := range []bus.Consumer{{Stream: calls, Workers: 1}, {Stream: calls, Durable: "worker"}} {
			if err := b.Consume(t.Context(), c, func(context.Context, bus.Delivery) {}); err == nil {
				t.Errorf("%+v is accepted", c)
			}
		}
	},
}
