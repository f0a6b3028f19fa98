package detect

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// Tally counts the bytes that decide whether a text can hold a finding at all. It is one quick pass, and whoever needs
// the counts as well makes it once. The tally of a text without some of its parts is its own less theirs.
type Tally struct {
	Digits int // ASCII digits
	Signs  int // '@', '=', and what an at sign or a letter may be written with: '%', the backslash, the first byte of '＠'
	Wide   int // bytes outside ASCII
	// Spoken says that a number or an address may be in it in words: "four one five …", "jo at example dot com".
	Spoken bool
}

// Plus is the tally of two texts together.
func (t Tally) Plus(u Tally) Tally {
	return Tally{t.Digits + u.Digits, t.Signs + u.Signs, t.Wide + u.Wide, t.Spoken || u.Spoken}
}

// Minus is t without u, which may leave words.
func (t Tally) Minus(u Tally) Tally {
	return Tally{t.Digits - u.Digits, t.Signs - u.Signs, t.Wide - u.Wide, t.Spoken}
}

// A lane holds the counts of one kind in up to lane bytes.
const (
	lane     = 1 << 10
	signLane = 10
	wideLane = 20
)

// laned is what each byte adds to the lanes.
var laned = func() (t [256]uint32) {
	for c := '0'; c <= '9'; c++ {
		t[c] = 1
	}
	for c := 0x80; c < len(t); c++ {
		t[c] = 1 << wideLane
	}
	for _, c := range []byte{'@', '=', '%', '\\', 0xEF} {
		t[c] += 1 << signLane
	}
	return t
}()

// Count makes the tally of text.
func Count(text []byte) (t Tally) {
	if len(text) <= minSpokenRun {
		t.add(lanes(text))
		t.Spoken = bytes.IndexByte(text, ' ') > 0 && mayBeSpoken(text)
		return t
	}
	if fast {
		return tallyFast(text)
	}
	t.Spoken = mayBeSpoken(text)
	for len(text) >= lane {
		t.add(lanes(text[:lane-8]))
		text = text[lane-8:]
	}
	t.add(lanes(text))
	return t
}

func (t *Tally) add(sum uint32) {
	t.Digits += int(sum % lane)
	t.Signs += int(sum >> signLane % lane)
	t.Wide += int(sum >> wideLane)
}

func lanes(text []byte) (sum uint32) {
	for len(text) >= 8 {
		t := text[:8]
		sum += laned[t[0]] + laned[t[1]] + laned[t[2]] + laned[t[3]] + laned[t[4]] + laned[t[5]] + laned[t[6]] + laned[t[7]]
		text = text[8:]
	}
	for _, c := range text {
		sum += laned[c]
	}
	return sum
}

// Possible reports whether a text of that tally can hold a finding of the set. Bytes outside ASCII count as digits here:
// some are.
func (s *Set) Possible(t Tally) bool {
	return s.signs && t.Signs > 0 || t.Digits+t.Wide >= s.fewest || s.digitless || t.Spoken && s.cues&spokenCue != 0
}

// NextDigit is the place of the first digit from i on in a text of ASCII, the length of the text when there is none.
func NextDigit(text []byte, i int) int {
	for ; i <= len(text)-8; i += 8 {
		// The digits become 0 to 9, and what is more is marked by the highest bit.
		x := (binary.LittleEndian.Uint64(text[i:i+8]) ^ '0'*everyByte) + (0x80-10)*everyByte
		if digits := ^x & (0x80 * everyByte); digits != 0 {
			return i + bits.TrailingZeros64(digits)/8
		}
	}
	for i < len(text) && !isDigit(text[i]) {
		i++
	}
	return i
}

const everyByte = 0x0101010101010101

// nextLead is the place of the first byte from i on at which the walk has to look closer, the length of the text when
// there is none.
func nextLead(text []byte, i int) int {
	for ; len(text)-i >= 8; i += 8 {
		t := text[i : i+8]
		at := uint(lead[t[0]]) | uint(lead[t[1]])<<1 | uint(lead[t[2]])<<2 | uint(lead[t[3]])<<3 |
			uint(lead[t[4]])<<4 | uint(lead[t[5]])<<5 | uint(lead[t[6]])<<6 | uint(lead[t[7]])<<7
		if at != 0 {
			return i + bits.TrailingZeros(at)
		}
	}
	for i < len(text) && lead[text[i]] == 0 {
		i++
	}
	return i
}
