package detect

import "github.com/nyaruka/phonenumbers/v2"

const (
	// maxTrunk is the digits a number may be written with beyond E.164: the
	// "(0)" in "+44 (0)20 7946 0958".
	maxTrunk = 1
	// maxParts bounds the groups of one number, so that a long list of small
	// numbers costs a bounded number of looks into the numbering plans.
	maxParts = 8
)

// international tries the digits from group a on, without the first skip, as
// country code and number: the longest valid window, else the longest that has
// a length the plan knows (the country's own reserved ranges are such), else,
// behind a plus sign, the longest with a country code at all.
func international(sc *scan, a, skip int) found {
	gs := sc.groups
	from := gs[a].from + skip
	possible := found{}
	last := a - 1
	for b := a; b < len(gs) && gs[b].to-from <= maxE164+maxTrunk; b++ {
		if b > a && gs[b].gap&gapPlus != 0 {
			break
		}
		last = b
	}
	last = min(last, a+2*maxParts)
	for b := last; b >= a && gs[b].to-from >= minPhone; b-- {
		if !phoneFree(sc, a, b) {
			continue
		}
		valid, maybe := dialable(sc, sc.digits[from:gs[b].to])
		if valid {
			return found{b, 0.95, "international"}
		}
		if maybe && !possible.ok() {
			possible = found{b, 0.75, "international-possible"}
		}
	}
	if possible.ok() || skip > 0 {
		return possible
	}
	// A plus sign and a country code in use: wrong by today's lengths, as old
	// Mexican mobile numbers are, but hardly anything else.
	for b := last; b >= a && gs[b].to-from >= minUnplanned; b-- {
		if gs[b].to-from <= maxE164 && countryCode(sc.digits[from:]) && phoneFree(sc, a, b) {
			return found{b, 0.6, "international-shape"}
		}
	}
	return found{}
}

// minUnplanned is the fewest digits a plus sign alone is believed for.
const minUnplanned = 10

// countryCode reports that d begins with a country code in use (ITU-T E.164).
func countryCode(d []byte) bool {
	n := 0
	codes := phonenumbers.GetSupportedCallingCodes()
	for _, v := range d[:3] {
		n = n*10 + int(v)
		if codes[n] {
			return true
		}
	}
	return false
}

// dialable judges country code and number. A North American number is valid by
// its shape.
func dialable(sc *scan, d []byte) (valid, possible bool) {
	if d[0] == 0 {
		return false, false
	}
	if d[0] == 1 {
		return len(d) == 1+nanpDigits && nanpShape(d[1:]), len(d) == 1+nanpDigits
	}
	if validAtOnce(d) {
		return true, true
	}
	return sc.parsed.judge(d, unknownRegion)
}

// validAtOnce reports a number of the main country of its code, with nothing in it that parsing would take out. It is what
// most are, and to parse costs many times as much.
func validAtOnce(d []byte) bool {
	code := 0
	for i, v := range d[:3] {
		code = code*10 + int(v)
		p, known := planOf(code)
		switch {
		case !known:
			continue
		case d[i+1] == 0:
			return false
		case p == nil:
			return validByLibrary(code, d[i+1:])
		}
		return p.valid(d[i+1:])
	}
	return false
}

// validByLibrary is plan.valid by libphonenumber, for a number that does not begin with 0.
func validByLibrary(code int, national []byte) bool {
	number := uint64(0)
	for _, v := range national {
		number = number*10 + uint64(v)
	}
	p := &phonenumbers.PhoneNumber{CountryCode: new(int32(code)), NationalNumber: &number}
	return phonenumbers.IsValidNumberForRegion(p, phonenumbers.GetRegionCodeForCountryCode(code))
}

// unknownRegion is libphonenumber's word for no region.
const unknownRegion = "ZZ"

func parse(d []byte, prefix, region string) *phonenumbers.PhoneNumber {
	var buf [maxE164 + maxTrunk + 2]byte
	b := append(buf[:0], prefix...)
	for _, v := range d {
		b = append(b, '0'+v)
	}
	p, err := phonenumbers.Parse(string(b), region)
	if err != nil {
		return nil
	}
	return p
}

// dialledOut tries the prefixes 00 and, in North America, 011. Numbers padded
// with zeros look the same, so the number must be valid and no word before it,
// nor digits and a hyphen, may say that it is something else.
func (d phoneDetector) dialledOut(sc *scan, a int) found {
	gs := sc.groups
	v := sc.digits[gs[a].from:]
	var skip int
	switch {
	case v[0] == 0 && v[1] == 0 && v[2] != 0:
		skip = 2
	case d.nanp && v[0] == 0 && v[1] == 1 && v[2] == 1 && v[3] != 0:
		skip = 3
	default:
		return found{}
	}
	if gs[a].len() < skip || len(v) < skip+minPhone+1 {
		return found{}
	}
	f := international(sc, a, skip)
	if !f.ok() || f.score < 0.9 || sc.groups[f.last].to-gs[a].from < skip+minPhone+1 {
		return found{}
	}
	if isDecimal(sc, a, f.last) || codeBefore(sc, a) || a > 0 && gs[a].lone(gapDash) || cueBefore(sc.text, gs[a].start, false) == cueRef {
		return found{}
	}
	f.reason = "international-prefix"
	return f
}

// national tries the region's own form outside North America, and anywhere a
// number with a leading zero after a word such as "call".
func (d phoneDetector) national(sc *scan, a int) found {
	gs := sc.groups
	zero := sc.digits[gs[a].from] == 0
	if zero && gs[a].len() == 1 && a+1 < len(gs) && gs[a+1].lone(gapDot) {
		return found{} // "0.123"
	}
	if d.nanp && !zero || a > 0 && (gs[a].lone(gapDot) || gs[a].lone(gapDash)) {
		return found{}
	}
	asked, said := false, cueNone
	context := func() cue {
		if !asked {
			asked, said = true, cueBefore(sc.text, gs[a].start, false)
		}
		return said
	}
	last := a
	for last+1 < len(gs) && last+1-a < maxParts && gs[last+1].to-gs[a].from <= maxE164 && gs[last+1].gap&gapPlus == 0 {
		last++
	}
	for b := last; b >= a; b-- {
		n := gs[b].to - gs[a].from
		if n < minPhone {
			break
		}
		if n > maxE164 || dateLike(sc, a) || isDecimal(sc, a, b) || b == a+3 && dotted(sc, a, b) || !phoneFree(sc, a, b) {
			continue
		}
		if d.nanp {
			if n >= 9 && context() == cuePhone {
				return found{b, 0.6, "national-context"}
			}
			continue
		}
		prefixed := d.trunk == "" || hasPrefix(sc.digits[gs[a].from:], d.trunk)
		if !prefixed && context() != cuePhone || a == b && context() == cueRef {
			continue
		}
		valid, possible := sc.parsed.judge(sc.digits[gs[a].from:gs[b].to], d.region)
		if valid {
			return found{b, 0.85, "national"}
		}
		if possible && context() == cuePhone {
			return found{b, 0.6, "national-context"}
		}
	}
	return found{}
}

func hasPrefix(d []byte, prefix string) bool {
	if len(d) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		if d[i] != prefix[i]-'0' {
			return false
		}
	}
	return true
}
