package masker

import (
	"slices"

	"github.com/maskrail/maskrail/libs/detect"
)

// passage is a part of the text to be taken out.
type passage struct {
	start, end int
	label      string
}

// sensitivity orders the labels, the most sensitive first.
var sensitivity = func() []string {
	var labels []string
	for _, c := range detect.BySensitivity() {
		labels = append(labels, classLabel(c))
	}
	return append(labels, redacted)
}()

// precedes orders the passages that claim a place: the longest comes first, then the leftmost, then the most sensitive.
func precedes(a, b passage) int {
	if a, b := a.end-a.start, b.end-b.start; a != b {
		return b - a
	}
	if a.start != b.start {
		return a.start - b.start
	}
	return slices.Index(sensitivity, a.label) - slices.Index(sensitivity, b.label)
}

// cut appends value with the passages replaced, and counts what was taken out. Passages that overlap are taken out
// together, and the label of the one that precedes the others stands for all.
func cut(dst, value []byte, found []passage) (_ []byte, out detect.Tally) {
	if len(found) > 1 {
		slices.SortFunc(found, func(a, b passage) int {
			if a.start != b.start {
				return a.start - b.start
			}
			return precedes(a, b)
		})
	}
	at := 0
	for i := 0; i < len(found); {
		first, end := found[i], found[i].end
		from := first.start
		for i++; i < len(found) && found[i].start < end; i++ {
			if precedes(found[i], first) < 0 {
				first = found[i]
			}
			end = max(end, found[i].end)
		}
		dst = append(dst, value[at:from]...)
		dst = append(dst, first.label...)
		out = out.Plus(detect.Count(value[from:end]))
		at = end
	}
	return append(dst, value[at:]...), out
}
