package detect

import (
	"cmp"
	"slices"
)

// resolve appends to dst, in order of Start, one finding for all that overlap: it
// reaches as far as they do, so that no part of a value is left beside another,
// with the class and the reason of the longest, then of the leftmost, then of the
// most sensitive class, and the highest score.
func (sc *scan) resolve(dst []Span) []Span {
	if len(sc.hits) > 1 {
		slices.SortFunc(sc.hits, func(a, b Span) int { return cmp.Compare(a.Start, b.Start) })
	}
	for hits := sc.hits; len(hits) > 0; {
		best, all := hits[0], hits[0]
		n := 1
		for ; n < len(hits) && hits[n].Start < all.End; n++ {
			h := hits[n]
			if precedes(h, best) {
				best = h
			}
			all.End, all.Score = max(all.End, h.End), max(all.Score, h.Score)
		}
		all.Class, all.Reason = best.Class, best.Reason
		dst = append(dst, all)
		hits = hits[n:]
	}
	return dst
}

// precedes orders findings that overlap.
func precedes(a, b Span) bool {
	return cmp.Or(
		cmp.Compare(b.End-b.Start, a.End-a.Start),
		cmp.Compare(a.Start, b.Start),
		cmp.Compare(rank(a.Class), rank(b.Class)),
		cmp.Compare(b.Score, a.Score),
	) < 0
}
