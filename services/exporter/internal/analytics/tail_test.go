package analytics

import (
	"errors"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/genesyssim"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// late is an organisation whose jobs are a day behind, with a tail.
func late(world *genesyssim.Config, c *Config) {
	world.Lag, world.Every = 24*time.Hour, 12*time.Minute
	known, _ := genesyssim.New(*world)
	c.Tenants.Queues = known.Queues()
	c.Tail = true
}

// TestTail: what the jobs do not have yet comes by query, its tenants by queue.
func TestTail(t *testing.T) {
	t.Parallel()
	simulate(t, late, func(o *org) {
		to, err := o.src.Available(o.Context())
		if err != nil || o.now.Sub(to) < tailDelay || o.now.Sub(to) > tailDelay+time.Minute {
			o.Fatalf("available until %s, %v", to, err)
		}
		w := objref.Window{From: to.Add(-18 * time.Hour), To: to}
		b := o.must(source.Task{Window: w})
		asked := o.sim.Requests()
		if asked["POST "+jobsPath] != 0 || asked["POST /api/v2/analytics/conversations/details/query"] < 3 {
			o.Errorf("asked %v", asked)
		}
		missed := 0
		flat := b.flat()
		for id, c := range o.truth(w, o.now) {
			if _, there := flat[id]; !there && c.Start.After(w.From.Add(-24*time.Hour)) {
				missed++
			}
		}
		if missed > 0 || len(flat) == 0 {
			o.Errorf("%d interactions, %d are missing", len(flat), missed)
		}
		for _, i := range flat {
			if i.TenantSource != FromQueue {
				o.Errorf("a tenant by %s", i.TenantSource)
			}
		}
		// What the jobs have comes from them.
		if o.must(source.Task{Window: o.day(3)}); o.sim.Requests()["POST "+jobsPath] != 1 {
			o.Error("a window that the jobs have came by query")
		}
	})
}

// TestTailGoesOn: a process that was killed goes on with the next page, and without a tail as a job.
func TestTailGoesOn(t *testing.T) {
	t.Parallel()
	for _, off := range []bool{false, true} {
		simulate(t, late, func(o *org) {
			w := objref.Window{From: o.now.Add(-18 * time.Hour), To: o.now.Add(-10 * time.Minute)}
			whole := len(o.must(source.Task{Window: w}).flat())
			b := newBucket(o.T)
			ctx, cancel := contextThatEnds(o)
			b.arm(cancel, 4, true)
			if err := o.src.Export(ctx, source.Task{Window: w}, b); !errors.Is(err, errKilled) {
				o.Fatalf("error %v", err)
			}
			b.arm(nil, 0, false)
			if off {
				o.src.Tail = false
				time.Sleep(48 * time.Hour)
			}
			if err := o.export(b, source.Task{Window: w}); err != nil {
				o.Fatal(err)
			}
			if b.noted() != map[bool]string{true: "job-created job-done"}[off] {
				o.Errorf("noted %s", b.noted())
			}
			if !off && len(b.flat()) != whole {
				o.Errorf("%d interactions, want %d", len(b.flat()), whole)
			}
		})
	}
}

func TestTailSplits(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*genesyssim.Config){
		"too long": func(world *genesyssim.Config) { world.Jobs.QueryInterval = 12 * time.Hour },
		"too much": func(world *genesyssim.Config) { world.Jobs.QueryRows = 100 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			simulate(t, func(world *genesyssim.Config, c *Config) {
				change(world)
				late(world, c)
			}, func(o *org) {
				w := objref.Window{From: o.now.Add(-20 * time.Hour), To: o.now.Add(-10 * time.Minute)}
				if err := o.export(newBucket(o.T), source.Task{Window: w}); !errors.Is(err, source.ErrSplit) {
					o.Errorf("error %v", err)
				}
			})
		})
	}
}
