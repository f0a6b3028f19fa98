package sqs

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/maskrail/maskrail/libs/queue"
	"github.com/maskrail/maskrail/libs/retry"
)

// consumer is one call of Consume.
type consumer struct {
	*Queue
	handle   func(context.Context, queue.Message) error
	attempts int           // of the redrive policy; 0 means none
	slots    chan struct{} // one for each message that is received or about to be
	handled  chan string   // receipts of messages to delete

	mu   sync.Mutex
	held map[string]bool // receipts of messages that a handler works on
}

// Consume implements queue.Queue.
func (q *Queue) Consume(ctx context.Context, workers int, handle func(context.Context, queue.Message) error) error {
	c := &consumer{Queue: q, handle: handle, slots: make(chan struct{}, max(workers, 1)), handled: make(chan string), held: map[string]bool{}}
	c.attempts = c.poison(ctx)
	// What a handler has done is still to be deleted when ctx has ended.
	outlive, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	defer context.AfterFunc(ctx, func() {
		pause(outlive, settleWait)
		stop()
	})()
	var handlers, holder, remover sync.WaitGroup
	holder.Go(func() { c.hold(outlive) })
	remover.Go(func() { c.removeAll(outlive) })
	c.receiveAll(ctx, &handlers)
	handlers.Wait()
	close(c.handled)
	remover.Wait()
	stop()
	holder.Wait()
	return context.Cause(ctx)
}

// poison finds out what the queue does with poison, and logs when it does nothing.
func (c *consumer) poison(ctx context.Context) int {
	n, err := c.Queue.attempts(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		c.log.WarnContext(ctx, "redrive policy of the queue cannot be read", "error", err.Error())
	case n == 0:
		c.log.WarnContext(ctx, "queue has no redrive policy: a message that cannot be taken comes again until its retention ends; give the queue a dead-letter queue")
	}
	return n
}

// receiveAll receives messages as handlers become free, until ctx ends.
func (c *consumer) receiveAll(ctx context.Context, handlers *sync.WaitGroup) {
	failures := 0
	for {
		n := c.reserve(ctx)
		if n == 0 {
			return
		}
		messages, err := c.receive(ctx, n)
		c.free(n - len(messages))
		for _, m := range messages {
			c.keep(m.receipt, true)
			handlers.Go(func() {
				defer c.free(1)
				c.work(ctx, m)
			})
		}
		switch {
		case err == nil:
			if failures > 0 {
				c.log.InfoContext(ctx, "queue answers again", "failures", failures)
			}
			failures = 0
		case ctx.Err() == nil:
			failures++
			wait := retry.Default().Delay(failures)
			c.log.WarnContext(ctx, "queue cannot be read; trying again", "error", err.Error(), "attempt", failures, "wait", wait)
			pause(ctx, wait)
		}
	}
}

// reserve waits for a free slot and takes as many as one call can fill, 0 when ctx has ended.
func (c *consumer) reserve(ctx context.Context) (n int) {
	select {
	case c.slots <- struct{}{}:
	case <-ctx.Done():
		return 0
	}
	if ctx.Err() != nil {
		c.free(1)
		return 0
	}
	for n = 1; n < batch; n++ {
		select {
		case c.slots <- struct{}{}:
		default:
			return n
		}
	}
	return n
}

func (c *consumer) free(n int) {
	for range n {
		<-c.slots
	}
}

// settleWait is how long the end of a delivery may take when ctx has ended.
const settleWait = 5 * time.Second

// work runs the handler and settles the delivery.
func (c *consumer) work(ctx context.Context, m received) {
	err := c.handle(ctx, queue.Message{
		ID: aws.ToString(m.MessageId), Body: []byte(aws.ToString(m.Body)), Deliveries: m.deliveries(), Sent: m.sent(),
	})
	if err == nil {
		c.handled <- m.receipt
		c.keep(m.receipt, false)
		return
	}
	c.keep(m.receipt, false)
	wait := time.Duration(0)
	if ctx.Err() == nil {
		wait = min(retry.Delay(m.deliveries()), maxVisibility/2)
		c.log.WarnContext(ctx, "message could not be taken and comes again", "message", aws.ToString(m.MessageId),
			"delivery", m.deliveries(), "deliveries", c.attempts, "wait", wait, "error", err.Error())
		if c.attempts > 0 && m.deliveries() >= c.attempts {
			c.log.WarnContext(ctx, "message was delivered as often as the queue allows: it goes to the dead-letter queue", "message", aws.ToString(m.MessageId))
		}
	}
	settle, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleWait)
	defer cancel()
	if err := c.show(settle, m.receipt, wait); err != nil {
		c.log.DebugContext(ctx, "message could not be given back: it comes again when its time is over", "message", aws.ToString(m.MessageId), "error", err.Error())
	}
}

// keep notes that a handler works on a message, or no longer does.
func (c *consumer) keep(receipt string, on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if on {
		c.held[receipt] = true
	} else {
		delete(c.held, receipt)
	}
}

func (c *consumer) holds(receipt string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.held[receipt]
}

func (c *consumer) receipts() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Keys(c.held))
}

// hold keeps the messages that handlers work on from others, until ctx ends.
func (c *consumer) hold(ctx context.Context) {
	tick := time.NewTicker(c.config.Visibility / 3)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		for receipts := range slices.Chunk(c.receipts(), batch) {
			failed, err := c.hide(ctx, receipts)
			failed = slices.DeleteFunc(failed, func(r string) bool { return !c.holds(r) }) // done in the meantime
			if len(failed) > 0 && ctx.Err() == nil {
				text := "the server refuses it"
				if err != nil {
					text = err.Error()
				}
				c.log.WarnContext(ctx, "messages could not be kept from others, who may be given them too", "messages", len(failed), "error", text)
			}
		}
	}
}

// pause waits, unless ctx ends first.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
