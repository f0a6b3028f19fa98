package evaluate

import (
	"cmp"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/maskrail/maskrail/libs/detect"
)

// MinOverlap is how much a finding and a label must have in common to be the same: the characters in both, of those in
// either (intersection over union).
const MinOverlap = 0.5

// Figures say how good the findings are. A figure with nothing to divide by is 0.
type Figures struct {
	Precision float64 `json:"precision"` // of the findings, the share that is labelled
	Recall    float64 `json:"recall"`    // of the labels, the share that is found
	// F2 is the mean of both in which recall weighs more: 5PR/(4P+R). A miss leaks, a false alarm costs a word.
	F2     float64 `json:"f2"`
	Found  int     `json:"found"`  // labels that were found
	False  int     `json:"false"`  // findings without a label
	Missed int     `json:"missed"` // labels without a finding
}

func (f *Figures) work() {
	share := func(of, rest int) float64 {
		if of+rest == 0 {
			return 0
		}
		return float64(of) / float64(of+rest)
	}
	f.Precision, f.Recall = share(f.Found, f.False), share(f.Found, f.Missed)
	if below := 4*f.Precision + f.Recall; below > 0 {
		f.F2 = 5 * f.Precision * f.Recall / below
	}
}

// Result is what an evaluation comes to.
type Result struct {
	Samples int `json:"samples"`
	Labels  int `json:"labels"`
	Figures     // over all classes, every finding and label alike
	// Classes are the figures by class, and by type for labels that have no class.
	Classes map[string]Figures `json:"classes"`
}

// Names are the classes of a result, sorted.
func (r Result) Names() []string { return slices.Sorted(maps.Keys(r.Classes)) }

// Run looks at every sample with the set and holds what it finds against the labels. It returns the result, and the
// samples with the findings as labels, in the data set's own words for them.
func Run(samples []Sample, set *detect.Set, m Mapping) (Result, []Sample) {
	names := m.named(samples)
	r := Result{Samples: len(samples), Classes: map[string]Figures{}}
	found := make([]Sample, len(samples))
	var spans []detect.Span
	for i, s := range samples {
		text := []byte(s.Text)
		spans = set.Find(spans[:0], text)
		found[i] = Sample{Text: s.Text, Labels: labels(text, spans, names)}
		r.Labels += len(s.Labels)
		r.compare(s.Labels, found[i].Labels, m)
	}
	for name, f := range r.Classes {
		r.Found, r.False, r.Missed = r.Found+f.Found, r.False+f.False, r.Missed+f.Missed
		f.work()
		r.Classes[name] = f
	}
	r.work()
	return r, found
}

// labels are findings as labels: in characters, and in the data set's words.
func labels(text []byte, spans []detect.Span, names map[detect.Class]string) []Label {
	out := make([]Label, 0, len(spans))
	at, characters := 0, 0
	for _, s := range spans {
		characters += utf8.RuneCount(text[at:s.Start])
		at = s.Start
		out = append(out, Label{
			Type: cmp.Or(names[s.Class], string(s.Class)), Value: string(text[s.Start:s.End]),
			Start: characters, End: characters + utf8.RuneCount(text[s.Start:s.End]),
		})
	}
	return out
}

// compare pairs labels with findings of the same class, those first that have most in common.
func (r *Result) compare(want, got []Label, m Mapping) {
	type pair struct {
		want, got int
		overlap   float64
	}
	var pairs []pair
	for w, a := range want {
		for g, b := range got {
			if o := overlap(a, b); o >= MinOverlap && m.of(a.Type) == m.of(b.Type) {
				pairs = append(pairs, pair{w, g, o})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(b.overlap, a.overlap) })
	paired, met := make([]bool, len(want)), make([]bool, len(got))
	for _, p := range pairs {
		if !paired[p.want] && !met[p.got] {
			paired[p.want], met[p.got] = true, true
		}
	}
	for i, l := range want {
		r.count(m.of(l.Type), func(f *Figures) {
			if paired[i] {
				f.Found++
			} else {
				f.Missed++
			}
		})
	}
	for i, l := range got {
		if !met[i] {
			r.count(m.of(l.Type), func(f *Figures) { f.False++ })
		}
	}
}

func (r *Result) count(class string, add func(*Figures)) {
	f := r.Classes[class]
	add(&f)
	r.Classes[class] = f
}

// overlap is the intersection of two labels over their union.
func overlap(a, b Label) float64 {
	both := min(a.End, b.End) - max(a.Start, b.Start)
	if both <= 0 {
		return 0
	}
	return float64(both) / float64(max(a.End, b.End)-min(a.Start, b.Start))
}
