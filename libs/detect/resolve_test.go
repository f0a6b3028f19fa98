package detect

import (
	"slices"
	"testing"
)

// FuzzResolve holds what becomes of overlapping findings against the rule as it is written: whatever overlaps, by way of
// others too, is one, with the class of the longest, of those the leftmost, of those the most sensitive, and the highest
// score.
func FuzzResolve(f *testing.F) {
	f.Add([]byte{0, 5, 0, 3, 9, 1, 2, 4, 2})
	f.Add([]byte{0, 4, 0, 0, 4, 1, 4, 4, 2, 2, 4, 3})
	f.Add([]byte{63, 2, 0, 64, 2, 1, 60, 70, 2})
	f.Fuzz(func(t *testing.T, data []byte) {
		var hits []Span
		for ; len(data) >= 3 && len(hits) < 40; data = data[3:] {
			start, length := int(data[0]), int(data[1])%90+1
			hits = append(hits, Span{Start: start, End: start + length, Class: registry[int(data[2])%len(registry)].class, Score: float64(data[2]%7+1) / 8})
		}
		sc := &scan{text: make([]byte, 400), hits: slices.Clone(hits)}
		got := sc.resolve(nil)
		if want := slowly(hits); !slices.Equal(got, want) {
			t.Errorf("of %v\nstay %v\nwant %v", hits, got, want)
		}
	})
}

// slowly is the rule, step by step: two that overlap become one until none do.
func slowly(hits []Span) []Span {
	type group struct{ all, best Span }
	var groups []group
	for _, h := range hits {
		next := group{h, h}
		for again := true; again; {
			again = false
			for i, g := range groups {
				if g.all.Start >= next.all.End || next.all.Start >= g.all.End {
					continue
				}
				longer, as := g.best.End-g.best.Start > next.best.End-next.best.Start, g.best.End-g.best.Start == next.best.End-next.best.Start
				first, same := g.best.Start < next.best.Start, g.best.Start == next.best.Start
				if longer || as && first || as && same && rank(g.best.Class) < rank(next.best.Class) {
					next.best = g.best
				}
				next.all.Start, next.all.End = min(next.all.Start, g.all.Start), max(next.all.End, g.all.End)
				next.all.Score = max(next.all.Score, g.all.Score)
				groups, again = slices.Delete(groups, i, i+1), true
				break
			}
		}
		groups = append(groups, next)
	}
	var out []Span
	for _, g := range groups {
		g.all.Class = g.best.Class
		out = append(out, g.all)
	}
	slices.SortFunc(out, func(a, b Span) int { return a.Start - b.Start })
	return out
}
