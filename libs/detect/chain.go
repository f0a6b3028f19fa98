package detect

// group is an unbroken run of digits, zero-width runes apart.
type group struct {
	start, end int // bytes of the text
	from, to   int // digits of the chain
	// gap and seen describe the separators before the group: their kinds, and
	// how many of them can be seen. Both are 0 for the chain's first group.
	gap  gap
	seen int
	plus bool // a plus sign stands right before it
}

func (g group) len() int { return g.to - g.from }

// lone reports that exactly one visible separator, of kind k, precedes the group.
func (g group) lone(k gap) bool { return g.seen == 1 && g.gap&^gapNothing == k }

// only reports that every separator before the group is of the kinds k.
func (g group) only(k gap) bool { return g.gap&^(k|gapNothing) == 0 }

const (
	// maxGap is the most visible separators between two groups of one number:
	// ") - " has four.
	maxGap = 4
	// maxUnseen bounds the zero-width runes in one gap.
	maxUnseen = 8
	// tokenDigits is the shortest phone token of the masker: 999 and 12 digits.
	tokenDigits = 15
)

// readChain reads the digit chain that begins with the digit at i into
// sc.groups and sc.digits and returns where the walk goes on. UUIDs, phone
// tokens and times of day end a chain and are no part of it.
func (sc *scan) readChain(i int) int {
	sc.noChain()
	g := group{start: i, plus: plusBefore(sc.text, i)}
	for {
		next := sc.readGroup(&g)
		if next > 0 {
			return next
		}
		sc.groups = append(sc.groups, g)
		var ok bool
		if g, ok = sc.readGap(g.end); !ok {
			return g.start
		}
	}
}

// readGroup reads the digits at g.start. A result above 0 says that they belong
// to a UUID, token or time that ends there, and are dropped.
func (sc *scan) readGroup(g *group) int {
	text := sc.text
	g.from = len(sc.digits)
	i := g.start
	for i < len(text) {
		c := text[i]
		if isDigit(c) {
			sc.digits = append(sc.digits, c-'0')
			i++
			g.end = i
			continue
		}
		if k := byteGap[c]; k != unclear && k != gapNothing {
			break
		}
		r, w := runeAt(text, i)
		if v := digitValue(r); v >= 0 {
			sc.digits = append(sc.digits, byte(v))
			i += w
			g.end = i
			continue
		}
		// A rune that cannot be seen may stand inside the group.
		k, kw := gapAt(text, i)
		if k != gapNothing || i-g.end > 4*maxUnseen {
			break
		}
		i += kw
	}
	g.to = len(sc.digits)
	if end := uuidAround(text, g.start, g.end); end > 0 {
		sc.digits = sc.digits[:g.from]
		return end
	}
	d := sc.digits[g.from:]
	if len(d) <= 2 && clockPart(text, g.start, g.end) {
		sc.digits = sc.digits[:g.from]
		return g.end
	}
	if g.plus && len(d) >= tokenDigits && d[0] == 9 && d[1] == 9 && d[2] == 9 {
		sc.digits = sc.digits[:g.from]
		return g.end
	}
	return 0
}

// readGap reads the separators at i. It returns the group behind them, not yet
// read, or where the chain ended when no group follows closely enough.
func (sc *scan) readGap(i int) (group, bool) {
	g := group{start: i}
	unseen := 0
	for {
		k, w := gapAt(sc.text, g.start)
		if w == 0 {
			break
		}
		g.gap |= k
		if k == gapNothing {
			unseen++
		} else {
			g.seen++
			g.plus = k == gapPlus || g.plus && k&(gapSpace|gapParen) != 0
		}
		if g.seen > maxGap || unseen > maxUnseen {
			return group{start: i}, false
		}
		g.start += w
	}
	if g.start == i || g.start >= len(sc.text) {
		return group{start: i}, false
	}
	if isDigit(sc.text[g.start]) {
		return g, true
	}
	if r, _ := runeAt(sc.text, g.start); digitValue(r) < 0 {
		return group{start: i}, false
	}
	return g, true
}

// plusBefore reports a plus sign before the digit at i, with at most a bracket
// and a space between.
func plusBefore(text []byte, i int) bool {
	for range 3 {
		k, w := gapBefore(text, i)
		switch {
		case w == 0:
			return false
		case k == gapPlus:
			return true
		case k&(gapSpace|gapParen|gapNothing) == 0:
			return false
		}
		i -= w
	}
	return false
}

// clockPart reports that a colon and a digit stand beside [start,end): "13:04".
func clockPart(text []byte, start, end int) bool {
	return start >= 2 && text[start-1] == ':' && isDigit(text[start-2]) ||
		end+1 < len(text) && text[end] == ':' && isDigit(text[end+1])
}

// uuidSize is the length of a UUID's text form (RFC 9562): 8-4-4-4-12.
const uuidSize = 36

// uuidAround returns the end of the UUID the digits [start,end) lie in, 0 when
// there is none. The length of the run of hex they are in says where the UUID
// must begin; most digits have none of these lengths.
func uuidAround(text []byte, start, end int) int {
	p, q := start, end
	for p > 0 && start-p < 12 && isHex(text[p-1]) {
		p--
	}
	for q < len(text) && q-p <= 12 && isHex(text[q]) {
		q++
	}
	switch q - p {
	case 8:
		return uuidAt(text, p)
	case 12:
		return uuidAt(text, p-24)
	case 4:
		return max(uuidAt(text, p-9), uuidAt(text, p-14), uuidAt(text, p-19))
	}
	return 0
}

// uuidAt returns the end of the UUID that begins at p and stands alone, or 0.
func uuidAt(text []byte, p int) int {
	end := p + uuidSize
	if p < 0 || end > len(text) || text[p+8] != '-' || text[p+13] != '-' || text[p+18] != '-' || text[p+23] != '-' {
		return 0
	}
	if p > 0 && isAlnum(text[p-1]) || end < len(text) && isAlnum(text[end]) || !isUUID(text[p:end]) {
		return 0
	}
	return end
}

func isUUID(b []byte) bool {
	for i, c := range b {
		switch i {
		case 8, 13, 18, 23:
		default:
			if !isHex(c) {
				return false
			}
		}
	}
	return true
}
