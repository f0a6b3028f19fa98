package validator

import (
	"bytes"

	"github.com/maskrail/maskrail/libs/sketch"
)

const (
	longestDialled  = 22 // a number with an exit code
	maxGap          = 3  // signs between two groups of digits that may be one number
	glued           = 9  // digits that are a number even with a letter at their side
	longestNational = 12 // digits of a number without its calling code, at most
)

// digitGroups are the groups of digits that may belong together, in order.
type digitGroups struct {
	digits []byte
	starts []int // of each group in digits
}

func (g *digitGroups) reset() { g.digits, g.starts = g.digits[:0], g.starts[:0] }

// numbers tries every group of digits, and those that stand next to each other with nothing but signs between them.
func (c *candidates) numbers(text []byte) {
	g := &c.groups
	g.reset()
	end := -1 // of the last group in text
	for i := 0; i < len(text); {
		if marksOf[text[i]]&hasDigit == 0 {
			i++
			continue
		}
		if n := dateAt(text, i); n > 0 {
			g.reset()
			i += n
			end = -1
			continue
		}
		from := i
		for i < len(text) && marksOf[text[i]]&hasDigit != 0 {
			i++
		}
		if end >= 0 && !joins(text[end:from]) {
			g.reset()
		}
		before, behind := from > 0 && marksOf[text[from-1]]&hasLetter != 0, i < len(text) && marksOf[text[i]]&hasLetter != 0
		if before || behind {
			if i-from >= glued {
				c.tryNumber(text[from:i])
			}
			g.reset()
			end = -1
			continue
		}
		end = i
		if i-from == 1 && text[from] == '0' && from > 0 && text[from-1] == '(' { // +44 (0)20: dialled inside the country alone
			continue
		}
		g.starts = append(g.starts, len(g.digits))
		g.digits = append(g.digits, text[from:i]...)
		for at := len(g.starts) - 1; at >= 0; at-- {
			whole := g.digits[g.starts[at]:]
			if len(whole) > longestDialled {
				break
			}
			c.tryNumber(whole)
		}
	}
}

// joins reports that what stands between two groups may stand in a number.
func joins(gap []byte) bool {
	return len(gap) <= maxGap && bytes.IndexFunc(gap, func(r rune) bool {
		return r == ':' || r == ';' || r == '\n' || r == '|' || r == '=' || r > ' ' && r < 0x80 && marksOf[byte(r)]&alnum != 0
	}) < 0
}

// tryNumber tries digits as a number: as they are, with the calling code of the policy's region in front, and without what
// is dialled to reach another country.
func (c *candidates) tryNumber(digits []byte) {
	if len(digits) < sketch.MinLength {
		return
	}
	abroad := bytes.HasPrefix(digits, []byte("011"))
	rest := bytes.TrimLeft(digits, "0")
	c.digits(rest)
	if len(c.home) > 0 && len(rest) <= longestNational {
		if kind, ok := sketch.Number(len(rest) + len(c.home)); ok && c.kinds[kind] {
			c.form = append(append(c.form[:0], c.home...), rest...)
			c.digits(c.form)
		}
	}
	if abroad {
		c.digits(bytes.TrimLeft(digits[3:], "0"))
	}
}

func (c *candidates) digits(digits []byte) {
	if kind, ok := sketch.Number(len(digits)); ok {
		c.tryForm(kind, digits)
	}
}

// dateAt is the length of a date at a place in text, 0 for none: of digits in groups of four, two and two, in that order
// or the reverse, that make a day of the years 1900 to 2099.
func dateAt(text []byte, at int) int {
	if len(text) < at+10 || at > 0 && marksOf[text[at-1]]&alnum != 0 || len(text) > at+10 && marksOf[text[at+10]]&hasDigit != 0 {
		return 0
	}
	t := text[at : at+10]
	two := func(i int) int {
		if marksOf[t[i]]&marksOf[t[i+1]]&hasDigit == 0 {
			return -1
		}
		return int(t[i]-'0')*10 + int(t[i+1]-'0')
	}
	sign := func(b byte) bool { return b == '-' || b == '/' || b == '.' }
	century := func(n int) bool { return n == 19 || n == 20 }
	day := func(a, b int) bool { return a >= 1 && b >= 1 && min(a, b) <= 12 && max(a, b) <= 31 }
	switch {
	case sign(t[4]) && t[7] == t[4] && century(two(0)) && two(2) >= 0 && day(two(5), two(8)):
		return 10
	case sign(t[2]) && t[5] == t[2] && century(two(6)) && two(8) >= 0 && day(two(0), two(3)):
		return 10
	}
	return 0
}
