package detect

// ssnDetector finds US social security numbers, and individual taxpayer numbers
// (ITIN) which share their form: 3-2-4 digits with separators, or any nine
// digits after a word for them. Areas 000, 666 and 900 up, group 00 and serial
// 0000 were never issued (SSA POMS RM 10201); 9xx with the middle groups of IRS
// publication 1915 is an ITIN.
type ssnDetector struct{}

func newSSN(string) (detector, error) { return ssnDetector{}, nil }

const (
	ssnDigits = 9
	ssnGaps   = gapSpace | gapDash | gapDot | gapUnder
)

var ssnGlued = wordSet("ssn", "ss", "itin", "no", "number", "social", "is", "dob")

func (ssnDetector) look(sc *scan) {
	gs := sc.groups
	for a := range gs {
		b := ssnWindow(sc, a)
		if b < 0 {
			continue
		}
		start, end := gs[a].start, gs[b].end
		kind := ssnKind(sc.digits[gs[a].from:gs[b].to])
		if kind == "" || !leftFree(sc.text, start, b > a, ssnGlued) || !rightFree(sc.text, end, b > a, ssnGlued) {
			continue
		}
		switch {
		case b == a+2 && gs[a].len() == 3 && gs[a+1].len() == 2 && ssnStandsAlone(sc, a):
			sc.hit(start, end, 0.9, kind)
		case ssnBefore(sc.text, start) || ssnBehind(sc.text, end):
			if kind == "ssn" {
				kind = "ssn-context"
			}
			sc.hit(start, end, 0.85, kind)
		default:
			continue
		}
		if sc.done() {
			return
		}
	}
}

// ssnWindow is the last group of the nine digits that begin with group a, -1
// when no group ends there.
func ssnWindow(sc *scan, a int) int {
	gs := sc.groups
	for b := a; b < len(gs) && (b == a || gs[b].only(ssnGaps)); b++ {
		switch n := gs[b].to - gs[a].from; {
		case n == ssnDigits:
			return b
		case n > ssnDigits:
			return -1
		}
	}
	return -1
}

// ssnKind is "ssn" or "itin", or empty for nine digits that are neither.
func ssnKind(d []byte) string {
	area := int(d[0])*100 + int(d[1])*10 + int(d[2])
	mid := int(d[3])*10 + int(d[4])
	serial := int(d[5])*1000 + int(d[6])*100 + int(d[7])*10 + int(d[8])
	switch {
	case serial == 0 || area == 0 || area == 666:
		return ""
	case area >= 900:
		if mid >= 50 && mid <= 65 || mid >= 70 && mid <= 88 || mid >= 90 && mid <= 92 || mid >= 94 && mid <= 99 {
			return "itin"
		}
		return ""
	case mid == 0:
		return ""
	}
	return "ssn"
}

// ssnStandsAlone tells a number in three parts from a piece of something longer.
// With hyphens it is believed anywhere. Dots must not go on: versions and
// addresses do. Spaces must not go on either: lists of numbers do.
func ssnStandsAlone(sc *scan, a int) bool {
	gs := sc.groups
	kinds := (gs[a+1].gap | gs[a+2].gap) &^ gapNothing
	if kinds&(gapDash|gapUnder) != 0 {
		return true
	}
	before := a > 0 && gs[a].only(gapSpace|gapDot)
	after := a+3 < len(gs) && gs[a+3].only(gapSpace|gapDot)
	if kinds == gapDot {
		before = a > 0 && gs[a].lone(gapDot)
		after = a+3 < len(gs) && gs[a+3].lone(gapDot)
	}
	return !before && !after
}
