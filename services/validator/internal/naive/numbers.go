package naive

import "bytes"

// group is a run of digits with what stands before it.
type group struct {
	from, to int
	gap      int  // separators before it, -1 for something else or the begin
	sep      byte // the first of them
	loose    bool // a letter touches it
	plus     bool // a plus sign stands before it
}

func (g group) len() int { return g.to - g.from }

// most separators between two groups of one number.
const mostBetween = 3

// numbers asks about everything that is written in digits.
func numbers(text []byte) (found Set) {
	var groups [64]group
	n := 0
	end := 0 // of the last group
	for i := 0; i < len(text); {
		if begins(text, i) {
			if to := harmless(text[i:]); to > 0 {
				found |= chain(text, groups[:n])
				n, i, end = 0, i+to, i+to
				continue
			}
		}
		if !isDigit(text[i]) {
			i++
			continue
		}
		from := i
		for i < len(text) && isDigit(text[i]) {
			i++
		}
		g := group{from: from, to: i, gap: -1, loose: touches(text, from, i), plus: from > 0 && text[from-1] == '+'}
		if between := text[end:from]; n > 0 && len(between) <= mostBetween && separates(between) {
			g.gap, g.sep = len(between), between[0]
		}
		if g.gap < 0 || n == len(groups) {
			found |= chain(text, groups[:n])
			n = 0
		}
		groups[n] = g
		n++
		end = i
	}
	found |= chain(text, groups[:n])
	return found | words(text)
}

// separates reports signs that people put between the groups of a number.
func separates(b []byte) bool {
	for _, c := range b {
		if bytes.IndexByte([]byte(" -.()/+\t_"), c) < 0 {
			return false
		}
	}
	return true
}

// touches reports that a letter stands at the digits, as in ids and hex.
func touches(text []byte, from, to int) bool {
	return from > 0 && isLetter(text[from-1]) || to < len(text) && isLetter(text[to])
}

// chain asks about every window of groups. Only whole groups make a number: the middle of a longer one is none.
func chain(text []byte, groups []group) (found Set) {
	var digits [32]byte
	for i := range groups {
		if groups[i].loose {
			continue
		}
		n := 0
		for j := i; j < len(groups); j++ {
			g := groups[j]
			if g.loose || n+g.len() > 19 {
				break
			}
			n += copy(digits[n:], text[g.from:g.to])
			window := number(digits[:n], groups[i:j+1])
			if cutOut(groups, i, j) {
				window &^= Card
			}
			found |= window
		}
	}
	return found
}

// cutOut reports groups with hyphens between them that are the middle or an end of a longer number with hyphens, such as
// 114-4389575-9523790. One that begins with four digits may be a card with something behind or before it.
func cutOut(groups []group, from, to int) bool {
	hyphen := func(i int) bool { return i < len(groups) && groups[i].gap == 1 && groups[i].sep == '-' }
	return to > from && hyphen(to) && groups[from].len() != 4 && (from > 0 && hyphen(from) || hyphen(to+1))
}

// number asks about one window: its digits, and how they are grouped.
func number(d []byte, groups []group) (found Set) {
	first, several := groups[0], len(groups) > 1
	alike := true // the same signs between all groups
	for _, g := range groups[1:] {
		alike = alike && g.gap == groups[1].gap && g.sep == groups[1].sep
	}
	if issued(d) && (alike || len(groups) <= 2) && checks(d) {
		found |= Card
	}
	switch {
	case len(groups) == 3 && len(d) == 9 && first.len() == 3 && groups[1].len() == 2 && alike && (groups[1].sep == '-' || groups[1].sep == ' ' || groups[1].sep == '.'):
		if !bytes.HasPrefix(d, []byte("000")) && !bytes.HasPrefix(d, []byte("666")) { // nobody's
			found |= SSN
		}
	case first.plus && len(d) >= 8 && len(d) <= 15 && !bytes.HasPrefix(d, []byte("999")):
		found |= Phone
	case several && phoneGroups(groups) && len(d) >= 10 && len(d) <= 13:
		found |= Phone
	}
	if len(groups) == 4 && len(d) >= 8 && alike && groups[1].gap == 1 && groups[1].sep == '.' && octets(d, groups) {
		found |= IP
	}
	return found
}

// phoneGroups wants the last ten digits as three, three and four, with a country code before them or none.
func phoneGroups(g []group) bool {
	n := len(g)
	if n < 3 || n > 4 || g[n-1].len() != 4 || g[n-2].len() != 3 || g[n-3].len() != 3 {
		return false
	}
	return n == 3 || g[0].len() <= 3
}

// issued reports a length and first digits that cards of persons have. Of other numbers every tenth has a right check digit.
func issued(d []byte) bool {
	switch len(d) {
	case 13:
		return d[0] == '4'
	case 14, 15:
		return d[0] == '3' && d[1] != '1' && d[1] != '2'
	case 16:
		return d[0] >= '3' && d[0] <= '6' || d[0] == '2' && d[1] >= '2' && d[1] <= '7'
	case 17, 18, 19:
		return d[0] >= '3' && d[0] <= '6' || d[0] == '2' && d[1] == '2'
	}
	return false
}

// checks is the check digit of ISO/IEC 7812-1, annex B, from the front.
func checks(d []byte) bool {
	sum := 0
	for i, c := range d {
		v := int(c - '0')
		if (len(d)-i)%2 == 0 {
			v *= 2
		}
		sum += v/10 + v%10
	}
	return sum%10 == 0
}

// octets reports an IP address of the public.
func octets(d []byte, groups []group) bool {
	at := 0
	for _, g := range groups {
		v := 0
		if g.len() > 3 {
			return false
		}
		for range g.len() {
			v = v*10 + int(d[at]-'0')
			at++
		}
		if v > 255 {
			return false
		}
	}
	return true
}

// begins reports that a word of hex begins at i.
func begins(text []byte, i int) bool {
	return isHex(text[i]) && (i == 0 || !isLetter(text[i-1]) && !isDigit(text[i-1]))
}

func isHex(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// harmless is how long something is that a text begins with and that masked data is full of: a UUID, a date, a time. It is
// 0 for anything else.
func harmless(text []byte) int {
	for _, shape := range shapes {
		n := len(shape)
		if n > len(text) || !fits(text[:n], shape) {
			continue
		}
		if n == len(text) || shape[n-1] == 'T' || !isDigit(text[n]) && !isLetter(text[n]) {
			return n
		}
	}
	return 0
}

// shapes of what is silent: 0 is a digit, x one of hex.
var shapes = []string{
	"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
	"0000-00-00T",
	"0000-00-00",
	"00/00/0000",
	"00.00.0000",
	"00:00:00",
	"00:00",
}

func fits(b []byte, shape string) bool {
	for i := range b {
		switch c, want := b[i], shape[i]; {
		case want == '0' && isDigit(c), want == 'x' && isHex(c), want == c && want != '0':
		default:
			return false
		}
	}
	return true
}
