package exporter_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/bus/membus"
	"github.com/maskrail/maskrail/libs/objref"
)

// eventLag is how long a sweep leaves an object to its event.
const eventLag = 5 * time.Second

func TestSweepFindsWhatNoEventToldOf(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T) {
		b := newBench(t, "a", "b")
		before := b.put("interaction/before.csv", "x")
		wait(eventLag)
		stop := b.start()
		if got := b.announced(bus.Raw); len(got) != 1 {
			t.Fatalf("at the start: announced %q, want the object that was there", got)
		}
		later := b.put("interaction/later.csv", "x")
		wait(b.config.Sweep + eventLag)
		if got := b.announced(bus.Raw); len(got) != 2 {
			t.Fatalf("after a sweep: announced %q", got)
		}
		for _, env := range []string{"a", "b"} {
			b.end(env, before, objref.Loaded)
			b.end(env, later, objref.Loaded)
		}
		wait(72 * time.Hour)
		if got := b.announced(bus.Raw); len(got) != 2 || len(b.messages(bus.Replay)) != 0 {
			t.Errorf("after they were loaded: announced %q", got)
		}
		stop()
		roots := map[string]bool{}
		for _, s := range b.spans.all {
			if s.Name == "sweep object" {
				if s.ParentID != "" || s.Attributes["maskrail.object"] == "" || len(s.Links) != 1 {
					t.Errorf("span of the sweep: parent %q, attributes %v, links %v", s.ParentID, s.Attributes, s.Links)
				}
				roots[s.TraceID] = true
			}
		}
		if len(roots) != 2 {
			t.Errorf("%d traces for two objects", len(roots))
		}
		for _, m := range b.messages(bus.Raw) {
			if p := strings.Split(m.Header["traceparent"], "-"); len(p) != 4 || !roots[p[1]] {
				t.Errorf("traceparent %q is of no sweep's trace", m.Header["traceparent"])
			}
		}
	})
}

// TestSweepWaits proves that an object on its way is left alone, the longer the more often it was announced, and not
// for ever.
func TestSweepWaits(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T) {
		b := newBench(t, "sandbox")
		stop := b.start()
		o := b.put("interaction/a.csv", "x")
		b.notify("s3:ObjectCreated:Put", o)
		steps := []struct {
			after time.Duration // of the step before
			want  int
		}{
			{14 * time.Minute, 1},
			{3 * time.Minute, 2}, // 15 minutes are over
			{27 * time.Minute, 2},
			{3 * time.Minute, 3}, // 30 minutes are over
			{57 * time.Minute, 3},
			{3 * time.Minute, 4},
		}
		for i, s := range steps {
			wait(s.after)
			if got := len(b.messages(bus.Raw)); got != s.want {
				t.Fatalf("step %d: announced %d times, want %d", i, got, s.want)
			}
			stop() // a restart changes nothing: the stream knows what was announced
			stop = b.start()
			if got := len(b.messages(bus.Raw)); got != s.want {
				t.Fatalf("step %d: announced %d times after a restart, want %d", i, got, s.want)
			}
		}
		stop()
	})
}

func TestParkedStaysParked(t *testing.T) {
	t.Parallel()
	for _, state := range []objref.State{objref.Rejected, objref.Dead} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			in(t, func(t *testing.T) {
				b := newBench(t, "sandbox")
				stop := b.start()
				defer stop()
				o := b.put("interaction/a.csv", "x")
				b.notify("s3:ObjectCreated:Put", o)
				b.end("sandbox", o, state)
				wait(72 * time.Hour)
				if got := b.announced(bus.Raw); len(got) != 1 || len(b.messages(bus.Replay)) != 0 {
					t.Errorf("announced %q, want once", got)
				}
				// Another content under the same key is another object.
				b.put("interaction/a.csv", "mended")
				wait(b.config.Sweep + eventLag)
				if got := b.announced(bus.Raw); len(got) != 2 {
					t.Errorf("after the object was replaced: announced %q", got)
				}
			})
		})
	}
}

// TestSweepLeavesNewObjectsToTheirEvents: between an object and its event lies a moment, in which a sweep must not
// announce it; if no event comes, it is found a moment later and not an interval later.
func TestSweepLeavesNewObjectsToTheirEvents(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T) {
		b := newBench(t, "sandbox")
		b.put("interaction/new.csv", "x")
		stop := b.start()
		defer stop()
		if got := b.announced(bus.Raw); len(got) != 0 {
			t.Errorf("announced %q before the event had a chance", got)
		}
		wait(eventLag)
		if got := b.announced(bus.Raw); len(got) != 1 {
			t.Errorf("announced %q, want the object whose event was lost", got)
		}
	})
}

func TestWipedBus(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T) {
		b := newBench(t, "sandbox")
		stop := b.start()
		for i := range 20 {
			o := b.put(fmt.Sprintf("interaction/%02d.csv", i), "x")
			b.notify("s3:ObjectCreated:Put", o)
			b.end("sandbox", o, objref.Loaded)
		}
		stop()
		ids := func() (all []string) {
			for _, m := range b.messages(bus.Raw) {
				all = append(all, m.ID)
			}
			slices.Sort(all)
			return all
		}
		before := ids()
		b.bus = membus.New(bus.Streams(bus.Horizon))
		wait(eventLag)
		stop = b.start()
		defer stop()
		if after := ids(); len(before) != 20 || !slices.Equal(before, after) {
			t.Errorf("announced %d of %d objects again, or under other ids", len(after), len(before))
		}
	})
}

// TestSecondEnvironment proves that an environment that joins later gets what comes after, and of history nothing.
func TestSecondEnvironment(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T) {
		b := newBench(t, "first")
		stop := b.start()
		old := b.put("interaction/old.csv", "x")
		b.notify("s3:ObjectCreated:Put", old)
		b.end("first", old, objref.Loaded)
		wait(time.Hour)
		stop()

		b.config.Environments = []string{"first", "second"}
		stop = b.start()
		wait(72 * time.Hour)
		if n := len(b.messages(bus.Raw)) + len(b.messages(bus.Replay)); n != 1 {
			t.Fatalf("%d announcements after the second environment joined, want the first one alone", n)
		}
		// Both get a new object; the second loses it, and gets it again alone.
		now := b.put("interaction/now.csv", "x")
		b.notify("s3:ObjectCreated:Put", now)
		b.end("first", now, objref.Loaded)
		wait(20 * time.Minute)
		if got := b.announced(bus.Replay); !slices.Equal(got, []string{"maskrail.replay.second.raw.interaction._ interaction/now.csv"}) {
			t.Errorf("replays %q, want the new object for the second environment", got)
		}
		b.end("second", now, objref.Loaded)
		wait(72 * time.Hour)
		if raw, replay := len(b.messages(bus.Raw)), len(b.messages(bus.Replay)); raw != 2 || replay != 1 {
			t.Errorf("%d announcements and %d replays at the end, want 2 and 1", raw, replay)
		}
		stop()

		// The bus is lost: the first environment gets all of it again, the second what came after it joined.
		b.bus = membus.New(bus.Streams(bus.Horizon))
		stop = b.start()
		defer stop()
		if got := b.announced(bus.Raw); !slices.Equal(got, []string{"maskrail.raw.interaction._ interaction/now.csv"}) {
			t.Errorf("announced to all %q, want what both should have", got)
		}
		if got := b.announced(bus.Replay); !slices.Equal(got, []string{"maskrail.replay.first.raw.interaction._ interaction/old.csv"}) {
			t.Errorf("replays %q, want history for the first environment alone", got)
		}
	})
}

// TestObjectOfAnotherEnvironment: an object that an environment got before a second one joined, and that is dropped
// again for the second, reaches it at once although it was announced to all.
func TestObjectOfAnotherEnvironment(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T) {
		b := newBench(t, "first")
		stop := b.start()
		o := b.put("interaction/a.csv", "x")
		b.notify("s3:ObjectCreated:Put", o)
		b.end("first", o, objref.Loaded)
		wait(time.Minute)
		stop()

		b.config.Environments = []string{"second"}
		stop = b.start()
		defer stop()
		wait(time.Second)
		b.notify("s3:ObjectCreated:Put", b.put("interaction/a.csv", "x"))
		wait(b.config.Sweep + eventLag)
		if got := b.announced(bus.Replay); !slices.Equal(got, []string{"maskrail.replay.second.raw.interaction._ interaction/a.csv"}) {
			t.Errorf("replays %q, want the object for the second environment", got)
		}
	})
}

// TestReplaysOfOneObject proves that two environments that lack one object both get it: replays share a stream, and its
// duplicate window must not take them for one.
func TestReplaysOfOneObject(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T) {
		b := newBench(t, "a", "b", "c")
		stop := b.start()
		defer stop()
		o := b.put("interaction/a.csv", "x")
		b.notify("s3:ObjectCreated:Put", o)
		b.end("b", o, objref.Loaded)
		wait(20 * time.Minute)
		got := b.announced(bus.Replay)
		want := []string{"maskrail.replay.a.raw.interaction._ interaction/a.csv", "maskrail.replay.c.raw.interaction._ interaction/a.csv"}
		if !slices.Equal(got, want) {
			t.Errorf("replays %q, want %q", got, want)
		}
	})
}

func TestSweepOfManyObjects(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T) {
		b := newBench(t, "sandbox")
		for i := range 500 {
			b.put(fmt.Sprintf("interaction/%03d.csv", i), "x")
		}
		b.put("_runs/x.json", "{}")
		b.put("interaction/folder/", "")
		wait(eventLag)
		stop := b.start()
		defer stop()
		got := b.announced(bus.Raw)
		slices.Sort(got)
		if got = slices.Compact(got); len(got) != 500 {
			t.Errorf("announced %d objects, want 500", len(got))
		}
	})
}

// blackout is a store that can be away.
type blackout struct {
	blob.Store
	out atomic.Bool
}

var errAway = errors.New("the store is away")

func (s *blackout) Head(ctx context.Context, loc blob.Location) (blob.Object, error) {
	if s.out.Load() {
		return blob.Object{}, errAway
	}
	return s.Store.Head(ctx, loc)
}

func (s *blackout) Put(ctx context.Context, loc blob.Location, body io.ReadSeeker, size int64, o blob.PutOptions) (blob.Object, error) {
	if s.out.Load() {
		return blob.Object{}, errAway
	}
	return s.Store.Put(ctx, loc, body, size, o)
}

func (s *blackout) List(ctx context.Context, bucket, prefix string) iter.Seq2[blob.Object, error] {
	if s.out.Load() {
		return func(yield func(blob.Object, error) bool) { yield(blob.Object{}, errAway) }
	}
	return s.Store.List(ctx, bucket, prefix)
}
