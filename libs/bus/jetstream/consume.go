package jetstream

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/retry"
)

// Consume implements bus.Bus.
//
// Each worker has a pull for one message when it is idle and none when it is busy. The client's own continuous
// Consume would fetch ahead, and a message's AckWait would run out in its buffer while a long job holds the
// worker: a delivery that nobody saw, repeated until the message passes for poison.
func (b *Bus) Consume(ctx context.Context, c bus.Consumer, handle func(context.Context, bus.Delivery)) error {
	if c.Durable == "" || c.Workers < 1 {
		return errors.New("consume: a durable name and at least one worker are needed")
	}
	if err := b.bind(ctx, c); err != nil {
		return fmt.Errorf("consume %s as %s: %w", c.Stream, c.Durable, err)
	}
	d := &durable{bus: b, config: c}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var workers sync.WaitGroup
	for range c.Workers {
		workers.Go(func() {
			if err := d.work(ctx, handle); err != nil {
				cancel(fmt.Errorf("consume %s as %s: %w", c.Stream, c.Durable, err))
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}

// durable is what the workers of one Consume share.
type durable struct {
	bus    *Bus
	config bus.Consumer
	mu     sync.Mutex
	binds  int // how often it was found or created again
}

// work handles one message after the other until ctx ends.
func (d *durable) work(ctx context.Context, handle func(context.Context, bus.Delivery)) error {
	failures := 0
	for ctx.Err() == nil {
		bound := d.generation()
		msg, err := d.bus.pull(ctx, d.config.Stream, d.config.Durable)
		switch {
		case msg != nil:
			failures = 0
			m, err := d.bus.newDelivery(msg)
			if err != nil {
				return err
			}
			handle(ctx, m)
		case err == nil, ctx.Err() != nil:
			failures = 0
		case errors.Is(err, nats.ErrConnectionClosed), errors.Is(err, nats.ErrConnectionDraining):
			return err
		default:
			failures++
			d.bus.log.Warn("pull failed; trying again", "stream", d.config.Stream, "durable", d.config.Durable, "error", err)
			if err := d.rebind(ctx, bound, failures); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
	return nil
}

func (d *durable) generation() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.binds
}

// rebind finds or creates the durable again after a pull failed, once for all workers that saw the same failure.
func (d *durable) rebind(ctx context.Context, bound, failures int) error {
	wait := time.NewTimer(retry.Policy{Initial: 100 * time.Millisecond, Max: 5 * time.Second}.Delay(failures))
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.binds != bound {
		return nil
	}
	if err := d.bus.bind(ctx, d.config); err != nil {
		return err
	}
	d.binds++
	return nil
}
