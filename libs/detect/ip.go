package detect

import "bytes"

// ipv4Detector finds addresses of machines, 203.0.113.7 (RFC 791). Versions of
// software look the same, so a word for one before it, or the product token of a
// browser ("Chrome/120.0.0.0"), decides against it, and small numbers alone are
// not sure.
type ipv4Detector struct{}

var (
	ipWords      = wordSet("ip", "ips", "ipv", "address", "addr", "host", "server", "client", "from", "src", "source", "dst", "peer", "gateway", "login", "logged", "remote")
	versionWords = wordSet("version", "versions", "ver", "v", "firmware", "fw", "release", "rel", "build", "rev", "revision", "sdk", "driver", "patch",
		"update", "updated", "upgrade", "upgraded", "software", "app", "bios", "kernel", "os", "ios", "android", "windows", "macos", "installed", "plugin", "api", "section", "chapter", "schema")
)

const maxOctet = 255

func (ipv4Detector) look(sc *scan) {
	gs := sc.groups
	for a := 0; a+3 < len(gs); a++ {
		if !dotted(sc, a, a+3) || a > 0 && gs[a].lone(gapDot) || a+4 < len(gs) && gs[a+4].lone(gapDot) {
			continue
		}
		f := octets(sc, a)
		start, end := gs[a].start, gs[a+3].end
		if !f.ok() || end-start != sc.digitsBetween(a)+3 || !wordStart(sc.text, start) || end < len(sc.text) && isAlnum(sc.text[end]) {
			continue
		}
		score := f.score
		switch versionBefore(sc.text, start) {
		case cueRef:
			continue
		case cuePhone: // a word for an address
			score = 0.95
		}
		sc.hit(start, end, score, f.reason)
		if sc.done() {
			return
		}
		a += 3
	}
}

// digitsBetween is how many digits the four groups from a on have.
func (sc *scan) digitsBetween(a int) int { return sc.groups[a+3].to - sc.groups[a].from }

// octets judges the four numbers from group a on. Networks and masks are nobody's.
func octets(sc *scan, a int) found {
	var v [4]int
	high := 0
	for i := range v {
		g := sc.groups[a+i]
		if g.len() > 3 || g.len() > 1 && sc.digits[g.from] == 0 {
			return found{}
		}
		for _, d := range sc.digits[g.from:g.to] {
			v[i] = v[i]*10 + int(d)
		}
		if v[i] > maxOctet {
			return found{}
		}
		if v[i] >= 100 {
			high++
		}
	}
	switch {
	case v[0] == 0, v[0] == maxOctet, v[1]+v[2]+v[3] == 0, v[2]+v[3] == 0 && v[0] < 128:
		return found{}
	case high >= 2, high == 1 && v[0] >= 20:
		return found{score: 0.9, reason: "ipv4"}
	}
	return found{score: 0.6, reason: "ipv4-small"}
}

// versionBefore is cueRef where the words before pos say that a version stands
// there, cuePhone where they say an address, cueNone otherwise.
func versionBefore(text []byte, pos int) cue {
	if pos > 1 && text[pos-1] == '/' && isAlnum(text[pos-2]) {
		return cueRef // a product token (RFC 9110)
	}
	b := wordsBefore(text, pos)
	for range 3 {
		w := b.next()
		switch {
		case w == nil || b.crossed || b.dot:
			return cueNone
		case versionWords.has(w):
			return cueRef
		case ipWords.has(w):
			return cuePhone
		}
	}
	return cueNone
}

// ipv6Detector finds addresses of RFC 4291: eight groups of hex with colons
// between, of which one run of zeros may be left out. The loopback and what has
// too few digits to be told from other things are none.
type ipv6Detector struct{}

const (
	maxIPv6   = 45
	minGroups = 3
)

func (ipv6Detector) look(sc *scan) {
	text := sc.text
	if text[sc.at] != ':' {
		return
	}
	start, end, ok := colonRun(text, sc.at, maxIPv6)
	if !ok {
		return
	}
	groups, digits, gaps, size := 0, 0, 0, 0
	for i := start; i <= end; i++ {
		if i < end && text[i] != ':' {
			size++
			if isDigit(text[i]) {
				digits++
			}
			continue
		}
		if size > 4 {
			return
		}
		if size > 0 {
			groups++
		}
		if i < end && i > start && text[i-1] == ':' {
			gaps++
		}
		size = 0
	}
	whole := groups == 8 && gaps == 0
	short := gaps == 1 && groups < 8 && (groups >= minGroups || groups == 2 && firstGroup(text[start:end]) == 4)
	if !whole && !short || digits < 2 || gaps == 0 && (text[start] == ':' || text[end-1] == ':') {
		return
	}
	if isPairs(text[start:end], ':') {
		return // a hardware address of 64 bit
	}
	sc.hit(start, end, 0.95, "ipv6")
}

// firstGroup is the length of the hex digits before the first colon.
func firstGroup(w []byte) int { return bytes.IndexByte(w, ':') }

// colonRun is the run of hex digits and colons around the colon at i, which must be
// its first.
func colonRun(text []byte, i, most int) (start, end int, ok bool) {
	start, end = i, i
	for start > 0 && isHex(text[start-1]) && i-start <= 4 {
		start--
	}
	if i-start > 4 || !wordStart(text, start) || start > 0 && text[start-1] == ':' {
		return 0, 0, false
	}
	for end < len(text) && end-start <= most && (isHex(text[end]) || text[end] == ':') {
		end++
	}
	if end > start && end > i+2 && text[end-1] == ':' && text[end-2] != ':' {
		end--
	}
	if end < len(text) && isAlnum(text[end]) || end-start > most {
		return 0, 0, false
	}
	return start, end, true
}
