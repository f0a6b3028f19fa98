package jetstream

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/retry"
)

// delivery implements bus.Delivery. The answers are those of the JetStream wire protocol.
type delivery struct {
	nc      *nats.Conn
	reply   string
	message bus.Message
	number  int
}

func (b *Bus) newDelivery(msg *nats.Msg) (*delivery, error) {
	meta, err := msg.Metadata()
	if err != nil {
		return nil, fmt.Errorf("read the delivery's metadata: %w", err)
	}
	m := message(msg.Subject, msg.Header, msg.Data, meta.Timestamp)
	return &delivery{nc: b.nc, reply: msg.Reply, message: m, number: int(meta.NumDelivered)}, nil
}

// message takes what was published; the server's own headers stay out.
func message(subject string, header nats.Header, data []byte, stored time.Time) bus.Message {
	m := bus.Message{Subject: subject, Data: data, Time: stored, Header: map[string]string{}}
	for k, v := range header {
		switch {
		case len(v) == 0:
		case k == jetstream.MsgIDHeader:
			m.ID = v[0]
		case !strings.HasPrefix(k, "Nats-"):
			m.Header[k] = v[0]
		}
	}
	return m
}

func (d *delivery) Message() bus.Message { return d.message }
func (d *delivery) Number() int          { return d.number }

// Ack asks the server for an answer, a few times if need be.
func (d *delivery) Ack(ctx context.Context) error {
	err := retry.Do(ctx, retry.Policy{Initial: 100 * time.Millisecond, Attempts: 3}, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, requestTimeout)
		defer cancel()
		_, err := d.nc.RequestWithContext(ctx, d.reply, []byte("+ACK"))
		return err
	})
	if err != nil {
		return fmt.Errorf("acknowledge: %w", err)
	}
	return nil
}

func (d *delivery) Nak(_ context.Context, after time.Duration) error {
	return d.answer("return the message", nak(after))
}

func (d *delivery) Term(_ context.Context, reason string) error {
	return d.answer("terminate the message", []byte(strings.TrimSpace("+TERM "+reason)))
}

func (d *delivery) InProgress(context.Context) error {
	return d.answer("extend the delivery", []byte("+WPI"))
}

func (d *delivery) answer(operation string, text []byte) error {
	if err := d.nc.Publish(d.reply, text); err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	return nil
}

func nak(after time.Duration) []byte {
	// Without a delay the server keeps the answer in memory alone, and a restart forgets it until AckWait is over.
	after = max(after, time.Millisecond)
	return fmt.Appendf(nil, `-NAK {"delay": %d}`, after.Nanoseconds())
}
