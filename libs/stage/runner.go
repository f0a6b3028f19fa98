package stage

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/telemetry"
)

// Defaults of a Runner.
const (
	defaultAckWait    = 30 * time.Second
	defaultFailures   = 5
	defaultDeliveries = 25
	// defaultMaxDeliver lies far beyond Deliveries: the server counts answered deliveries as well, and a message
	// that it gives up is in nobody's hands.
	defaultMaxDeliver = 1000
)

// settleGrace is how long a stopping worker may take to publish and acknowledge what it has finished.
const settleGrace = 10 * time.Second

// Runner takes messages from the bus, lets Func work on them and settles them by its verdict. See Func for the
// verdicts.
type Runner struct {
	Service string // "masker"
	// Environment is where the objects of this worker go; "" for a service that serves all environments.
	Environment string
	Bus         bus.Bus
	Telemetry   *telemetry.Telemetry // nil means none
	// In is where messages come from: the durable on the stage's stream and the one on REPLAY. Workers (1),
	// AckWait (30 s) and MaxDeliver (1000) have defaults.
	In []bus.Consumer
	// From is the stage of what comes in. A reference of another stage is refused; "" takes any.
	From objref.Stage
	Out  objref.Stage // the stage of what goes out
	// Decode reads the references of a message; nil means the one that objref.Decode finds. An error is final.
	// No references means that there is nothing to do.
	Decode func(bus.Message) ([]objref.Ref, error)
	Func   Func
	// Failures is how many errors Func may return for one message in this process before it is parked on .dead;
	// 0 means 5. Rejections, stops and failures of the bus do not count.
	Failures int
	// Deliveries is how many deliveries may stay without an answer, as when the worker is killed, before the
	// message is parked on .dead without another try; 0 means 25.
	Deliveries int
}

// Run works until ctx ends, waits for what is being worked on, and returns the cause. It returns earlier when a
// consumer cannot be opened or breaks for good.
func (r *Runner) Run(ctx context.Context) error {
	w, err := r.worker()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var consumers sync.WaitGroup
	for _, c := range w.In {
		consumers.Go(func() {
			err := w.Bus.Consume(ctx, c, func(ctx context.Context, d bus.Delivery) { w.handle(ctx, c, d) })
			cancel(fmt.Errorf("%s: %w", w.Service, err)) // of no effect when ctx has ended
		})
	}
	consumers.Wait()
	return context.Cause(ctx)
}

// worker is a Runner with its defaults filled in, and what it remembers.
type worker struct {
	Runner
	tally tally
}

func (r *Runner) worker() (*worker, error) {
	switch {
	case r.Service == "":
		return nil, errors.New("runner: Service is missing")
	case r.Bus == nil:
		return nil, errors.New("runner: Bus is missing")
	case r.Func == nil:
		return nil, errors.New("runner: Func is missing")
	case len(r.In) == 0:
		return nil, errors.New("runner: In is empty, there is nothing to consume")
	}
	w := &worker{Runner: *r}
	if w.Telemetry == nil {
		w.Telemetry = telemetry.Discard()
	}
	if w.Decode == nil {
		w.Decode = w.decode
	}
	if w.Failures <= 0 {
		w.Failures = defaultFailures
	}
	if w.Deliveries <= 0 {
		w.Deliveries = defaultDeliveries
	}
	w.In = make([]bus.Consumer, len(r.In))
	for i, c := range r.In {
		if c.Workers <= 0 {
			c.Workers = 1
		}
		if c.AckWait <= 0 {
			c.AckWait = defaultAckWait
		}
		if c.MaxDeliver <= 0 {
			c.MaxDeliver = max(defaultMaxDeliver, 2*w.Deliveries)
		}
		w.In[i] = c
	}
	return w, nil
}

// decode is the Decode of a stage that follows another.
func (w *worker) decode(m bus.Message) ([]objref.Ref, error) {
	ref, stage, err := objref.Decode(m)
	if err != nil {
		return nil, err
	}
	if w.From != "" && stage != w.From {
		return nil, fmt.Errorf("%w: reference is of stage %s, this worker takes %s", objref.ErrMalformed, stage, w.From)
	}
	return []objref.Ref{ref}, nil
}
