package masker

import (
	"bytes"
	"slices"
)

// needle is a value that is looked for, folded and without spaces around it.
type needle struct {
	bytes  []byte
	kinds  byteKind // of all bytes
	folded folded
	room   []byte
}

// byteKind tells what a byte of a text means for the search.
type byteKind uint8

const (
	spaceByte byteKind = 1 << iota // of white space or a hyphen, as which several bytes fold to one
	nulByte                        // or the byte it is folded to
	wideByte                       // no ASCII
)

var kindOf = func() (t [256]byteKind) {
	for c := range t {
		switch foldedASCII[c] {
		case 0:
			t[c] = wideByte
		case ' ':
			t[c] = spaceByte
		case 1:
			t[c] = nulByte
		}
	}
	return t
}()

// isPlain reports a value that can be looked for in ASCII as it stands.
func isPlain(own []byte) bool {
	var kinds byteKind
	for _, c := range own {
		kinds |= kindOf[c]
	}
	return kinds == 0 && len(own) >= minMention && len(own) < longNeedle
}

func (n *needle) fold(own []byte) {
	n.room = slices.Grow(n.room[:0], len(own))[:len(own)]
	n.kinds = 0
	at, last := 0, byte(' ') // spaces in front are left out
	for _, c := range own {
		n.kinds |= kindOf[c]
		c = foldedASCII[c]
		if c == ' ' && last == ' ' {
			continue
		}
		n.room[at], last = c, c
		at++
	}
	if n.kinds&wideByte == 0 {
		if at > 0 && last == ' ' {
			at--
		}
		n.bytes = n.room[:at]
		return
	}
	n.folded.fold(own)
	n.bytes, n.kinds = bytes.Trim(n.folded.bytes, " "), 0
	for _, c := range n.bytes {
		n.kinds |= kindOf[c]
	}
}

// longestPart is the longest part of a needle without spaces, and without what several bytes are folded to.
func longestPart(needle []byte) (longest []byte) {
	for from := 0; from < len(needle); {
		to := from
		for to < len(needle) && kindOf[needle[to]]&(spaceByte|nulByte) == 0 {
			to++
		}
		if to-from > len(longest) {
			longest = needle[from:to]
		}
		from = to + 1
	}
	return longest
}
