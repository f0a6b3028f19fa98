package sqs

import (
	"context"
	"time"

	"github.com/maskrail/maskrail/libs/retry"
)

const (
	// gather is how long a deletion waits for others to share its call.
	gather = 100 * time.Millisecond
	// removals is how often a deletion is tried. A message that stays is delivered again, which costs a repetition.
	removals = 4
)

// removeAll deletes what was handled, in batches, until c.handled is closed.
func (c *consumer) removeAll(ctx context.Context) {
	var receipts []string
	full := time.NewTimer(gather)
	defer full.Stop()
	for {
		select {
		case r, more := <-c.handled:
			if !more {
				c.removeBatch(ctx, receipts)
				return
			}
			if receipts = append(receipts, r); len(receipts) == 1 {
				full.Reset(gather)
			}
			if len(receipts) < batch {
				continue
			}
		case <-full.C:
		}
		c.removeBatch(ctx, receipts)
		receipts = nil
	}
}

// removeBatch deletes up to ten messages, again those that the server did not.
func (c *consumer) removeBatch(ctx context.Context, receipts []string) {
	for attempt := 1; len(receipts) > 0; attempt++ {
		again, refused, err := c.remove(ctx, receipts)
		if refused > 0 {
			c.log.WarnContext(ctx, "messages were handled too late to be deleted, and come again", "messages", refused)
		}
		if receipts = again; len(receipts) == 0 {
			return
		}
		if attempt == removals {
			text := "the server fails"
			if err != nil {
				text = err.Error()
			}
			c.log.WarnContext(ctx, "messages could not be deleted, and come again", "messages", len(receipts), "error", text)
			return
		}
		pause(ctx, retry.Default().Delay(attempt))
	}
}
