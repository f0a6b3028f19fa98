package detect

import "github.com/nyaruka/phonenumbers/v2"

// parsed remembers what libphonenumber said of some numbers: to ask it takes microseconds, and a list of numbers has many
// that are tried again and again. It belongs to one scan, and a number takes the place of another.
type parsed [64]parsedNumber

type parsedNumber struct {
	digits          uint64 // four bits each
	length          uint8
	abroad          bool // digits are a country code and number
	valid, possible bool
}

// judge is what the library says of the digits: of a number in the region, or behind a plus sign where the region is
// unknownRegion.
func (known *parsed) judge(d []byte, region string) (valid, possible bool) {
	q := parsedNumber{length: uint8(len(d)), abroad: region == unknownRegion}
	if len(d) > maxE164+maxTrunk {
		return q.ask(d, region)
	}
	for _, v := range d {
		q.digits = q.digits<<4 | uint64(v)
	}
	p := &known[q.digits*0x9E3779B97F4A7C15>>58]
	if p.digits != q.digits || p.length != q.length || p.abroad != q.abroad {
		q.valid, q.possible = q.ask(d, region)
		*p = q
	}
	return p.valid, p.possible
}

func (q *parsedNumber) ask(d []byte, region string) (valid, possible bool) {
	prefix := ""
	if q.abroad {
		prefix = "+"
	}
	p := parse(d, prefix, region)
	if p == nil {
		return false, false
	}
	if q.abroad {
		valid = phonenumbers.IsValidNumber(p)
	} else {
		valid = phonenumbers.IsValidNumberForRegion(p, region)
	}
	return valid, phonenumbers.IsPossibleNumberWithReason(p) == phonenumbers.IS_POSSIBLE
}
