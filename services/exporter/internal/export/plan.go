package export

import (
	"slices"
	"time"

	"github.com/maskrail/maskrail/libs/objref"
)

// Times are UTC and whole milliseconds, so that no two windows share an instant and none is between them.
const grain = time.Millisecond

const day = 24 * time.Hour

// floor and ceil bring a time to the grain.
func floor(t time.Time) time.Time { return t.UTC().Truncate(grain) }

func ceil(t time.Time) time.Time {
	if f := floor(t); f.Before(t) {
		return f.Add(grain)
	}
	return floor(t)
}

// plan decides which windows the run has, by how far its source has come and up to where the provider's data is complete.
// A run that names no times and no tenants goes on where the last one ended, less the overlap, however long ago that is,
// and exports the days once more that have come to an age; it advances the marks. Any other exports what it names.
func (s Settings) plan(j *Journal, m *Marks, available time.Time) {
	available = floor(available)
	j.Planned, j.Available = true, available
	if !j.From.IsZero() || !j.To.IsZero() || len(j.Tenants) > 0 {
		to := available
		if !j.To.IsZero() {
			to = earliest(to, ceil(j.To))
		}
		from := to.Add(-s.Lookback)
		if !j.From.IsZero() {
			from = floor(j.From)
		}
		j.windows(chunks(from, to, s.Window))
		return
	}
	next := m.clone()
	next.Tick = latest(next.Tick, j.Tick)
	from := m.Exported.Add(-s.Overlap)
	if m.Exported.IsZero() {
		from = available.Add(-s.Lookback)
		next.Start, next.Exported, next.Watermark = from, from, from
	} else {
		from = latest(from, m.Start)
	}
	j.Base = next.Exported
	j.windows(chunks(from, available, s.Window))
	j.windows(s.resweep(next, from, available))
	next.Exported = latest(next.Exported, available)
	j.Marks = next
}

// resweep lists the days that have come to one of the ages and are not exported by this run anyway, and notes in the marks
// which is next. A source that was not exported for a while gets all that it missed.
func (s Settings) resweep(m *Marks, from, available time.Time) []objref.Window {
	var all []objref.Window
	for _, age := range s.Resweeps {
		last := available.Add(-age).Truncate(day) // the day that is of that age now
		next, known := m.Resweeps[age.String()]
		if !known {
			next = latest(last, m.Start.Truncate(day))
		}
		for ; !next.After(last); next = next.Add(day) {
			w := objref.Window{From: latest(next, m.Start), To: earliest(next.Add(day), from)}
			if w.From.Before(w.To) {
				all = append(all, chunks(w.From, w.To, s.Window)...)
			}
		}
		if m.Resweeps == nil {
			m.Resweeps = map[string]time.Time{}
		}
		m.Resweeps[age.String()] = next
	}
	return all
}

// windows adds those that the run does not have yet: a day may have come to two ages at once.
func (j *Journal) windows(all []objref.Window) {
	for _, w := range all {
		if slices.ContainsFunc(j.Windows, func(o *Window) bool { return o.From.Equal(w.From) && o.To.Equal(w.To) }) {
			continue
		}
		if len(j.Windows) == 0 {
			j.Span = w
		}
		j.Span = objref.Window{From: earliest(j.Span.From, w.From), To: latest(j.Span.To, w.To)}
		j.Windows = append(j.Windows, &Window{Window: w})
	}
}

// chunks cuts a span into windows of at most size, the oldest first. An empty span has none.
func chunks(from, to time.Time, size time.Duration) []objref.Window {
	var all []objref.Window
	for from.Before(to) {
		end := earliest(from.Add(size), to)
		all = append(all, objref.Window{From: from, To: end})
		from = end
	}
	return all
}

// Smallest is the span below which a window is not split any more.
const Smallest = 10 * time.Minute

// halves cuts a window in two; false when it is too small for that.
func halves(w objref.Window) (a, b objref.Window, ok bool) {
	span := w.To.Sub(w.From)
	if span <= Smallest {
		return a, b, false
	}
	middle := w.From.Add(max(span/2, Smallest).Truncate(grain))
	return objref.Window{From: w.From, To: middle}, objref.Window{From: middle, To: w.To}, true
}
