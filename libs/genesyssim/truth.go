package genesyssim

import (
	"iter"
	"slices"
	"time"

	"github.com/maskrail/maskrail/libs/synth"
)

// Conversation is the truth about one.
type Conversation struct {
	ID     string
	Tenant string    // whose it is, also where the record is unclear about it
	Oddity string    // one of synth.TenantOddities, or ""
	Start  time.Time //
	End    time.Time // as it is known in the end
	Erased time.Time // when it is forgotten; zero: never
	sim    *Sim
	index  int64
}

// Conversations are those that start in [from, to), in that order; also those that the clock has not come to.
func (s *Sim) Conversations(from, to time.Time) iter.Seq[Conversation] {
	return func(yield func(Conversation) bool) {
		for _, i := range s.world.starting(from, to) {
			d := s.world.detail(i)
			c := Conversation{d.ID(), d.Tenant, s.world.oddity(i), d.Start(), d.End(), s.world.erased(i), s, i}
			if !yield(c) {
				return
			}
		}
	}
}

// At is the record as a details job of that time has it, one JSON object; nil where there is none.
func (c Conversation) At(t time.Time) []byte {
	if !c.sim.world.known(c.index, t) {
		return nil
	}
	return c.sim.record(nil, c.index, t, true)
}

// Changes are the times after which At gives something else, in order. The last may be the erasure.
func (c Conversation) Changes() []time.Time {
	times := c.sim.world.detail(c.index).Changes()
	if c.Erased.IsZero() {
		return times
	}
	times = slices.DeleteFunc(times, func(at time.Time) bool { return !at.Before(c.Erased) })
	return append(times, c.Erased)
}

// record writes conversation i as it is known at a time.
func (s *Sim) record(dst []byte, i int64, at time.Time, attributes bool) []byte {
	d := s.world.detail(i)
	return append(dst, s.Drift.record(d.AppendJSON(nil, at, attributes), at)...)
}

// Interaction is the truth about a flat one.
type Interaction struct {
	synth.Interaction
	// Complete is when wrapUpCode and notes are known: at the end, or hours later. An export has an interaction from its
	// end on.
	Complete time.Time
	Oddity   string // of synth.TenantOddities: blank, unknown, nowhere, or ""
}

// Interactions are those that start in [from, to), in that order; also those that the clock has not come to.
func (s *Sim) Interactions(from, to time.Time) iter.Seq[Interaction] {
	return func(yield func(Interaction) bool) {
		for _, i := range s.world.starting(from, to) {
			if !yield(s.world.interaction(i)) {
				return
			}
		}
	}
}

// Queues are the ids of all queues, and whose each is.
func (s *Sim) Queues() map[string]string { return s.world.org.Queues() }

// Divisions are the ids of all divisions, and whose each is.
func (s *Sim) Divisions() map[string]string { return s.world.org.Divisions() }
