package detect

import (
	"slices"
	"testing"
)

// FuzzResolve holds the choice among overlapping findings against the rule as it is written: again and again the longest
// is taken, of those the leftmost, of those the most sensitive class; and what overlaps it is gone.
func FuzzResolve(f *testing.F) {
	f.Add([]byte{0, 5, 0, 3, 9, 1, 2, 4, 2})
	f.Add([]byte{0, 4, 0, 0, 4, 1, 4, 4, 2, 2, 4, 3})
	f.Add([]byte{63, 2, 0, 64, 2, 1, 60, 70, 2})
	f.Fuzz(func(t *testing.T, data []byte) {
		var hits []Span
		for ; len(data) >= 3 && len(hits) < 40; data = data[3:] {
			start, length := int(data[0]), int(data[1])%90+1
			hits = append(hits, Span{Start: start, End: start + length, Class: registry[int(data[2])%len(registry)].class})
		}
		sc := &scan{text: make([]byte, 400), hits: slices.Clone(hits)}
		got := sc.resolve(nil)
		if want := slowly(hits); !slices.Equal(got, want) {
			t.Errorf("of %v\nstay %v\nwant %v", hits, got, want)
		}
	})
}

// slowly is the rule, step by step.
func slowly(hits []Span) []Span {
	var out []Span
	left := slices.Clone(hits)
	for len(left) > 0 {
		best := left[0]
		for _, h := range left {
			longer, as := h.End-h.Start > best.End-best.Start, h.End-h.Start == best.End-best.Start
			if longer || as && h.Start < best.Start || as && h.Start == best.Start && rank(h.Class) < rank(best.Class) {
				best = h
			}
		}
		out = append(out, best)
		left = slices.DeleteFunc(left, func(h Span) bool { return h.Start < best.End && best.Start < h.End })
	}
	slices.SortFunc(out, func(a, b Span) int { return a.Start - b.Start })
	return out
}
