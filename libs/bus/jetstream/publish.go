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

// Publish implements bus.Bus. Each try carries the same message id, so that a lost answer stores nothing twice.
func (b *Bus) Publish(ctx context.Context, m bus.Message) error {
	policy := retry.Policy{Initial: 100 * time.Millisecond, Max: 5 * time.Second, Notify: func(err error, attempt int, wait time.Duration) {
		b.log.Warn("publish failed; trying again", "error", err, "attempt", attempt, "wait", wait)
	}}
	err := retry.Do(ctx, policy, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, requestTimeout)
		defer cancel()
		msg := nats.NewMsg(m.Subject)
		msg.Data = m.Data
		for k, v := range m.Header {
			msg.Header[k] = []string{v} // as it is: Set would be the same, but says less
		}
		if m.ID != "" {
			msg.Header[jetstream.MsgIDHeader] = []string{m.ID}
		}
		_, err := b.js.PublishMsg(ctx, msg, jetstream.WithRetryAttempts(0))
		if err == nil {
			return nil
		}
		return b.publishError(ctx, m.Subject, err)
	})
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

// publishError marks what no retry mends.
func (b *Bus) publishError(ctx context.Context, subject string, err error) error {
	var api *jetstream.APIError
	switch {
	case errors.Is(err, jetstream.ErrNoStreamResponse):
		// No stream, or none with a leader at the moment: the server knows. If it does not say, try again.
		_, asked := b.js.StreamNameBySubject(ctx, subject)
		if errors.Is(asked, jetstream.ErrStreamNotFound) {
			return retry.Permanent(bus.ErrNoStream)
		}
		return err
	case errors.Is(err, nats.ErrMaxPayload), errors.Is(err, nats.ErrBadSubject), errors.Is(err, nats.ErrConnectionClosed),
		errors.Is(err, nats.ErrConnectionDraining), errors.Is(err, nats.ErrHeadersNotSupported):
		return retry.Permanent(err)
	case errors.As(err, &api) && api.Code >= 400 && api.Code < 500:
		return retry.Permanent(err)
	}
	if _, no := b.denied.LoadAndDelete(subject); no {
		return retry.Permanent(fmt.Errorf("%w: allow this user to publish on the subject", nats.ErrPermissionViolation))
	}
	return err
}
