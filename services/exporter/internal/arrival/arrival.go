// Package arrival takes notifications in where they arrive and hands them on to the stream S3EVENTS as they came. What
// they say is the business of who reads the stream, so that there is one reader for all ways.
package arrival

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/queue"
	"github.com/maskrail/maskrail/libs/telemetry"
)

// Subjects of the ways, in the stream S3EVENTS.
const (
	SQS     = "maskrail.s3.sqs"
	Webhook = "maskrail.s3.webhook"
)

// MaxBytes is the longest notification that is taken. Amazon's have a few thousand bytes, and EventBridge and SNS stop
// here.
const MaxBytes = 256 << 10

// ErrTooLong means that a notification has more than MaxBytes.
var ErrTooLong = fmt.Errorf("notification has more than %d bytes", MaxBytes)

var errEmpty = errors.New("notification is empty")

// Way is one way by which notifications arrive.
type Way struct {
	Subject   string
	Bus       bus.Bus
	Telemetry *telemetry.Telemetry
}

// take returns when the bus has the notification on disk. Its message id follows from its content: what is delivered
// again within the bus's duplicate window is stored once, whichever way it came.
func (w Way) take(ctx context.Context, body []byte) (err error) {
	ctx, end := w.Telemetry.Root(ctx, "receive "+w.Subject, telemetry.String("messaging.destination.name", w.Subject),
		telemetry.Int("messaging.message.body.size", int64(len(body))))
	defer func() {
		outcome := "done"
		if err != nil {
			outcome = "retried"
		}
		w.Telemetry.Count(ctx, "maskrail.notifications", 1,
			telemetry.String("messaging.destination.template", w.Subject), telemetry.String("maskrail.outcome", outcome))
		end(err)
	}()
	switch {
	case len(body) > MaxBytes:
		return ErrTooLong
	case len(body) == 0:
		return errEmpty
	}
	sum := sha256.Sum256(body)
	m := bus.Message{Subject: w.Subject, ID: hex.EncodeToString(sum[:]), Data: body, Header: map[string]string{"content-type": "application/json"}}
	sent := telemetry.Publish(ctx, w.Subject, w.Subject, m.Header)
	err = w.Bus.Publish(ctx, m)
	sent(err)
	if err != nil {
		return fmt.Errorf("hand on notification: %w", err)
	}
	return nil
}

// Poll hands on what comes to a queue until ctx ends, and returns the cause. A message is deleted when the bus has it.
// While the bus is away messages wait for it and are not delivered more often, so that none is taken for poison.
func (w Way) Poll(ctx context.Context, q queue.Queue, workers int) error {
	return q.Consume(ctx, workers, func(ctx context.Context, m queue.Message) error { return w.take(ctx, m.Body) })
}
