package bustest

import (
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/bus"
)

var settling = map[string]func(*testing.T, *bench){
	"an acknowledged message does not come again": func(t *testing.T, b *bench) {
		b.put(t, "calls.a", "1")
		r := consume(t, b, bus.Consumer{All: true, AckWait: short})
		must(t, r.next(t, "1", 1).Ack(t.Context()))
		r.none(t, 3*short)
	},
	"an unsettled message comes again after AckWait, counted": func(t *testing.T, b *bench) {
		must(t, b.Publish(t.Context(), bus.Message{Subject: "calls.a", ID: "i", Data: []byte("1"), Header: map[string]string{"traceparent": "tp"}}))
		r := consume(t, b, bus.Consumer{All: true, AckWait: short})
		first := r.next(t, "1", 1)
		start := time.Now()
		for number := 2; number <= 3; number++ {
			d := r.next(t, "1", number)
			m, was := d.Message(), first.Message()
			if m.Header["traceparent"] != "tp" || m.ID != "i" || !m.Time.Equal(was.Time) {
				t.Errorf("comes again as %+v, was %+v", m, was)
			}
			if number == 3 {
				must(t, d.Ack(t.Context()))
			}
		}
		if took := time.Since(start); took < short {
			t.Errorf("came again twice within %v, AckWait is %v", took, short)
		}
		r.none(t, 3*short)
	},
	"a message unsettled at a stop comes to the next consumer": func(t *testing.T, b *bench) {
		b.put(t, "calls.a", "1")
		r := consume(t, b, bus.Consumer{All: true, AckWait: short})
		r.next(t, "1", 1)
		r.end(t)
		r = consume(t, connected(t, b.connect), bus.Consumer{All: true, AckWait: short})
		must(t, r.next(t, "1", 2).Ack(t.Context()))
	},
	"Nak without delay brings it back at once": func(t *testing.T, b *bench) {
		b.put(t, "calls.a", "1")
		r := consume(t, b, bus.Consumer{All: true})
		must(t, r.next(t, "1", 1).Nak(t.Context(), 0))
		must(t, r.next(t, "1", 2).Ack(t.Context()))
	},
	"Nak with a delay brings it back after that, not after AckWait": func(t *testing.T, b *bench) {
		const delay = 2 * short
		b.put(t, "calls.a", "1")
		r := consume(t, b, bus.Consumer{All: true, AckWait: short / 2})
		start := time.Now()
		must(t, r.next(t, "1", 1).Nak(t.Context(), delay))
		d := r.next(t, "1", 2)
		if took := time.Since(start); took < delay {
			t.Errorf("came back after %v, want %v", took, delay)
		}
		must(t, d.Ack(t.Context()))
	},
	"a returned message does not keep others back": func(t *testing.T, b *bench) {
		b.put(t, "calls.a", "1", "2")
		r := consume(t, b, bus.Consumer{All: true})
		must(t, r.next(t, "1", 1).Nak(t.Context(), long))
		must(t, r.next(t, "2", 1).Ack(t.Context()))
	},
	"Term ends a message": func(t *testing.T, b *bench) {
		b.put(t, "calls.a", "1")
		r := consume(t, b, bus.Consumer{All: true, AckWait: short})
		must(t, r.next(t, "1", 1).Term(t.Context(), "malformed"))
		r.none(t, 3*short)
	},
	"InProgress restarts the clock": func(t *testing.T, b *bench) {
		b.put(t, "calls.a", "1")
		r := consume(t, b, bus.Consumer{All: true, AckWait: short})
		d := r.next(t, "1", 1)
		for range 6 {
			r.none(t, short/2)
			must(t, d.InProgress(t.Context()))
		}
		must(t, d.Ack(t.Context()))
		r.none(t, 3*short)
	},
	"a late acknowledgement of the first delivery still counts": func(t *testing.T, b *bench) {
		b.put(t, "calls.a", "1")
		r := consume(t, b, bus.Consumer{All: true, AckWait: short})
		first := r.next(t, "1", 1)
		r.next(t, "1", 2)
		must(t, first.Ack(t.Context()))
		r.none(t, 3*short)
	},
	"MaxDeliver is the end, with a notice": func(t *testing.T, b *bench) {
		b.put(t, "calls.a", "1")
		r := consume(t, b, bus.Consumer{All: true, AckWait: short, MaxDeliver: 2})
		r.next(t, "1", 1)
		r.next(t, "1", 2)
		r.none(t, 3*short)
		got := 0
		must(t, b.Read(t.Context(), bus.Query{Stream: notices}, func(m bus.Message) error {
			got++
			if want := "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.CALLS.worker"; m.Subject != want {
				t.Errorf("the notice is on %s, want %s", m.Subject, want)
			}
			return nil
		}))
		if got != 1 {
			t.Errorf("%d notices, want one", got)
		}
	},
	"an existing durable takes over another AckWait": func(t *testing.T, b *bench) {
		b.put(t, "calls.a", "1", "2")
		r := consume(t, b, bus.Consumer{All: true, AckWait: long})
		must(t, r.next(t, "1", 1).Ack(t.Context()))
		must(t, r.next(t, "2", 1).Nak(t.Context(), 0))
		must(t, r.next(t, "2", 2).Nak(t.Context(), 0))
		r.end(t)
		r = consume(t, b, bus.Consumer{All: true, AckWait: short})
		number := wait(t, r.deliveries).Number()
		if again := wait(t, r.deliveries); again.Number() != number+1 {
			t.Errorf("came again as number %d after %d", again.Number(), number)
		}
	},
}
