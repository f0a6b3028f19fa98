package detect

import (
	"cmp"
	"slices"
)

// resolve appends the findings that stay to dst in order of Start: the longest
// of those that overlap, then the leftmost, then the most sensitive class.
func (sc *scan) resolve(dst []Span) []Span {
	if len(sc.hits) < 2 {
		return append(dst, sc.hits...)
	}
	slices.SortFunc(sc.hits, func(a, b Span) int {
		return cmp.Or(
			cmp.Compare(b.End-b.Start, a.End-a.Start),
			cmp.Compare(a.Start, b.Start),
			cmp.Compare(rank(a.Class), rank(b.Class)),
			cmp.Compare(b.Score, a.Score),
		)
	})
	size := (len(sc.text) + 63) / 64
	if cap(sc.covered) < size {
		sc.covered = make([]uint64, size)
	}
	sc.covered = sc.covered[:size]
	clear(sc.covered)
	first := len(dst)
	for _, h := range sc.hits {
		// What stays is at least as long as h, so it overlaps h only if it
		// covers one of h's ends.
		if sc.isCovered(h.Start) || sc.isCovered(h.End-1) {
			continue
		}
		for i := h.Start; i < h.End; i++ {
			sc.covered[i/64] |= 1 << (i % 64)
		}
		dst = append(dst, h)
	}
	slices.SortFunc(dst[first:], func(a, b Span) int { return cmp.Compare(a.Start, b.Start) })
	return dst
}

func (sc *scan) isCovered(i int) bool { return sc.covered[i/64]&(1<<(i%64)) != 0 }
