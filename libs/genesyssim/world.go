package genesyssim

import (
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/maskrail/maskrail/libs/synth"
)

// world is what happens in the contact centre, whoever asks. Conversations have indexes: those of the rate 0, 1, 2 and so
// on, in the order of their starts, special ones -1, -2 and so on.
type world struct {
	Config
	org synth.Org

	mu      sync.Mutex
	ends    map[int64]time.Time
	ids     map[string]int64 // of the conversations below indexed, and of special ones
	indexed int64
}

// longest is how long a conversation can take, unless it is special.
const longest = 10 * 24 * time.Hour

func newWorld(c Config) *world {
	return &world{Config: c, org: synth.Org{Seed: c.Seed, Tenants: c.Tenants}, ends: map[int64]time.Time{}, ids: map[string]int64{}}
}

// dice are for one purpose and one conversation.
func (w *world) dice(purpose, i int64) *rand.Rand {
	return rand.New(rand.NewPCG(w.Seed^uint64(purpose)<<32, uint64(i)))
}

const (
	diceStart int64 = iota + 1
	diceErased
	diceLate
)

// start is when conversation i starts.
func (w *world) start(i int64) time.Time {
	if i < 0 {
		return w.Also[-i-1].Start.UTC().Truncate(time.Millisecond)
	}
	within := time.Duration(w.dice(diceStart, i).Int64N(w.Every.Milliseconds())) * time.Millisecond
	return w.From.Add(time.Duration(i)*w.Every.Truncate(time.Millisecond) + within)
}

// starting are the conversations that start in [from, to), in that order.
func (w *world) starting(from, to time.Time) []int64 {
	var found []int64
	first := max(0, int64(from.Sub(w.From)/w.Every.Truncate(time.Millisecond)))
	for i := first; w.Count == 0 || i < w.Count; i++ {
		start := w.start(i)
		if !start.Before(to) {
			break
		}
		if !start.Before(from) {
			found = append(found, i)
		}
	}
	if len(w.Also) == 0 {
		return found
	}
	for k := range w.Also {
		if start := w.start(int64(-k - 1)); !start.Before(from) && start.Before(to) {
			found = append(found, int64(-k-1))
		}
	}
	slices.SortStableFunc(found, func(a, b int64) int { return w.start(a).Compare(w.start(b)) })
	return found
}

// living are the conversations that start before to and end at from or later.
func (w *world) living(from, to time.Time) []int64 {
	back := longest
	for _, s := range w.Also {
		back = max(back, s.Lasts)
	}
	return slices.DeleteFunc(w.starting(from.Add(-back), to), func(i int64) bool { return w.end(i).Before(from) })
}

// detail makes conversation i.
func (w *world) detail(i int64) *synth.Detail {
	d := w.org.Conversation(i, w.start(i))
	if i < 0 && w.Also[-i-1].Lasts > 0 {
		d.Lasting(w.Also[-i-1].Lasts)
	}
	if how := w.oddity(i); how != "" {
		d.Confuse(how, w.other(d.Tenant))
	}
	return d
}

// end is when conversation i ends.
func (w *world) end(i int64) time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	end, ok := w.ends[i]
	if !ok {
		end = w.detail(i).End()
		w.ends[i] = end
	}
	return end
}

// erased is when conversation i is forgotten; zero: never.
func (w *world) erased(i int64) time.Time {
	if w.ErasedEvery == 0 || i < 0 || i%w.ErasedEvery != w.ErasedEvery-1 {
		return time.Time{}
	}
	return w.end(i).Add(72*time.Hour + time.Duration(w.dice(diceErased, i).Int64N(int64(168*time.Hour)))).Truncate(time.Millisecond)
}

// known says whether conversation i is in the data as of a time.
func (w *world) known(i int64, at time.Time) bool {
	if !w.start(i).Before(at) {
		return false
	}
	gone := w.erased(i)
	return gone.IsZero() || !gone.Before(at)
}

// find is the conversation of the id, of those that start before a time.
func (w *world) find(id string, before time.Time) (int64, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for ; (w.Count == 0 || w.indexed < w.Count) && w.start(w.indexed).Before(before); w.indexed++ {
		w.ids[w.org.ConversationID(w.indexed)] = w.indexed
	}
	for k := range w.Also {
		w.ids[w.org.ConversationID(int64(-k-1))] = int64(-k - 1)
	}
	i, ok := w.ids[id]
	return i, ok && w.start(i).Before(before)
}
