package detect

import "unicode"

// isDecimal reports that groups a to b are the fraction of a decimal number, or
// the whole part of one with up to three places. ".0" is not a place: it is what
// spreadsheets and data frames make of a column of telephone numbers.
func isDecimal(sc *scan, a, b int) bool {
	gs := sc.groups
	if a > 0 && gs[a].lone(gapDot) {
		return true
	}
	if a < b || b+1 == len(gs) || !gs[b+1].lone(gapDot) {
		return false
	}
	n := gs[b+1].len()
	return n == 2 || n == 3 || n == 1 && sc.digits[gs[b+1].from] != 0
}

// currencyBeside reports money: a currency sign before, with at most a space
// between, or a currency or percent sign right behind.
func currencyBeside(text []byte, start, end int) bool {
	if end < len(text) {
		if r, _ := runeAt(text, end); r == '%' && gapWidth(text, end) == 0 || unicode.Is(unicode.Sc, r) {
			return true
		}
	}
	if k, w := gapBefore(text, start); w > 0 && k&(gapSpace|gapDash) != 0 {
		start -= w
	}
	if start == 0 {
		return false
	}
	i := start - 1
	for i > 0 && text[i]&0xC0 == 0x80 {
		i--
	}
	r, _ := runeAt(text, i)
	return unicode.Is(unicode.Sc, r)
}

func gapWidth(text []byte, i int) int {
	_, w := gapAt(text, i)
	return w
}

// maxCodeLetters is the most capitals an identifier's prefix has: "ORD", "TCKT".
const maxCodeLetters = 4

// codeBefore reports an identifier's first part and a hyphen right before group
// a: a few capitals ("QX-"), or four digits and more ("2024-").
func codeBefore(sc *scan, a int) bool {
	if a > 0 {
		return sc.groups[a].lone(gapDash) && sc.groups[a-1].len() > 3
	}
	text := sc.text
	k, w := gapBefore(text, sc.groups[a].start)
	if k != gapDash {
		return false
	}
	end := sc.groups[a].start - w
	i := end
	for i > 0 && isUpper(text[i-1]) && end-i <= maxCodeLetters {
		i--
	}
	n := end - i
	return n > 0 && n <= maxCodeLetters && (i == 0 || !isLetter(text[i-1])) && lookUp(text[i:end]) != cuePhone
}

// dotted reports that groups a to b have nothing but single dots between, like
// the parts of an address or a version.
func dotted(sc *scan, a, b int) bool {
	for i := a + 1; i <= b; i++ {
		if !sc.groups[i].lone(gapDot) {
			return false
		}
	}
	return true
}

// dateLike reports that the groups from a on begin with a date: year, month and
// day, or day or month first, or eight digits of them in one.
func dateLike(sc *scan, a int) bool {
	gs := sc.groups
	if gs[a].len() == 8 {
		v := sc.digits[gs[a].from:gs[a].to]
		return century(v[0], v[1]) && inMonth(v[4], v[5], v[6], v[7])
	}
	if a+2 >= len(gs) {
		return false
	}
	v := sc.digits[gs[a].from:gs[a+2].to]
	switch {
	case gs[a].len() == 4 && gs[a+1].len() == 2 && gs[a+2].len() == 2:
		return century(v[0], v[1]) && inMonth(v[4], v[5], v[6], v[7])
	case gs[a].len() == 2 && gs[a+1].len() == 2 && gs[a+2].len() == 4:
		return century(v[4], v[5]) && (inMonth(v[0], v[1], v[2], v[3]) || inMonth(v[2], v[3], v[0], v[1]))
	}
	return false
}

func century(a, b byte) bool { return a == 1 && b == 9 || a == 2 && b == 0 }

func inMonth(m1, m2, d1, d2 byte) bool {
	m, d := m1*10+m2, d1*10+d2
	return m >= 1 && m <= 12 && d >= 1 && d <= 31
}
