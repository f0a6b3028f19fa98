package exporter_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/services/exporter"
)

// counting counts the objects that are listed.
type counting struct {
	blob.Store
	listed atomic.Int64
}

func (c *counting) ListAfter(ctx context.Context, bucket, prefix, after string) iter.Seq2[blob.Object, error] {
	return func(yield func(blob.Object, error) bool) {
		for o, err := range blob.ListAfter(ctx, c.Store, bucket, prefix, after) {
			c.listed.Add(1)
			if !yield(o, err) {
				return
			}
		}
	}
}

// firehose is a bench with a route that is ordered by time. hour makes the objects of an hour under it, of which no event tells,
// has them loaded or not, and lets the hour pass.
type firehose struct {
	*bench
	store *counting
	hours int
}

const perHour = 12

func newFirehose(t *testing.T, environments ...string) *firehose {
	b := newBench(t, environments...)
	b.config.Sweep = 5 * time.Minute
	b.config.Routes = []exporter.Route{{Prefix: "connect/ctr/", Entity: "contact", TimeOrdered: true}}
	f := &firehose{bench: b, store: &counting{Store: b.store}}
	b.store = f.store
	return f
}

func (f *firehose) hour(load bool) (all []objref.Object) {
	for i := range perHour {
		all = append(all, f.put(f.key(i), "{}"))
	}
	wait(10 * time.Minute)
	if load {
		f.load(all)
	}
	wait(50 * time.Minute)
	f.hours++
	return all
}

func (f *firehose) key(i int) string {
	return fmt.Sprintf("connect/ctr/2026/03/%02d/%02d/ctr-1-%02d", 1+f.hours/24, f.hours%24, i)
}

func (f *firehose) load(objects []objref.Object) {
	for _, o := range objects {
		for _, env := range f.config.Environments {
			f.end(env, o, objref.Loaded)
		}
	}
}

// sweeps is how many objects a sweep lists on average, over ten.
func (f *firehose) sweeps() int64 {
	before := f.store.listed.Load()
	wait(10 * f.config.Sweep)
	return (f.store.listed.Load() - before) / 10
}

// announcedTimes is how often each object was announced.
func (f *firehose) announcedTimes() map[string]int {
	times := map[string]int{}
	for _, line := range f.announced(bus.Raw) {
		_, key, _ := strings.Cut(line, " ")
		times[key]++
	}
	return times
}

// TestOrderedSweep: under a prefix that is ordered by time the sweep lists what is of late, and still misses nothing.
func TestOrderedSweep(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T) {
		f := newFirehose(t, "sandbox")
		f.load([]objref.Object{f.put("interaction/other.csv", "x")})
		stop := f.start()
		defer stop()
		var all []objref.Object
		for range 20 {
			all = append(all, f.hour(true)...)
		}
		for _, o := range all {
			if f.announcedTimes()[o.Key] != 1 {
				t.Fatalf("announced %v, want each object once", f.announcedTimes())
			}
		}
		if n := f.sweeps(); n > 4*perHour+5 || n < 3*perHour-perHour {
			t.Errorf("a sweep lists %d objects of %d, want those of three hours", n, len(all))
		}

		// One comes behind its time, and of one that was overwritten nobody told either: both are found within a day.
		tardy := f.put("connect/ctr/2026/03/01/02/tardy", "{}")
		f.put(all[30].Key, "{} {}")
		wait(2 * time.Hour)
		before := f.announcedTimes()
		wait(24 * time.Hour)
		after := f.announcedTimes()
		if before[tardy.Key] != 0 || after[tardy.Key] == 0 || before[all[30].Key] != 1 || after[all[30].Key] < 2 {
			t.Errorf("the late object was announced %d times and %d after a day, the overwritten one %d and %d",
				before[tardy.Key], after[tardy.Key], before[all[30].Key], after[all[30].Key])
		}
		f.load([]objref.Object{tardy})
	})
}

// TestOrderedSweepWaits: what has not ended is looked at again, however old it is, and what is parked is left behind.
func TestOrderedSweepWaits(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T) {
		f := newFirehose(t, "a", "b")
		stop := f.start()
		defer stop()
		first := f.hour(false)
		for _, o := range first[:4] {
			f.end("a", o, objref.Rejected)
			f.end("b", o, objref.Dead)
		}
		f.load(first[4:8])
		f.end("a", first[8], objref.Loaded) // b lost it
		f.load(first[9:])
		for range 6 {
			f.hour(true)
		}
		if got := f.announced(bus.Replay); len(got) == 0 || slices.ContainsFunc(got, func(line string) bool { return line != "maskrail.replay.b.raw.contact._ "+first[8].Key }) {
			t.Errorf("replays %q, want the object that b lacks", got)
		}
		if n := f.sweeps(); n < 6*perHour {
			t.Errorf("a sweep lists %d objects, want all since the one that has not ended", n)
		}
		f.end("b", first[8], objref.Loaded)
		wait(f.config.Sweep)
		if n := f.sweeps(); n > 4*perHour+5 {
			t.Errorf("a sweep lists %d objects after all have ended", n)
		}
	})
}

// TestOrderedSweepOfWipedBus: when the bus loses its memory, a running sweep does not rest on its own.
func TestOrderedSweepOfWipedBus(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T) {
		f := newFirehose(t, "sandbox")
		stop := f.start()
		defer stop()
		var all []objref.Object
		for range 10 {
			all = append(all, f.hour(true)...)
		}
		if n := f.sweeps(); n > 4*perHour+5 {
			t.Fatalf("a sweep lists %d objects: the test proves nothing", n)
		}
		f.bus.Wipe()
		wait(2 * f.config.Sweep)
		if got := f.announcedTimes(); len(got) != len(all) {
			t.Errorf("%d of %d objects are announced again", len(got), len(all))
		}
		f.load(all)
		wait(f.config.Sweep)
		if n := f.sweeps(); n > 4*perHour+5 {
			t.Errorf("a sweep lists %d objects after all have ended again", n)
		}
	})
}

// TestStrays: objects in the folder of a run that nobody has written go through, and the log says so once.
func TestStrays(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T) {
		b := newBench(t, "sandbox")
		logged := &lines{}
		b.logs = logged
		b.put("_exports/genesys/"+exportRun+".json", "{}")
		b.put("_runs/01JQ8Z3V5T7M9K2N4P6R8S0W1Y.json", "{}")
		for _, run := range []string{exportRun, "01JQ8Z3V5T7M9K2N4P6R8S0W1Y", "01JQ8Z3V5T7M9K2N4P6R8S0W1Z"} {
			b.put("interaction/run="+run+"/1.jsonl.zst", "{}")
			b.put("interaction/run="+run+"/2.jsonl.zst", "{}")
		}
		stop := b.start()
		defer stop()
		wait(30 * time.Minute)
		if n := logged.count("a run that no exporter has written"); n != 0 {
			t.Errorf("told %d times of objects whose run may yet be written", n)
		}
		wait(25 * time.Hour)
		if n := logged.count("a run that no exporter has written"); n != 1 || logged.count(`"objects":2`) != 1 {
			t.Errorf("told %d times, want once of two objects", n)
		}
		times := map[string]bool{}
		for _, line := range b.announced(bus.Raw) {
			times[line] = true
		}
		if len(times) != 6 {
			t.Errorf("announced %d objects, want all six", len(times))
		}
	})
}
