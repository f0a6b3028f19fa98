package stage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/retry"
	"github.com/maskrail/maskrail/libs/telemetry"
)

// outcome is what became of a delivery, as metrics, spans and logs name it.
type outcome string

const (
	done     outcome = "done"
	rejected outcome = "rejected"
	dead     outcome = "dead"
	retried  outcome = "retried"
	stopped  outcome = "stopped"
)

// verdict is what is to happen with a delivery.
type verdict struct {
	outcome outcome
	letters []bus.Message // to publish before the message is settled
	rows    int64
	bytes   int64
	delay   time.Duration // before another try
	class   string        // of the reason, when it is not done
	err     error
}

// job is one delivery on its way through the worker.
type job struct {
	*worker
	consumer bus.Consumer
	delivery bus.Delivery
	message  bus.Message
	key      messageKey
	refs     []objref.Ref
}

// handle takes one delivery from its decoding to its settlement.
func (w *worker) handle(ctx context.Context, c bus.Consumer, d bus.Delivery) {
	j := &job{worker: w, consumer: c, delivery: d, message: d.Message()}
	j.key = keyOf(c.Durable, j.message)
	if !w.tally.begin(j.key) {
		// It came again while an earlier delivery is still being worked on, after a gap in the connection. That
		// one will settle it.
		w.tally.answered(j.key)
		return
	}
	defer w.tally.end(j.key)

	start := time.Now()
	work, endSpan := w.Telemetry.Process(ctx, j.message.Header, j.message.Subject, template(j.message.Subject),
		telemetry.String("messaging.consumer.group.name", c.Durable),
		telemetry.String("messaging.message.id", j.message.ID),
		telemetry.Int("messaging.message.body.size", int64(len(j.message.Data))),
		telemetry.Int("maskrail.delivery", int64(d.Number())))
	settle, cancel := withGrace(work, settleGrace)
	defer cancel()
	silence := heartbeat(settle, d, c.AckWait/3)
	v := j.judge(work)
	if err := j.publish(settle, v.letters); err != nil {
		v = j.unpublished(work, v, err)
	}
	silence() // before the settlement: the server may take a later sign of life for a new claim
	v = j.settle(settle, v)
	j.report(settle, v, time.Since(start))
	endSpan(v.err)
}

// judge runs Func where it should run and says what is to happen.
func (j *job) judge(ctx context.Context) verdict {
	if ctx.Err() != nil {
		return verdict{outcome: stopped, err: context.Cause(ctx)}
	}
	err := guard(func() (err error) {
		j.refs, err = j.Decode(j.message)
		return err
	})
	if err != nil {
		j.refs = nil
		return j.undecodable(err)
	}
	if len(j.refs) == 0 {
		return verdict{outcome: done}
	}
	telemetry.Set(ctx, telemetry.String("maskrail.object", j.refs[0].Object.ShortID()),
		telemetry.String("maskrail.run", j.refs[0].Run), telemetry.String("maskrail.entity", j.refs[0].Entity))
	if n := j.tally.unanswered(j.key, j.delivery.Number()); n >= j.Deliveries {
		return j.crashing(n)
	}
	v := verdict{outcome: done}
	for _, in := range j.refs {
		one := j.one(ctx, in)
		if one.outcome == retried || one.outcome == stopped {
			return one // the others do no harm when they are worked on again
		}
		v = v.and(one)
	}
	return v
}

// one is the verdict on one of the references.
func (j *job) one(ctx context.Context, in objref.Ref) verdict {
	var out []objref.Ref
	err := guard(func() (err error) {
		out, err = j.Func(ctx, in)
		return err
	})
	if err == nil {
		return j.handOn(in, out)
	}
	if ctx.Err() != nil {
		// Whatever Func says while it is being stopped, stopping may have caused it: half a read object looks
		// truncated. If it is true, the next try finds it too.
		return verdict{outcome: stopped, err: err}
	}
	if reason, ok := Rejected(err); ok {
		return j.park(in, objref.Rejected, reason, err)
	}
	if IsPermanent(err) {
		return j.park(in, objref.Dead, objref.Reason{Class: classOf(err, "permanent"), Detail: err.Error()}, err)
	}
	class := classOf(err, "failing")
	if delay, ok := waits(err); ok {
		return verdict{outcome: retried, delay: delay, class: class, err: err}
	}
	failures := j.tally.failed(j.key)
	if failures >= j.Failures {
		return j.park(in, objref.Dead, objref.Reason{Class: class, Detail: err.Error()}, err)
	}
	return verdict{outcome: retried, delay: retry.Delay(failures), class: class, err: err}
}

// outage is how long a message rests while the object store is away.
const outage = 30 * time.Second

// waits says whether the object has nothing to do with err, and how long it shall rest then. Such errors do not count:
// an outage of hours must not park what is healthy.
func waits(err error) (time.Duration, bool) {
	if delay, ok := Delay(err); ok {
		return delay, true
	}
	return outage, errors.Is(err, blob.ErrUnavailable)
}

// handOn is the verdict on finished work.
func (j *job) handOn(in objref.Ref, out []objref.Ref) verdict {
	v := verdict{outcome: done, rows: in.Rows, bytes: in.Object.Bytes}
	if len(out) > 0 {
		v.rows, v.bytes = 0, 0
	}
	for _, o := range out {
		m, err := objref.Encode(o, j.Out, o.Subject(j.Out), j.source())
		if err != nil { // a fault of the worker's, so no retry mends it
			err = fmt.Errorf("hand on %s: %w", o.Object, err)
			return j.park(in, objref.Dead, objref.Reason{Class: "incomplete-reference", Detail: err.Error()}, err)
		}
		v.letters = append(v.letters, m)
		v.rows += o.Rows
		v.bytes += o.Object.Bytes
	}
	return v
}

// crashing is the verdict on a message whose deliveries nobody answered.
func (j *job) crashing(deliveries int) verdict {
	err := fmt.Errorf("%d deliveries without an answer: the worker ends while it works on this object; look for its limit of memory and its last log lines", deliveries)
	v := verdict{outcome: done}
	for _, in := range j.refs {
		v = v.and(j.park(in, objref.Dead, objref.Reason{Class: "crashing", Detail: err.Error()}, err))
	}
	return v
}

// and joins the verdicts on two references of one message; the worse one names it.
func (v verdict) and(w verdict) verdict {
	if rank := map[outcome]int{done: 0, rejected: 1, dead: 2, retried: 3}; rank[w.outcome] > rank[v.outcome] {
		v.outcome, v.class, v.err, v.delay = w.outcome, w.class, w.err, w.delay
	}
	v.letters = append(v.letters, w.letters...)
	v.rows += w.rows
	v.bytes += w.bytes
	return v
}

// unpublished is the verdict when a letter is not on the bus: the message must come again, whatever it was. That
// is no fault of the message and does not count against it.
func (j *job) unpublished(ctx context.Context, v verdict, err error) verdict {
	if ctx.Err() != nil {
		return verdict{outcome: stopped, err: err}
	}
	return verdict{outcome: retried, delay: retry.Delay(1), class: "publish", err: fmt.Errorf("%s, but %w", v.outcome, err)}
}

func (j *job) source() string { return "/" + j.Service }
