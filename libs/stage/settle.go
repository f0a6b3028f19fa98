package stage

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/telemetry"
)

// maxDetail is the longest detail of a reason in bytes.
const maxDetail = 300

// park is the verdict that ends the way of in, with the letter that says so. Its message id differs by state and
// run, so a redelivery writes no second letter and a replay writes its own.
func (j *job) park(in objref.Ref, state objref.State, reason objref.Reason, cause error) verdict {
	reason.Service = j.Service
	reason.Detail = cut(reason.Detail, maxDetail)
	if in.Environment == "" {
		in.Environment = j.Environment
	}
	in.Outcome = &objref.Outcome{State: state, Reason: &reason}
	v := verdict{outcome: rejected, class: reason.Class, err: cause, rows: in.Rows, bytes: in.Object.Bytes}
	at := objref.AtRejected
	if state == objref.Dead {
		v.outcome, at = dead, objref.AtDead
	}
	m, err := objref.Encode(in, at, in.Subject(at), j.source())
	if err != nil { // only what a Decode of its own made up
		return j.undecodable(err)
	}
	v.letters = []bus.Message{m}
	return v
}

// publish puts the letters on the bus, in order.
func (j *job) publish(ctx context.Context, letters []bus.Message) error {
	for _, m := range letters {
		end := telemetry.Publish(ctx, m.Subject, template(m.Subject), m.Header)
		err := j.Bus.Publish(ctx, m)
		end(err)
		if err != nil {
			return fmt.Errorf("its letter to %s is not on the bus: %w", template(m.Subject), err)
		}
	}
	return nil
}

// settle answers the server. An answer that does not arrive lets the message come again, which does no harm.
func (j *job) settle(ctx context.Context, v verdict) verdict {
	var err error
	switch v.outcome {
	case done:
		err = j.delivery.Ack(ctx)
	case rejected, dead:
		err = j.delivery.Term(ctx, v.class)
	case retried:
		err = j.delivery.Nak(ctx, v.delay)
	case stopped:
		err = j.delivery.Nak(ctx, 0)
	}
	switch {
	case err != nil:
		j.Telemetry.Log().WarnContext(ctx, "settlement failed, the message comes again",
			"outcome", string(v.outcome), "durable", j.consumer.Durable, "error", err.Error())
	case v.outcome == retried || v.outcome == stopped:
		j.tally.answered(j.key)
	default:
		j.tally.forget(j.key)
	}
	return v
}

// heartbeat tells the server at each interval that d is being worked on, until the returned function is called.
func heartbeat(ctx context.Context, d bus.Delivery, interval time.Duration) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var beating sync.WaitGroup
	beating.Go(func() {
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				// One that is lost is made good by the next; three lost in a row let the message come again.
				_ = d.InProgress(ctx)
			}
		}
	})
	return func() { cancel(); beating.Wait() }
}

// withGrace is ctx without its end: it ends some time after ctx does.
func withGrace(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	late, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	var mu sync.Mutex
	var timer *time.Timer
	unhook := context.AfterFunc(ctx, func() {
		mu.Lock()
		defer mu.Unlock()
		timer = time.AfterFunc(grace, func() { cancel(context.Cause(ctx)) })
	})
	return late, func() {
		unhook()
		mu.Lock()
		defer mu.Unlock()
		if timer != nil {
			timer.Stop()
		}
		cancel(nil)
	}
}

var classWord = regexp.MustCompile(`^[a-z][a-z0-9-]{0,63}$`)

// classOf is the class that err names itself, or otherwise.
func classOf(err error, otherwise string) string {
	var c interface{ Class() string }
	if errors.As(err, &c) && classWord.MatchString(c.Class()) {
		return c.Class()
	}
	return otherwise
}

// cut shortens s to n bytes at a rune boundary.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
