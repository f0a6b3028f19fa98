package follow

import (
	"time"

	"github.com/maskrail/maskrail/libs/objref"
)

// Stage is what happened in one stage: from the moment the first object could enter it to the moment the last one
// left it, waiting included.
type Stage struct {
	Stage   string  `json:"stage"`
	Objects int     `json:"objects"`
	Rows    int64   `json:"rows"`
	Seconds float64 `json:"seconds"`
}

// steps are the stages in their order, and where each begins and ends.
var steps = []struct {
	name     string
	from, to objref.Stage
}{
	{"export", "", objref.AtRaw},
	{"mask", objref.AtRaw, objref.AtMasked},
	{"validate", objref.AtMasked, objref.AtValidated},
	{"load", objref.AtValidated, objref.AtLoaded},
}

// Before is how many stages were over when the objects of a replay set out from the given one; 0 for "", a run that
// sets out from the bucket.
func Before(from objref.Stage) int {
	for i, step := range steps {
		if step.from == from {
			return i
		}
	}
	return 0
}

// Seconds rounds a duration to what is worth reading, milliseconds.
func Seconds(d time.Duration) float64 { return float64(d.Milliseconds()) / 1000 }

// Stages sums up the ways of objects that set out from a stage ("" is the bucket) at the given time. Stages that were
// over by then are there with nothing in them.
func Stages(put time.Time, from objref.Stage, objects []Object) []Stage {
	out := make([]Stage, 0, len(steps))
	for i, step := range steps {
		s := Stage{Stage: step.name}
		if i < Before(from) {
			out = append(out, s)
			continue
		}
		var first, last time.Time
		for _, o := range objects {
			to, ok := o.At[step.to]
			if !ok {
				continue
			}
			from := put
			if step.from != "" {
				if from, ok = o.At[step.from]; !ok {
					from = put
				}
			}
			s.Objects++
			s.Rows += o.Rows
			if first.IsZero() || from.Before(first) {
				first = from
			}
			if to.After(last) {
				last = to
			}
		}
		s.Seconds = max(0, Seconds(last.Sub(first)))
		out = append(out, s)
	}
	return out
}
