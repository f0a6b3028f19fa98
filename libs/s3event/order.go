package s3event

import (
	"cmp"
	"slices"
	"strings"
)

// unordered is for servers that give nothing to compare.
func unordered(notice) string { return "" }

func bySequencer(n notice) string { return n.sequencer }

// byEventID takes the time out of Ceph's "1707993263.922599.9a7fc1b14c3f14eb4262ee602a7f7fe6": seconds and microseconds,
// each padded with zeros.
func byEventID(n notice) string {
	seconds, rest, _ := strings.Cut(n.eventID, ".")
	micros, _, ok := strings.Cut(rest, ".")
	if !ok || len(micros) != 6 {
		return ""
	}
	return seconds + micros
}

// Newer reports whether e happened after o, as far as the server says: for two events of one key, by the greater
// sequencer; for any others it is false. Sequencers are compared as numbers, so the shorter one counts as if zeros were
// in front of it. Amazon's guide has also said behind it, and duplicates and late events are the rule with every server:
// let nothing hang on it that looking at the object itself would not mend.
func (e Event) Newer(o Event) bool {
	if e.Bucket != o.Bucket || e.Key != o.Key || e.Sequencer == "" || o.Sequencer == "" {
		return false
	}
	a, b := significant(e.Sequencer), significant(o.Sequencer)
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) > 0
}

// significant is the number without zeros in front, in one case.
func significant(number string) string { return strings.TrimLeft(strings.ToUpper(number), "0") }

// Latest leaves out each creation that another one of the same notification repeats or overtakes: whoever looks at the
// object sees what the last one left. Versions are objects of their own.
func Latest(events []Event) []Event {
	type object struct{ bucket, key, version string }
	at := make(map[object]int, len(events)) // the place of its creation
	latest := make([]Event, 0, len(events))
	for _, e := range events {
		o := object{e.Bucket, e.Key, e.Version}
		i, again := at[o]
		switch {
		case e.Kind != Created:
			latest = append(latest, e)
		case !again:
			at[o] = len(latest)
			latest = append(latest, e)
		case !latest[i].Newer(e):
			latest[i] = e
		}
	}
	return slices.Clip(latest)
}
