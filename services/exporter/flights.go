package exporter

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
)

// maxHold is the longest that the sweep waits for an announced object.
const maxHold = 24 * time.Hour

// flights knows which objects were announced and when. It learns that from the streams themselves, so it knows the
// announcements of events, of sweeps, of replays and of other processes, and of the time before a restart.
type flights struct {
	grace time.Duration
	from  map[string]time.Time // by stream: where to read on
	last  map[flight]departure
}

// flight is an object on its way to one environment, or to all when environment is "". The environment stands there as
// its token.
type flight struct{ environment, identity string }

type departure struct {
	at    time.Time
	times int
}

func newFlights(grace time.Duration) flights {
	return flights{grace: grace, last: map[flight]departure{}}
}

// update reads what was announced since it last looked, the first time during the last day.
func (f *flights) update(ctx context.Context, b bus.Bus) error {
	now := time.Now()
	if f.from == nil {
		f.from = map[string]time.Time{bus.Raw: now.Add(-maxHold), bus.Replay: now.Add(-maxHold)}
	}
	for stream, filter := range map[string]string{bus.Raw: "maskrail.raw.>", bus.Replay: "maskrail.replay.*.raw.>"} {
		q := bus.Query{Stream: stream, Filters: []string{filter}, Since: f.from[stream]}
		err := b.Read(ctx, q, func(m bus.Message) error {
			f.note(m)
			f.from[stream] = m.Time.Add(time.Nanosecond)
			return nil
		})
		if err != nil {
			return fmt.Errorf("read stream %s: %w", stream, err)
		}
	}
	for k, d := range f.last {
		if now.Sub(d.at) > maxHold {
			delete(f.last, k)
		}
	}
	return nil
}

func (f *flights) note(m bus.Message) {
	ref, _, err := objref.Decode(m)
	if err != nil {
		return // not an announcement
	}
	k := flight{identity: ref.Object.Identity()}
	if token, ok := strings.CutPrefix(m.Subject, "maskrail.replay."); ok {
		k.environment, _, _ = strings.Cut(token, ".")
	}
	f.last[k] = departure{at: m.Time, times: f.last[k].times + 1}
}

// held reports whether the object was announced to the environment so recently that it may be on its way. Each
// announcement doubles the wait: a backlog that takes long is not made longer. What was announced to all before the
// environment joined did not reach it.
func (f *flights) held(environment, identity string, joined, now time.Time) bool {
	all, own := f.last[flight{"", identity}], f.last[flight{objref.Token(environment), identity}]
	if all.at.Before(joined) {
		all = departure{}
	}
	times := all.times + own.times
	if times == 0 {
		return false
	}
	at := all.at
	if own.at.After(at) {
		at = own.at
	}
	wait := maxHold
	if shift := times - 1; shift < 16 {
		wait = min(f.grace<<shift, maxHold)
	}
	return now.Sub(at) < wait
}

// missed reports whether the object was announced to all before the environment joined: then the announcement to all is
// made, and the bus would take another for the same.
func (f *flights) missed(identity string, joined time.Time) bool {
	all := f.last[flight{"", identity}]
	return all.times > 0 && all.at.Before(joined)
}

// landed forgets the announcements of an object that has ended everywhere.
func (f *flights) landed(identity string) { delete(f.last, flight{"", identity}) }
