package analytics

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/genesyssim"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// TestKilled ends the process before and after every request and everything that is written, and wants of the next process
// that each conversation is there, once.
func TestKilled(t *testing.T) {
	t.Parallel()
	for _, where := range []string{"requests", "writes"} {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, after %v", where, after), func(t *testing.T) {
				t.Parallel()
				for at, more := 1, true; more; at++ {
					simulate(t, func(world *genesyssim.Config, c *Config) {
						world.From, world.Every, c.PageSize = world.From.AddDate(0, 0, 3), 30*time.Minute, 20
					}, func(o *org) {
						more = o.killedAt(at, where == "requests", after)
					})
				}
			})
		}
	}
}

// killedAt exports a window in a process that is killed at a step and in another one after it. It is false when there was no
// such step.
func (o *org) killedAt(at int, requests, after bool) bool {
	b, task := newBucket(o.T), source.Task{Window: o.day(3)}
	ctx, cancel := contextThatEnds(o)
	defer cancel(nil)
	d := &b.deaths
	if requests {
		d = &o.ways.deaths
	}
	d.arm(cancel, at, after)
	first := o.src.Export(ctx, task, b)
	d.arm(nil, 0, false)
	if first == nil && d.taken() < at {
		return false
	}
	if first == nil || errors.Is(first, source.ErrRefused) || errors.Is(first, source.ErrSplit) {
		o.Errorf("killed at step %d: %v", at, first)
	}
	if err := o.export(b, task); err != nil {
		o.Errorf("killed at step %d, the next process: %v", at, err)
	}
	o.same(b.flat(), o.truth(task.Window, o.now))
	jobs, forsaken := o.sim.Requests()["POST "+jobsPath], 0
	for _, action := range b.notes {
		if action == source.JobForsaken {
			forsaken++
		}
	}
	if jobs > 2 || jobs == 2 && forsaken != 1 {
		o.Errorf("killed at step %d: %d jobs, %d of them forsaken", at, jobs, forsaken)
	}
	return true
}
