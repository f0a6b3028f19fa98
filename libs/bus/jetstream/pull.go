package jetstream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

// A pull asks for one message and waits for it. The server gives a sign of life every heartbeat; a pull that
// hears nothing for twice as long is given up and made anew, so that none can go stale: not by a server that was
// restarted, not by a change of leader, not by a lost request.
const (
	pullWait  = 30 * time.Second
	heartbeat = 2 * time.Second
)

// What the server says in place of a message, by the status header.
const (
	statusHeader  = "Status"
	statusAlive   = "100"
	statusNone    = "404"
	statusTimeout = "408"
)

var pullRequest = fmt.Appendf(nil, `{"batch":1,"expires":%d,"idle_heartbeat":%d}`, pullWait.Nanoseconds(), heartbeat.Nanoseconds())

// pull waits for one message of the durable. It returns neither message nor error when there was none in time, or
// when ctx ended. The client's own Fetch would drop a message that arrives while it is being stopped; such a one
// is returned to the server here and does not have to wait for AckWait.
func (b *Bus) pull(ctx context.Context, stream, durable string) (*nats.Msg, error) {
	inbox := b.nc.NewInbox()
	sub, err := b.nc.SubscribeSync(inbox)
	if err != nil {
		return nil, err
	}
	if err := b.nc.PublishRequest("$JS.API.CONSUMER.MSG.NEXT."+stream+"."+durable, inbox, pullRequest); err != nil {
		return nil, errors.Join(err, sub.Unsubscribe())
	}
	for {
		wait, cancel := context.WithTimeout(ctx, 2*heartbeat)
		msg, err := sub.NextMsgWithContext(wait)
		cancel()
		switch {
		case err == nil && isMessage(msg):
			return msg, sub.Unsubscribe()
		case err == nil && msg.Header.Get(statusHeader) == statusAlive:
			continue
		case err == nil:
			return nil, errors.Join(statusError(msg), sub.Unsubscribe())
		case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded): // stopped, or no sign of life
			b.giveBack(sub)
			return nil, nil
		default:
			return nil, errors.Join(err, sub.Unsubscribe())
		}
	}
}

// isMessage reports whether msg comes out of the stream rather than from the server itself.
func isMessage(msg *nats.Msg) bool { return len(msg.Data) > 0 || msg.Header.Get(statusHeader) == "" }

// statusError is why a pull ended without a message, nil when it just took too long.
func statusError(msg *nats.Msg) error {
	switch status := msg.Header.Get(statusHeader); status {
	case statusNone, statusTimeout:
		return nil
	default:
		return fmt.Errorf("server ends the pull: %s %s", status, msg.Header.Get("Description"))
	}
}

// giveBack ends the subscription and returns to the server what arrives until it has noted that.
func (b *Bus) giveBack(sub *nats.Subscription) {
	if sub.Drain() != nil { // the connection is closed
		return
	}
	for {
		msg, err := sub.NextMsg(heartbeat)
		if err != nil { // drained, or the server is away: then AckWait brings the message back
			return
		}
		if isMessage(msg) {
			_ = b.nc.Publish(msg.Reply, nak(0)) // likewise
		}
	}
}
