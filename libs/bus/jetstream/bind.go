package jetstream

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/retry"
)

// maxAckPending bounds the messages that are on their way in one durable, over all its workers. It is far above
// the number of workers, because messages that wait for another try count as well and must not keep the healthy
// ones back.
const maxAckPending = 1000

// bind finds the durable, or creates it. A worker that may not create consumers works on one that is there.
func (b *Bus) bind(ctx context.Context, c bus.Consumer) error {
	policy := retry.Policy{Initial: 100 * time.Millisecond, Max: 5 * time.Second, Notify: func(err error, _ int, wait time.Duration) {
		b.log.Warn("cannot reach the consumer; trying again", "stream", c.Stream, "durable", c.Durable, "error", err, "wait", wait)
	}}
	return retry.Do(ctx, policy, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, requestTimeout)
		defer cancel()
		cons, err := b.js.Consumer(ctx, c.Stream, c.Durable)
		if errors.Is(err, jetstream.ErrConsumerNotFound) {
			_, err = b.js.CreateConsumer(ctx, c.Stream, consumerConfig(c))
		} else if err == nil {
			err = b.align(ctx, c, cons.CachedInfo().Config)
		}
		var api *jetstream.APIError
		switch {
		case err == nil:
			return nil
		case errors.Is(err, jetstream.ErrStreamNotFound):
			return retry.Permanent(bus.ErrNoStream)
		case errors.Is(err, nats.ErrConnectionClosed):
			return retry.Permanent(err)
		case errors.Is(err, jetstream.ErrConsumerExists): // another worker was faster
			return err
		case errors.As(err, &api) && api.Code >= 400 && api.Code < 500:
			return retry.Permanent(err)
		}
		return err
	})
}

func consumerConfig(c bus.Consumer) jetstream.ConsumerConfig {
	config := jetstream.ConsumerConfig{Durable: c.Durable, AckPolicy: jetstream.AckExplicitPolicy, DeliverPolicy: jetstream.DeliverNewPolicy}
	if c.All {
		config.DeliverPolicy = jetstream.DeliverAllPolicy
	}
	return adjusted(config, c)
}

// adjusted sets what may change during a durable's life. BackOff stays empty: it would replace AckWait.
func adjusted(config jetstream.ConsumerConfig, c bus.Consumer) jetstream.ConsumerConfig {
	config.FilterSubject, config.FilterSubjects = "", c.Filters
	config.AckWait = c.AckWait
	if c.AckWait <= 0 {
		config.AckWait = 30 * time.Second
	}
	config.MaxDeliver = c.MaxDeliver
	if c.MaxDeliver <= 0 {
		config.MaxDeliver = -1
	}
	config.MaxAckPending = max(maxAckPending, 2*c.Workers)
	return config
}

// align brings a durable that is there in line with c without moving it. A difference that does no harm is
// accepted when this user may not update it.
func (b *Bus) align(ctx context.Context, c bus.Consumer, have jetstream.ConsumerConfig) error {
	want := adjusted(have, c)
	filters := have.FilterSubjects
	if have.FilterSubject != "" {
		filters = []string{have.FilterSubject}
	}
	same := slices.Equal(slices.Sorted(slices.Values(filters)), slices.Sorted(slices.Values(c.Filters)))
	if same && have.AckWait == want.AckWait && have.MaxDeliver == want.MaxDeliver && have.MaxAckPending == want.MaxAckPending {
		return nil
	}
	_, err := b.js.UpdateConsumer(ctx, c.Stream, want)
	switch {
	case err == nil:
		return nil
	case !same:
		return fmt.Errorf("durable filters other subjects than configured; update or delete it: %w", err)
	case have.AckWait < want.AckWait:
		return fmt.Errorf("durable has an AckWait of %v, shorter than the configured %v; update it: %w", have.AckWait, want.AckWait, err)
	}
	b.log.Warn("durable differs from the configuration and could not be updated", "stream", c.Stream, "durable", c.Durable, "error", err)
	return nil
}
