// Package queue is what the workers need of a message queue that others fill. queue/sqs is the real one.
package queue

import (
	"context"
	"time"
)

// Queue is a connection to one queue, which delivers each message at least once and in no order. It is safe for
// concurrent use.
type Queue interface {
	// Consume gives messages to handle, at most workers at a time, until ctx ends; it then waits for the handlers that
	// run and returns context.Cause(ctx). A message is removed after handle returned nil and never before. While handle
	// works, the message is kept from others. After an error it comes again, each time later, until the queue's own rule
	// for poison takes it away; when ctx has ended it is given back at once. What the server refuses is logged and tried
	// again.
	Consume(ctx context.Context, workers int, handle func(context.Context, Message) error) error
	// Check says whether the queue is there and can be read.
	Check(ctx context.Context) error
}

// Message is one message. Its body is data: no log and no error holds a part of it.
type Message struct {
	ID         string // the queue's own, for logs
	Body       []byte
	Deliveries int       // how often it was delivered, this time included
	Sent       time.Time // when it came into the queue
}
