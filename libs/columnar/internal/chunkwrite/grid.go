package chunkwrite

import (
	"encoding/binary"
	"math/bits"
)

// grid says what is known of a page's bytes. The zero value says nothing.
type grid struct {
	// From a position on they are rows of equal length: texts of one length, one
	// after the other. 0 says nothing.
	from, stride int

	stored bool // not worth compressing
}

// Rows of other lengths, and fewer, are left to the general encoder.
const (
	gridLeast = 8
	gridMost  = 512
	gridRows  = 64

	// shortestMatch is the fewest bytes that all rows must have in common, at one
	// place, for leaving them out.
	shortestMatch = 4
)

func (g grid) usable(page []byte) bool {
	if g.stride < gridLeast || g.stride > gridMost {
		return false
	}
	n := len(page) - g.from
	return n%g.stride == 0 && n/g.stride >= gridRows
}

// common finds the longest run of places at which all rows are equal, going
// round from a row's end to its beginning: its first place and its length, which
// is 0 if shorter than shortestMatch.
func (g grid) common(page []byte) (at, length int) {
	const step = 8 // bytes compared at once
	page = page[g.from:]
	first := page[:g.stride]
	var differ [gridMost]byte
	for row := g.stride; row < len(page); row += g.stride {
		v := page[row : row+g.stride]
		for i := 0; ; i += step {
			i = min(i, g.stride-step)
			d := binary.LittleEndian.Uint64(differ[i:])
			d |= binary.LittleEndian.Uint64(v[i:]) ^ binary.LittleEndian.Uint64(first[i:])
			binary.LittleEndian.PutUint64(differ[i:], d)
			if i == g.stride-step {
				break
			}
		}
		if bits.OnesCount(uint(row/g.stride)) == 1 { // now and then
			if _, length = longestRun(differ[:g.stride]); length == 0 {
				return 0, 0
			}
		}
	}
	return longestRun(differ[:g.stride])
}

func longestRun(differ []byte) (at, length int) {
	run := 0
	for i := range 2 * len(differ) {
		if differ[i%len(differ)] != 0 {
			run = 0
			continue
		}
		if run++; run > length && run <= len(differ) {
			at, length = (i-run+1)%len(differ), run
		}
	}
	if length < shortestMatch {
		return 0, 0
	}
	return at, length
}
