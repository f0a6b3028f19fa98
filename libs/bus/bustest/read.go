package bustest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/bus"
)

var reading = map[string]func(*testing.T, *bench){
	"an empty stream ends at once": func(t *testing.T, b *bench) {
		if got := b.bodies(t, bus.Query{Stream: calls}); len(got) != 0 {
			t.Errorf("read %q", got)
		}
	},
	"filters that match nothing end at once": func(t *testing.T, b *bench) {
		b.put(t, "calls.a", "1", "2")
		if got := b.bodies(t, bus.Query{Stream: calls, Filters: []string{"calls.b"}}); len(got) != 0 {
			t.Errorf("read %q", got)
		}
	},
	"a start in the future ends at once": func(t *testing.T, b *bench) {
		b.put(t, "calls.a", "1", "2")
		if got := b.bodies(t, bus.Query{Stream: calls, Since: time.Now().Add(time.Hour)}); len(got) != 0 {
			t.Errorf("read %q", got)
		}
	},
	"filters select, and what does not match may be last": func(t *testing.T, b *bench) {
		b.put(t, "calls.acme.raw", "1")
		b.put(t, "calls.globex.raw", "2")
		b.put(t, "calls.initech.masked", "3")
		b.put(t, "calls.acme.other", "4", "5")
		got := b.bodies(t, bus.Query{Stream: calls, Filters: []string{"calls.*.raw", "calls.initech.>"}})
		if !slices.Equal(got, []string{"1", "2", "3"}) {
			t.Errorf("read %q", got)
		}
	},
	"Since is inclusive and Until exclusive": func(t *testing.T, b *bench) {
		b.put(t, "calls.a", numbered(10)...)
		var times []time.Time
		must(t, b.Read(t.Context(), bus.Query{Stream: calls}, func(m bus.Message) error {
			times = append(times, m.Time)
			return nil
		}))
		got := b.bodies(t, bus.Query{Stream: calls, Since: times[3], Until: times[6]})
		if !slices.Equal(got, []string{"m3", "m4", "m5"}) {
			t.Errorf("read %q, want m3 to m5", got)
		}
	},
	"it ends at what was stored when it began": func(t *testing.T, b *bench) {
		b.put(t, "calls.a", "1", "2", "3")
		var got []string
		must(t, b.Read(t.Context(), bus.Query{Stream: calls}, func(m bus.Message) error {
			got = append(got, string(m.Data))
			b.put(t, "calls.a", "later")
			return nil
		}))
		if !slices.Equal(got, []string{"1", "2", "3"}) {
			t.Errorf("read %q", got)
		}
	},
	"it ends there as well when the last message does not match": func(t *testing.T, b *bench) {
		want := numbered(300) // more than come at once
		b.put(t, "calls.a", want...)
		b.put(t, "calls.b", "other")
		var got []string
		must(t, b.Read(t.Context(), bus.Query{Stream: calls, Filters: []string{"calls.a"}}, func(m bus.Message) error {
			if len(got) == 0 {
				b.put(t, "calls.a", "later", "later")
			}
			got = append(got, string(m.Data))
			return nil
		}))
		if !slices.Equal(got, want) {
			t.Errorf("read %d messages, the last %q", len(got), got[len(got)-1])
		}
	},
	"more than a server sends at once": func(t *testing.T, b *bench) {
		const publishers, each = 10, 120
		together(publishers, func(int) { b.put(t, "calls.a", numbered(each)...) })
		if got := len(b.bodies(t, bus.Query{Stream: calls})); got != publishers*each {
			t.Errorf("read %d messages, want %d", got, publishers*each)
		}
	},
	"a context that ends soon leaves time for what is there": func(t *testing.T, b *bench) {
		b.put(t, "calls.a", "1", "2", "3")
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		n := 0
		must(t, b.Read(ctx, bus.Query{Stream: calls}, func(bus.Message) error { n++; return nil }))
		if n != 3 {
			t.Errorf("read %d messages, want 3", n)
		}
	},
	"an error of the function ends it": func(t *testing.T, b *bench) {
		b.put(t, "calls.a", "1", "2", "3")
		enough, n := errors.New("enough"), 0
		err := b.Read(t.Context(), bus.Query{Stream: calls}, func(bus.Message) error {
			if n++; n == 2 {
				return enough
			}
			return nil
		})
		if !errors.Is(err, enough) || n != 2 {
			t.Errorf("ended with %v after %d messages", err, n)
		}
	},
	"Follow goes on until the context ends": func(t *testing.T, b *bench) {
		b.put(t, "calls.a", "1")
		ctx, cancel := context.WithCancelCause(t.Context())
		got, ended := make(chan string, 10), make(chan error, 1)
		go func() {
			ended <- b.Read(ctx, bus.Query{Stream: calls, Filters: []string{"calls.a"}, Follow: true}, func(m bus.Message) error {
				got <- string(m.Data)
				return nil
			})
		}()
		if body := wait(t, got); body != "1" {
			t.Errorf("read %q, want what was there", body)
		}
		b.put(t, "calls.b", "other")
		for _, body := range []string{"2", "3"} {
			b.put(t, "calls.a", body)
			if next := wait(t, got); next != body {
				t.Errorf("read %q, want %q", next, body)
			}
		}
		cancel(errStopped)
		if err := wait(t, ended); !errors.Is(err, errStopped) {
			t.Errorf("ended with %v, want the cause", err)
		}
	},
	"Follow waits on an empty stream": func(t *testing.T, b *bench) {
		ctx, cancel := context.WithCancelCause(t.Context())
		ended := make(chan error, 1)
		go func() {
			ended <- b.Read(ctx, bus.Query{Stream: calls, Follow: true}, func(bus.Message) error {
				cancel(errStopped)
				return nil
			})
		}()
		b.put(t, "calls.a", "1")
		if err := wait(t, ended); !errors.Is(err, errStopped) {
			t.Errorf("ended with %v, want the cause", err)
		}
	},
	"it moves no durable": func(t *testing.T, b *bench) {
		b.put(t, "calls.a", "1", "2")
		// The first consumer may get 2 once more before it ends, and take it along: so it comes again soon.
		r := consume(t, b, bus.Consumer{All: true, AckWait: time.Second})
		must(t, r.next(t, "1", 1).Ack(t.Context()))
		held := r.next(t, "2", 1)
		must(t, held.Nak(t.Context(), 0))
		r.end(t)
		if got := b.bodies(t, bus.Query{Stream: calls}); len(got) != 2 {
			t.Errorf("read %q, want all, also what is settled", got)
		}
		r = consume(t, b, bus.Consumer{All: true, AckWait: time.Second})
		if d := wait(t, r.deliveries); string(d.Message().Data) != "2" {
			t.Errorf("delivered %q, want 2", d.Message().Data)
		}
	},
	"a stream that is not there is an error": func(t *testing.T, b *bench) {
		err := b.Read(t.Context(), bus.Query{Stream: "NOWHERE"}, func(bus.Message) error { return nil })
		if !errors.Is(err, bus.ErrNoStream) {
			t.Errorf("error is %v, want ErrNoStream", err)
		}
	},
}
