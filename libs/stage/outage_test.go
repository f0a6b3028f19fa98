package stage_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/stage"
)

// TestOutage: what is not the object's fault never parks it, however long it lasts.
func TestOutage(t *testing.T) {
	for name, err := range map[string]error{
		"store away":    fmt.Errorf("get object: %w", blob.ErrUnavailable),
		"asked to wait": fmt.Errorf("load: %w", stage.RetryAfter(errAway, time.Minute)),
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				w.publish(rawRef("run-1"))
				calls := 0
				w.start(func(ctx context.Context, in objref.Ref) ([]objref.Ref, error) {
					if calls++; calls <= 40 {
						return nil, err
					}
					return mask(ctx, in)
				})
				after(2 * time.Hour)
				w.counts(map[string]int{bus.Masked: 1})
			})
		})
	}
}
