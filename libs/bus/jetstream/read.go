package jetstream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/retry"
)

const (
	readBatch = 256
	// abandoned is when the server removes the consumer of a reader that died.
	abandoned = time.Minute
)

// Read implements bus.Bus. It uses a consumer of its own that needs no settlement, and a new one from the next
// message on whenever the numbering shows a gap or the server goes away.
func (b *Bus) Read(ctx context.Context, q bus.Query, fn func(bus.Message) error) error {
	stream, err := b.js.Stream(ctx, q.Stream)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return fmt.Errorf("read %s: %w", q.Stream, bus.ErrNoStream)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", q.Stream, err)
	}
	r := &reader{bus: b, query: q, fn: fn, last: stream.CachedInfo().State.LastSeq}
	for !r.done {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		cons, err := r.open(ctx)
		if err != nil {
			return fmt.Errorf("read %s: %w", q.Stream, err)
		}
		err = r.drain(ctx, cons)
		r.remove(ctx, cons)
		if err != nil {
			return err
		}
	}
	return nil
}

type reader struct {
	bus   *Bus
	query bus.Query
	fn    func(bus.Message) error
	last  uint64 // the last sequence to deliver, unless the query follows
	seen  uint64 // the last sequence that was delivered
	done  bool
}

func (r *reader) open(ctx context.Context) (cons jetstream.Consumer, err error) {
	config := jetstream.ConsumerConfig{
		FilterSubjects: r.query.Filters, DeliverPolicy: jetstream.DeliverAllPolicy, AckPolicy: jetstream.AckNonePolicy,
		MemoryStorage: true, Replicas: 1, InactiveThreshold: abandoned,
	}
	switch {
	case r.seen > 0:
		config.DeliverPolicy, config.OptStartSeq = jetstream.DeliverByStartSequencePolicy, r.seen+1
	case !r.query.Since.IsZero():
		config.DeliverPolicy, config.OptStartTime = jetstream.DeliverByStartTimePolicy, &r.query.Since
	}
	policy := retry.Policy{Initial: 100 * time.Millisecond, Max: 5 * time.Second}
	err = retry.Do(ctx, policy, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, requestTimeout)
		defer cancel()
		cons, err = r.bus.js.CreateConsumer(ctx, r.query.Stream, config)
		var api *jetstream.APIError
		if errors.Is(err, nats.ErrConnectionClosed) || errors.As(err, &api) && api.Code >= 400 && api.Code < 500 {
			return retry.Permanent(err)
		}
		return err
	})
	return cons, err
}

// drain delivers what cons gives until the end, or until cons is of no more use.
func (r *reader) drain(ctx context.Context, cons jetstream.Consumer) error {
	if !r.query.Follow && cons.CachedInfo().NumPending == 0 {
		r.done = true
		return nil
	}
	for received := uint64(0); ; {
		before := received
		useful, err := r.batch(ctx, cons, &received)
		if err != nil || r.done || !useful {
			return err
		}
		if received > before || r.query.Follow {
			continue
		}
		// Nothing came and something was pending. Either it has expired since, or it was lost on the way.
		switch pending, ok := r.pending(ctx, cons, received); {
		case !ok:
			return nil
		case pending == 0:
			r.done = true
			return nil
		}
	}
}

// pending is how much cons has yet to deliver. It is not ok when the server does not say, or has sent more than
// was received: then a new consumer goes on after what was seen.
func (r *reader) pending(ctx context.Context, cons jetstream.Consumer, received uint64) (n uint64, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	info, err := cons.Info(ctx)
	if err != nil || info.Delivered.Consumer != received {
		return 0, false
	}
	return info.NumPending, true
}

// batch delivers one batch and reports whether the consumer can go on.
func (r *reader) batch(ctx context.Context, cons jetstream.Consumer, received *uint64) (useful bool, err error) {
	wait, cancel := context.WithTimeout(ctx, pullWait)
	defer cancel()
	options := []jetstream.FetchOpt{jetstream.FetchContext(wait)}
	if end, ok := wait.Deadline(); !ok || time.Until(end) > 3*heartbeat { // a shorter pull may not ask for signs of life, and needs none
		options = append(options, jetstream.FetchHeartbeat(heartbeat))
	}
	batch, err := cons.Fetch(readBatch, options...)
	if err != nil {
		return false, r.failed(ctx, err)
	}
	for msg := range batch.Messages() {
		meta, err := msg.Metadata()
		if err != nil {
			return false, fmt.Errorf("read %s: metadata: %w", r.query.Stream, err)
		}
		if meta.Sequence.Consumer != *received+1 {
			return false, nil
		}
		*received++
		if ctx.Err() != nil {
			return false, context.Cause(ctx)
		}
		if !r.query.Follow && meta.Sequence.Stream > r.last || !r.query.Until.IsZero() && !meta.Timestamp.Before(r.query.Until) {
			r.done = true
			return true, nil
		}
		if err := r.fn(message(msg.Subject(), msg.Headers(), msg.Data(), meta.Timestamp)); err != nil {
			return false, err
		}
		r.seen = meta.Sequence.Stream
		if !r.query.Follow && (meta.NumPending == 0 || r.seen >= r.last) {
			r.done = true
			return true, nil
		}
	}
	switch err := batch.Error(); {
	case ctx.Err() != nil:
		return false, context.Cause(ctx)
	case err == nil, errors.Is(err, context.DeadlineExceeded), errors.Is(err, nats.ErrTimeout), errors.Is(err, jetstream.ErrNoMessages):
		return true, nil
	default:
		return false, r.failed(ctx, err)
	}
}

// failed says whether err ends Read; anything that a new consumer may mend does not.
func (r *reader) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, nats.ErrConnectionDraining) {
		return fmt.Errorf("read %s: %w", r.query.Stream, err)
	}
	return nil
}

// remove spares the server the consumer; it would go by itself later.
func (r *reader) remove(ctx context.Context, cons jetstream.Consumer) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := r.bus.js.DeleteConsumer(ctx, r.query.Stream, cons.CachedInfo().Name); err != nil {
		r.bus.log.Debug("the reader's consumer stays until it is found idle", "stream", r.query.Stream, "error", err)
	}
}
