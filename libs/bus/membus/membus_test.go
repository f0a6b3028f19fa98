package membus_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/bus/bustest"
	"github.com/maskrail/maskrail/libs/bus/membus"
)

// TestPromises runs alone: it looks for goroutines that a connection leaves behind.
func TestPromises(t *testing.T) {
	bustest.Run(t, func(_ *testing.T, streams []bus.Stream) func(*testing.T) bus.Bus {
		b := membus.New(streams)
		return func(*testing.T) bus.Bus { return b.Connect() }
	})
}

func TestMessagesExpire(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := membus.New([]bus.Stream{{Name: "S", Subjects: []string{"s.>"}, MaxAge: time.Hour}})
		for _, body := range []string{"1", "2"} {
			if err := b.Publish(t.Context(), bus.Message{Subject: "s.a", Data: []byte(body)}); err != nil {
				t.Fatal(err)
			}
			<-time.After(40 * time.Minute)
		}
		var got []string
		err := b.Read(t.Context(), bus.Query{Stream: "S"}, func(m bus.Message) error {
			got = append(got, string(m.Data))
			return nil
		})
		if err != nil || !slices.Equal(got, []string{"2"}) {
			t.Errorf("read %q, %v; want the younger one alone", got, err)
		}
	})
}

func TestClosed(t *testing.T) {
	t.Parallel()
	b := membus.New([]bus.Stream{{Name: "S", Subjects: []string{"s.>"}}})
	other := b.Connect()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	_, kvErr := b.KV(t.Context(), "x")
	for name, err := range map[string]error{
		"publish": b.Publish(t.Context(), bus.Message{Subject: "s.a"}),
		"read":    b.Read(t.Context(), bus.Query{Stream: "S"}, nil),
		"consume": b.Consume(t.Context(), bus.Consumer{Stream: "S", Durable: "d", Workers: 1}, func(context.Context, bus.Delivery) {}),
		"kv":      kvErr,
	} {
		if !errors.Is(err, membus.ErrClosed) {
			t.Errorf("%s on a closed connection: %v", name, err)
		}
	}
	if err := other.Publish(t.Context(), bus.Message{Subject: "s.a"}); err != nil {
		t.Errorf("another connection is closed too: %v", err)
	}
}
