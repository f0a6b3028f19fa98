// Package bus is what the workers need of a message bus: durable streams, durable consumers with
// explicit settlement, history by time, and small key/value state. bus/jetstream is the real one,
// bus/membus keeps everything in memory, and bus/bustest holds both to the same promises.
package bus

import (
	"context"
	"errors"
	"time"
)

// Bus is a connection to a message bus. It is safe for concurrent use.
type Bus interface {
	// Publish stores m and returns only when the bus has it on disk. A message whose ID was already stored in
	// the same stream within the duplicate window is not stored again and is no error. Publish retries what is
	// worth retrying until ctx ends. It fails with ErrNoStream when no stream stores the subject.
	Publish(ctx context.Context, m Message) error

	// Consume delivers messages to handle, at most c.Workers at a time, until ctx ends; it then waits for the
	// handlers that run and returns context.Cause(ctx). A delivery that is not settled comes again after
	// c.AckWait. The durable is created when it is not there. One that is there keeps its position; its filters,
	// AckWait and MaxDeliver become those of c. Consume fails with ErrNoStream when the stream is not there.
	Consume(ctx context.Context, c Consumer, handle func(context.Context, Delivery)) error

	// Read calls fn for each stored message that q selects, oldest first. It ends when fn returns an error, with
	// that error, and otherwise after the last message that was stored when Read began, or, with q.Follow, when
	// ctx ends, with the context's cause. It moves no durable.
	Read(ctx context.Context, q Query, fn func(Message) error) error

	// KV opens a key/value bucket, creating it when it is not there.
	KV(ctx context.Context, bucket string) (KV, error)

	// Close drains the connection. Consumers must have been stopped before.
	Close() error
}

// Message is one message. Header keys are case-sensitive and written as they are.
type Message struct {
	Subject string
	ID      string            // for the duplicate window; "" means never a duplicate
	Header  map[string]string // CloudEvents attributes and trace context
	Data    []byte
	Time    time.Time // when it was stored; set by Read and Consume, ignored by Publish
}

// Delivery is one message on its way through a worker. Exactly one of Ack, Nak and Term settles it.
type Delivery interface {
	Message() Message
	// Number is how often the message was delivered to this durable, this time included; it starts at 1.
	Number() int
	// Ack says the work is done; it returns when the server has noted it.
	Ack(ctx context.Context) error
	// Nak asks for the message again after d.
	Nak(ctx context.Context, d time.Duration) error
	// Term ends the message without success; reason is a short class, never a value from the data.
	Term(ctx context.Context, reason string) error
	// InProgress restarts the AckWait clock.
	InProgress(ctx context.Context) error
}

// Consumer describes a durable consumer.
type Consumer struct {
	Stream  string        // e.g. "RAW"
	Durable string        // e.g. "masker-sandbox"
	Filters []string      // subjects with wildcards; none means the whole stream
	Workers int           // deliveries handled at the same time, at least 1
	AckWait time.Duration // how long an unsettled delivery may take before it comes again
	// MaxDeliver is the server's last resort against a message that kills its workers; 0 means no limit.
	MaxDeliver int
	// All starts a new durable at the first stored message. Otherwise it starts at messages stored from its
	// creation on. An existing durable goes on where it was.
	All bool
}

// Query selects stored messages of a stream.
type Query struct {
	Stream  string
	Filters []string  // none means all subjects
	Since   time.Time // zero means from the first message
	Until   time.Time // zero means no upper bound; exclusive
	Follow  bool      // go on with new messages until ctx ends
}

// KV is small state shared by workers. Losing it costs repeats only, so nothing in it is a record of truth. Keys
// are as CheckKey says.
type KV interface {
	Get(ctx context.Context, key string) ([]byte, error) // ErrNotFound
	Put(ctx context.Context, key string, value []byte) error
	// Swap stores value where the key holds old, nil meaning that it is not there, and fails with ErrConflict where it does
	// not. Of several that swap the same old value exactly one succeeds. After any other error it may have succeeded.
	Swap(ctx context.Context, key string, old, value []byte) error
	// Keys calls fn for each key that begins with prefix, in no order.
	Keys(ctx context.Context, prefix string, fn func(key string) error) error
}

// Errors callers can test for with errors.Is.
var (
	ErrNotFound = errors.New("not found")
	// ErrConflict means that a key holds another value than the one that was to be replaced.
	ErrConflict = errors.New("the value is another")
	// ErrNoStream means the stream is not provisioned on the server.
	ErrNoStream = errors.New("no such stream: provision the bus first")
)
