package detect

import (
	"strconv"
	"sync"

	"github.com/nyaruka/phonenumbers/v2"
)

// nanpDigits is the length of a number of the North American Numbering Plan:
// area code and exchange, both [2-9]xx, and four digits.
const nanpDigits = 10

// northAmerican tries the windows of ten digits, and of eleven that begin with 1.
func (d phoneDetector) northAmerican(sc *scan, a int) found {
	gs := sc.groups
	lead := 0
	if sc.digits[gs[a].from] == 1 {
		lead = 1
	}
	from := gs[a].from + lead
	if from+nanpDigits > len(sc.digits) || !nanpShape(sc.digits[from:from+nanpDigits]) {
		return found{}
	}
	for b := a; b < len(gs); b++ {
		if b > a && gs[b].gap&gapPlus != 0 && !gs[b].lone(gapPlus) {
			return found{}
		}
		n := gs[b].to - from
		if n > nanpDigits {
			return found{}
		}
		if n < nanpDigits {
			continue
		}
		if phoneFree(sc, a, b) {
			return d.judge(sc, a, b, lead)
		}
		return found{}
	}
	return found{}
}

func nanpShape(d []byte) bool { return d[0] >= 2 && d[3] >= 2 }

// judge decides whether groups a to b, of which the digits fit the plan, are
// divided and placed like a telephone number.
func (d phoneDetector) judge(sc *scan, a, b, lead int) found {
	gs := sc.groups
	if lead == 1 && gs[a].len() == 1 {
		// "1-415-555-0142": the rest decides, and the 1 belongs to it.
		if f := d.divided(sc, a+1, b, 0, true); f.ok() {
			f.last = b
			return f
		}
		return found{}
	}
	return d.divided(sc, a, b, lead, false)
}

// divided judges by the division. after says that a separate 1 stands before a.
func (d phoneDetector) divided(sc *scan, a, b, lead int, after bool) found {
	gs := sc.groups
	first := a
	if after {
		first = a - 1
	}
	switch {
	case a == b:
		return d.bare(sc, first, b)
	case b == a+2 && gs[a].len() == 3+lead && gs[a+1].len() == 3:
		return threeParts(sc, first, a, b)
	case b == a+1 && (gs[a].len() == 3+lead || gs[a].len() == 6+lead):
		return twoParts(sc, first, b)
	}
	if dateLike(sc, a) || dotted(sc, a, b) {
		return found{}
	}
	if ones(sc, first, b) && first == 0 && b == len(gs)-1 {
		return found{b, 0.6, "nanp-spelled"}
	}
	if cueBefore(sc.text, gs[first].start, false) == cuePhone {
		return found{b, 0.7, "nanp-context"}
	}
	return found{}
}

// bare judges ten digits in one group, perhaps with a 1 apart. Most long
// numbers without separators are something else's identity.
func (d phoneDetector) bare(sc *scan, a, b int) found {
	start := sc.groups[a].start
	phone := cueBefore(sc.text, start, false)
	switch {
	case isDecimal(sc, a, b), a < b && sc.groups[b].lone(gapDot), currencyBeside(sc.text, start, sc.groups[b].end):
		return found{}
	case phone == cuePhone:
		return found{b, 0.9, "nanp-context"}
	case phone == cueRef, !d.nanp, codeBefore(sc, a):
		return found{}
	}
	return found{b, 0.7, "nanp-bare"}
}

// threeParts judges 3-3-4. Only a list of numbers looks like it by chance.
func threeParts(sc *scan, first, a, b int) found {
	gs := sc.groups
	kinds := (gs[a+1].gap | gs[b].gap) &^ gapNothing
	ok := found{b, 0.9, "nanp"}
	switch kinds {
	case gapDot:
		if first > 0 && gs[first].lone(gapDot) || b+1 < len(gs) && gs[b+1].lone(gapDot) {
			return found{}
		}
		return ok
	case gapSpace:
		if !inList(sc, first, b) || assigned(sc.digits[gs[a].to-3:gs[a].to]) {
			return ok
		}
		if cueBefore(sc.text, gs[first].start, false) == cuePhone {
			return ok
		}
		return found{}
	}
	return ok
}

// twoParts judges 3-7 and 6-4. With a dot they are decimal numbers.
func twoParts(sc *scan, a, b int) found {
	gs := sc.groups
	switch kinds := gs[b].gap &^ gapNothing; {
	case kinds == gapDot && gs[b].seen == 1:
		return found{}
	case kinds == gapSpace && inList(sc, a, b):
		if cueBefore(sc.text, gs[a].start, false) != cuePhone {
			return found{}
		}
	}
	return found{b, 0.8, "nanp"}
}

// inList reports that more numbers stand before or after groups a to b, with
// nothing but space between.
func inList(sc *scan, a, b int) bool {
	gs := sc.groups
	return a > 0 && gs[a].only(gapSpace) || b+1 < len(gs) && gs[b+1].only(gapSpace)
}

// ones reports that groups a to b are single digits, as a transcript spells them.
func ones(sc *scan, a, b int) bool {
	for i := a; i <= b; i++ {
		if sc.groups[i].len() != 1 {
			return false
		}
	}
	return true
}

// assigned reports whether the area code is in service, or is the 555 that films
// and tests use.
func assigned(area []byte) bool {
	n := int(area[0])*100 + int(area[1])*10 + int(area[2])
	return n == 555 || areaCodes()[n]
}

// areaCodes asks libphonenumber once for each code, so that lists of numbers do
// not ask it at all.
var areaCodes = sync.OnceValue(func() *[1000]bool {
	var t [1000]bool
	for n := 200; n < 1000; n++ {
		p, err := phonenumbers.Parse("+1"+strconv.Itoa(n)+"2345678", "US")
		t[n] = err == nil && phonenumbers.IsValidNumber(p)
	}
	return &t
})

// localNumber tries seven digits, bare or 3-4, after a word such as "call".
func localNumber(sc *scan, a int) found {
	gs := sc.groups
	if sc.digits[gs[a].from] < 2 || a > 0 && (gs[a].lone(gapDash) || gs[a].lone(gapDot)) {
		return found{}
	}
	b := a
	switch {
	case gs[a].len() == 7:
	case gs[a].len() == 3 && a+1 < len(gs) && gs[a+1].len() == 4 && gs[a+1].seen == 1 && gs[a+1].only(gapDash|gapSpace|gapDot):
		b = a + 1
	default:
		return found{}
	}
	if b+1 < len(gs) && (gs[b+1].lone(gapDash) || gs[b+1].lone(gapDot)) || !phoneFree(sc, a, b) {
		return found{}
	}
	if cueBefore(sc.text, gs[a].start, b > a && !gs[b].lone(gapDot)) != cuePhone {
		return found{}
	}
	return found{b, 0.7, "local-context"}
}
