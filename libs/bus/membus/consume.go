package membus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/maskrail/maskrail/libs/bus"
)

// defaultAckWait is what a server takes when a consumer names no AckWait.
const defaultAckWait = 30 * time.Second

// durable is the position of a consumer and what is on its way.
type durable struct {
	config bus.Consumer
	next   uint64 // the first sequence that was never looked at
	open   map[uint64]*open
}

// open is a message that was delivered and is not settled.
type open struct {
	stored
	deliveries int
	due        time.Time // when it comes again
}

// Consume implements bus.Bus.
func (b *Bus) Consume(ctx context.Context, c bus.Consumer, handle func(context.Context, bus.Delivery)) error {
	if err := b.usable(ctx); err != nil {
		return err
	}
	if c.Durable == "" || c.Workers < 1 {
		return errors.New("consume: a durable name and at least one worker are needed")
	}
	if c.AckWait <= 0 {
		c.AckWait = defaultAckWait
	}
	st, err := b.stream(c.Stream)
	if err != nil {
		return fmt.Errorf("consume as %s: %w", c.Durable, err)
	}
	b.mu.Lock()
	d := st.durables[c.Durable]
	if d == nil {
		d = &durable{next: 1, open: map[uint64]*open{}}
		if !c.All {
			d.next = st.last() + 1
		}
		st.durables[c.Durable] = d
	}
	d.config = c
	b.mu.Unlock()

	var workers sync.WaitGroup
	for range c.Workers {
		workers.Go(func() {
			for {
				o, number, ok := b.next(ctx, st, d)
				if !ok {
					return
				}
				handle(ctx, &delivery{bus: b, stream: st, durable: d, stored: o, number: number})
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}

// next waits for a message to deliver and takes it, until ctx ends.
func (b *Bus) next(ctx context.Context, st *stream, d *durable) (m stored, number int, ok bool) {
	for ctx.Err() == nil {
		b.mu.Lock()
		o, wait := b.take(st, d)
		if o != nil {
			m, number = o.stored, o.deliveries
		}
		changed := st.changed
		b.mu.Unlock()
		if o != nil {
			return m, number, true
		}
		timer := time.NewTimer(wait)
		select {
		case <-changed:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
	return stored{}, 0, false
}

// take returns the message to deliver now, counted and with its clock started, or how long there will be none
// unless something changes. b.mu is held.
func (b *Bus) take(st *stream, d *durable) (*open, time.Duration) {
	now := time.Now()
	wait := time.Hour
	var first *open
	for seq, o := range d.open {
		switch due := o.due.Sub(now); {
		case due > 0:
			wait = min(wait, due)
		case d.config.MaxDeliver > 0 && o.deliveries >= d.config.MaxDeliver:
			delete(d.open, seq)
			b.put(limitReached(st.config.Name, d.config.Durable, o))
		case first == nil || seq < first.seq:
			first = o
		}
	}
	if first == nil {
		m := st.from(d.next, d.config.Filters)
		if m == nil {
			d.next = st.last() + 1
			return nil, wait
		}
		d.next = m.seq + 1
		first = &open{stored: *m}
		d.open[m.seq] = first
	}
	first.deliveries++
	first.due = now.Add(d.config.AckWait)
	return first, 0
}

// limitReached is the notice a server publishes when it gives a message up.
func limitReached(streamName, durableName string, o *open) bus.Message {
	body, err := json.Marshal(map[string]any{
		"type": "io.nats.jetstream.advisory.v1.max_deliver", "stream": streamName, "consumer": durableName,
		"stream_seq": o.seq, "deliveries": o.deliveries,
	})
	if err != nil { // strings and numbers always encode
		body = nil
	}
	return bus.Message{Subject: "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES." + streamName + "." + durableName, Data: body}
}

// delivery implements bus.Delivery.
type delivery struct {
	bus     *Bus
	stream  *stream
	durable *durable
	stored  stored
	number  int
}

func (d *delivery) Message() bus.Message { return clone(d.stored.msg) }
func (d *delivery) Number() int          { return d.number }

func (d *delivery) Ack(context.Context) error          { return d.settle() }
func (d *delivery) Term(context.Context, string) error { return d.settle() }

func (d *delivery) settle() error {
	if d.bus.closed.Load() {
		return ErrClosed
	}
	d.bus.mu.Lock()
	defer d.bus.mu.Unlock()
	delete(d.durable.open, d.stored.seq)
	return nil
}

func (d *delivery) Nak(_ context.Context, after time.Duration) error {
	return d.postpone(func() time.Duration { return max(after, 0) })
}

func (d *delivery) InProgress(context.Context) error {
	return d.postpone(func() time.Duration { return d.durable.config.AckWait })
}

// postpone makes the message due after that time, unless it is settled or was delivered again since.
func (d *delivery) postpone(after func() time.Duration) error {
	if d.bus.closed.Load() {
		return ErrClosed
	}
	d.bus.mu.Lock()
	defer d.bus.mu.Unlock()
	o := d.durable.open[d.stored.seq]
	if o == nil || o.deliveries != d.number {
		return nil
	}
	o.due = time.Now().Add(after())
	d.stream.wake()
	return nil
}
