package masker

import (
	"bytes"
	"iter"
)

// longNeedle is from how many bytes on a comparison at each place of a text would cost too much.
const longNeedle = 64

// occurrences yields where needle begins in text, in order, also where two overlap. The time is that of reading both
// once, whatever they hold: a cell of ten megabytes of one digit must not keep a worker for a day.
func occurrences(text, needle []byte) iter.Seq[int] {
	return func(yield func(int) bool) {
		switch {
		case len(needle) == 0 || len(needle) > len(text):
		case len(needle) < longNeedle:
			for at := 0; ; {
				i := bytes.Index(text[at:], needle)
				if i < 0 || !yield(at+i) {
					return
				}
				at += i + 1
			}
		default:
			morrisPratt(text, needle, yield)
		}
	}
}

// morrisPratt is the algorithm of Morris and Pratt (1970).
func morrisPratt(text, needle []byte, yield func(int) bool) {
	// border is, for each length of a beginning of needle, how much of it is its end as well.
	border := make([]int32, len(needle)+1)
	border[0] = -1
	for i, k := 0, int32(-1); i < len(needle); {
		for k >= 0 && needle[i] != needle[k] {
			k = border[k]
		}
		i, k = i+1, k+1
		border[i] = k
	}
	k := int32(0)
	for i, c := range text {
		for k >= 0 && (int(k) == len(needle) || needle[k] != c) {
			k = border[k]
		}
		if k++; int(k) == len(needle) && !yield(i+1-len(needle)) {
			return
		}
	}
}

// join appends p to what one search has found since own, in order; what overlaps the last is made one with it.
func join(found []passage, own int, p passage) []passage {
	if n := len(found); n > own && p.start < found[n-1].end {
		found[n-1].end = max(found[n-1].end, p.end)
		return found
	}
	return append(found, p)
}
