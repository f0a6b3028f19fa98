package exporter_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/s3event/s3eventtest"
)

// TestEventsLostRepeatedAndOutOfOrder: in every dialect, of 500 objects with keys that a wrong decoding changes, a tenth
// of the notifications is lost and the others come up to five times in any order. What was told of is announced before
// any sweep, the rest by the sweep, and nothing twice.
func TestEventsLostRepeatedAndOutOfOrder(t *testing.T) {
	t.Parallel()
	for n, w := range s3eventtest.Writers() {
		t.Run(w.Name, func(t *testing.T) {
			t.Parallel()
			in(t, func(t *testing.T) {
				const objects = 500
				random := rand.New(rand.NewPCG(uint64(n), 1))
				b := newBench(t, "sandbox")
				b.config.Sweep = time.Hour
				stop := b.start()
				wait(time.Second)
				put := map[string]objref.Object{}
				var told []s3eventtest.Told
				for i := range objects {
					o := b.put(fmt.Sprintf("interaction/tenant=acme/%d+%d%% %%2B ü%%20.csv", i, i), fmt.Sprint(i))
					put[o.Key] = o
					if i%10 == 9 {
						continue
					}
					for range 1 + random.IntN(5) {
						told = append(told, s3eventtest.Told{Bucket: raw, Key: o.Key, ETag: o.ETag, Bytes: o.Bytes, Time: time.Now()})
					}
				}
				random.Shuffle(len(told), func(i, j int) { told[i], told[j] = told[j], told[i] })
				for _, s := range told {
					if err := b.bus.Publish(t.Context(), bus.Message{Subject: "maskrail.s3.events", Data: w.Body(s)}); err != nil {
						t.Fatal(err)
					}
				}
				wait(time.Second)
				byEvent := b.keys(bus.Raw)
				if got := len(byEvent); got != objects*9/10 {
					t.Errorf("%d objects were announced by their events, want %d", got, objects*9/10)
				}
				for _, key := range byEvent {
					b.end("sandbox", put[key], objref.Loaded)
				}
				wait(time.Hour)
				bySweep := b.keys(bus.Raw)[len(byEvent):]
				for _, key := range bySweep {
					b.end("sandbox", put[key], objref.Loaded)
				}
				wait(25 * time.Hour) // longer than the sweep waits for anything
				stop()
				all := b.keys(bus.Raw)
				slices.Sort(all)
				if unique := slices.Compact(slices.Clone(all)); len(all) != objects || len(unique) != objects || len(bySweep) != objects/10 {
					t.Errorf("%d announcements of %d objects, %d of them by the sweep, want %d, %d and %d", len(all), len(unique), len(bySweep), objects, objects, objects/10)
				}
				for _, stream := range []string{bus.Rejected, bus.Dead, bus.Replay} {
					if m := b.messages(stream); len(m) != 0 {
						t.Errorf("%d messages in %s", len(m), stream)
					}
				}
			})
		})
	}
}

// keys are those of the references in the stream.
func (b *bench) keys(stream string) (all []string) {
	b.t.Helper()
	for _, m := range b.messages(stream) {
		r, _, err := objref.Decode(m)
		if err != nil {
			b.t.Fatal(err)
		}
		all = append(all, r.Object.Key)
	}
	return all
}
