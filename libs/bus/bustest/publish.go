package bustest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/bus"
)

var publishing = map[string]func(*testing.T, *bench){
	"what was published is there, header by header": func(t *testing.T, b *bench) {
		want := bus.Message{
			Subject: "calls.acme.=2B49", ID: "id-1", Data: []byte(`{"n":1}`),
			Header: map[string]string{
				"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "ce-id": "id-1",
				"ce-type": "io.maskrail.object.raw.v1", "Mixed-CASE": "Stays", "mixed-case": "too",
			},
		}
		before := time.Now().Add(-time.Minute)
		must(t, b.Publish(t.Context(), want))
		check := func(how string, got bus.Message) {
			t.Helper()
			if got.Subject != want.Subject || got.ID != want.ID || string(got.Data) != string(want.Data) || !maps.Equal(got.Header, want.Header) {
				t.Errorf("%s gives %+v, want %+v", how, got, want)
			}
			if got.Time.Before(before) || got.Time.After(time.Now().Add(time.Minute)) {
				t.Errorf("%s says it was stored at %v", how, got.Time)
			}
		}
		must(t, b.Read(t.Context(), bus.Query{Stream: calls}, func(m bus.Message) error {
			check("Read", m)
			return nil
		}))
		d := consume(t, b, bus.Consumer{All: true}).next(t, `{"n":1}`, 1)
		check("Consume", d.Message())
	},
	"a message may have neither body nor header": func(t *testing.T, b *bench) {
		b.put(t, "calls.a", "")
		if got := b.bodies(t, bus.Query{Stream: calls}); len(got) != 1 || got[0] != "" {
			t.Errorf("read %q, want one empty message", got)
		}
		d := consume(t, b, bus.Consumer{All: true}).next(t, "", 1)
		if len(d.Message().Header) != 0 || d.Message().ID != "" {
			t.Errorf("delivered with header %v and id %q", d.Message().Header, d.Message().ID)
		}
	},
	"the caller may use the buffer again": func(t *testing.T, b *bench) {
		m := bus.Message{Subject: "calls.a", Data: []byte("first"), Header: map[string]string{"ce-id": "1"}}
		must(t, b.Publish(t.Context(), m))
		copy(m.Data, "XXXXX")
		m.Header["ce-id"] = "2"
		must(t, b.Read(t.Context(), bus.Query{Stream: calls}, func(got bus.Message) error {
			if string(got.Data) != "first" || got.Header["ce-id"] != "1" {
				t.Errorf("stored %q with %v", got.Data, got.Header)
			}
			return nil
		}))
	},
	"an id is stored once in a stream": func(t *testing.T, b *bench) {
		for _, m := range []bus.Message{
			{Subject: "calls.a", ID: "1", Data: []byte("one")},
			{Subject: "calls.a", ID: "1", Data: []byte("one again")},
			{Subject: "calls.b", ID: "1", Data: []byte("one elsewhere")},
			{Subject: "calls.a", ID: "2", Data: []byte("two")},
			{Subject: "chats.a", ID: "1", Data: []byte("another stream")},
		} {
			must(t, b.Publish(t.Context(), m))
		}
		if got := b.bodies(t, bus.Query{Stream: calls}); !slices.Equal(got, []string{"one", "two"}) {
			t.Errorf("stored %q, want one and two", got)
		}
		if got := b.bodies(t, bus.Query{Stream: chats}); !slices.Equal(got, []string{"another stream"}) {
			t.Errorf("the other stream stored %q", got)
		}
	},
	"without an id nothing is a duplicate": func(t *testing.T, b *bench) {
		b.put(t, "calls.a", "same", "same")
		if got := b.bodies(t, bus.Query{Stream: calls}); len(got) != 2 {
			t.Errorf("stored %q, want both", got)
		}
	},
	"an id counts again after the window": func(t *testing.T, b *bench) {
		start := time.Now()
		for deadline := start.Add(limit); ; {
			must(t, b.Publish(t.Context(), bus.Message{Subject: "chats.a", ID: "1", Data: []byte("x")}))
			got := b.bodies(t, bus.Query{Stream: chats})
			if len(got) == 2 {
				if took := time.Since(start); took < window {
					t.Errorf("stored again after %v, within the window of %v", took, window)
				}
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("stored %d times in %v, want twice", len(got), limit)
			}
			<-time.After(window / 10)
		}
	},
	"the order of one publisher is kept": func(t *testing.T, b *bench) {
		want := numbered(200)
		b.put(t, "calls.a", want...)
		if got := b.bodies(t, bus.Query{Stream: calls}); !slices.Equal(got, want) {
			t.Errorf("read %q", got)
		}
		r := consume(t, b, bus.Consumer{All: true})
		for _, body := range want {
			must(t, r.next(t, body, 1).Ack(t.Context()))
		}
	},
	"many may publish at once": func(t *testing.T, b *bench) {
		const publishers, each = 8, 25
		together(publishers, func(i int) {
			for n := range each {
				id := fmt.Sprintf("%d-%d", i, n)
				for range 2 {
					if err := b.Publish(t.Context(), bus.Message{Subject: "calls.a", ID: id, Data: []byte(id)}); err != nil {
						t.Errorf("publish: %v", err)
					}
				}
			}
		})
		got := b.bodies(t, bus.Query{Stream: calls})
		slices.Sort(got)
		if all := len(got); all != publishers*each || len(slices.Compact(got)) != all {
			t.Errorf("%d messages are stored, want %d, each once", all, publishers*each)
		}
	},
	"a subject without a stream is refused": func(t *testing.T, b *bench) {
		err := b.Publish(t.Context(), bus.Message{Subject: "nowhere.a", Data: []byte("x")})
		if !errors.Is(err, bus.ErrNoStream) {
			t.Errorf("error is %v, want ErrNoStream", err)
		}
	},
	"an ended context is an error with its cause": func(t *testing.T, b *bench) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errStopped)
		if err := b.Publish(ctx, bus.Message{Subject: "calls.a"}); !errors.Is(err, errStopped) {
			t.Errorf("error is %v, want the cause", err)
		}
	},
}
