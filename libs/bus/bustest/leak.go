package bustest

import (
	"context"
	"errors"
	"testing"

	"go.uber.org/goleak"

	"github.com/maskrail/maskrail/libs/bus"
)

// leaks checks that a connection leaves no goroutine behind. The first round warms up what a server in the same
// process keeps per durable and bucket.
func leaks(t *testing.T, open Open) {
	t.Run("a closed connection leaves nothing running", func(t *testing.T) {
		connect := open(t, streams())
		round := func() {
			b := connect(t)
			must(t, b.Publish(t.Context(), bus.Message{Subject: "calls.a", Data: []byte("1")}))
			ctx, cancel := context.WithCancelCause(t.Context())
			got := make(chan struct{}, 10)
			done := make(chan error, 1)
			go func() {
				done <- b.Consume(ctx, bus.Consumer{Stream: calls, Durable: "worker", Workers: 4, AckWait: long, All: true}, func(ctx context.Context, d bus.Delivery) {
					_ = d.Ack(ctx) // what is not noted comes again, which does no harm here
					got <- struct{}{}
				})
			}()
			wait(t, got)
			must(t, b.Read(t.Context(), bus.Query{Stream: calls}, func(bus.Message) error { return nil }))
			kv, err := b.KV(t.Context(), "states")
			must(t, err)
			must(t, kv.Put(t.Context(), "a", nil))
			must(t, kv.Keys(t.Context(), "", func(string) error { return nil }))
			cancel(errStopped)
			if err := wait(t, done); !errors.Is(err, errStopped) {
				t.Errorf("consume ended with %v, want the cause", err)
			}
			must(t, b.Close())
		}
		round()
		before := goleak.IgnoreCurrent()
		round()
		goleak.VerifyNone(t, before)
	})
}
