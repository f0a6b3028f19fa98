// Package dialplan reads telephone numbers that are written in the common layouts, in a hundredth of the time that
// libphonenumber needs for them. It knows no numbers: what it needs of the countries' plans it takes from that library's
// metadata, and where a step of the library's could change a number in a way that is not followed here, it reads
// nothing. Tests hold it to the library for every calling code and region.
package dialplan

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"sync"

	"github.com/nyaruka/phonenumbers/v2/metadata"
)

// Limits of what is read.
const (
	maxText   = 40 // bytes
	maxDigits = 17 // with a code and a prefix
	maxCode   = 3  // digits of a calling code
)

// Region is where numbers without a calling code are from. It is not changed by use and safe for concurrent use.
type Region struct {
	code    []byte     // nil for a region that nothing is known of
	abroad  beginnings // of what may be dialled to another country
	trunk   beginnings // of what may begin with a national prefix
	numbers beginnings // of national numbers
	prefix  []byte     // the national prefix, where to take it off is all that the plan asks for; else nil
	lengths []int32    // of national numbers, ascending
	local   []int32    // of numbers without their area
}

// In is the region of a code of two letters. One that is not known reads numbers with a calling code alone.
func In(region string) *Region {
	m, ok := metadata.RegionMetadata(region)
	general := m.GetGeneralDesc()
	if !ok || len(general.GetPossibleLength()) == 0 {
		return &Region{}
	}
	trunk := m.GetNationalPrefixForParsing()
	r := &Region{code: strconv.AppendInt(nil, int64(m.GetCountryCode()), 10), lengths: general.GetPossibleLength(), local: general.GetPossibleLengthLocalOnly()}
	var errs [3]error
	r.abroad, errs[0] = begins(m.GetInternationalPrefix())
	r.trunk, errs[1] = begins(trunk)
	r.numbers, errs[2] = begins(general.GetNationalNumberPattern())
	if errors.Join(errs[:]...) != nil {
		return &Region{}
	}
	if prefix := m.GetNationalPrefix(); exactly(trunk, prefix) && m.GetNationalPrefixTransformRule() == "" {
		r.prefix = []byte(prefix)
	}
	return r
}

// between are the signs that may stand anywhere among digits.
var between = [256]bool{' ': true, '-': true, '.': true, '(': true, ')': true}

// Append appends the digits of the number in text, calling code first and without the plus. ok is false, and dst as it
// was, for what is not read here.
func (r *Region) Append(dst, text []byte) (number []byte, ok bool) {
	var room [maxDigits + 1]byte
	n, plus := 0, false
	if len(text) > maxText {
		return dst, false
	}
	if len(text) > 0 && text[0] == '+' {
		text, plus = text[1:], true
	}
	for _, c := range text {
		room[n] = c
		if c-'0' <= 9 {
			n++
		} else if !between[c] {
			return dst, false
		}
		if n > maxDigits {
			return dst, false
		}
	}
	switch {
	case n < lead:
		return dst, false
	case plus:
		return international(dst, room[:n])
	}
	return r.national(dst, room[:n])
}

// national reads a number without a plus.
func (r *Region) national(dst, number []byte) ([]byte, bool) {
	first := beginning(number)
	switch {
	case r.code == nil || r.abroad.has(first):
		return dst, false
	case bytes.HasPrefix(number, r.code):
		// What is longer than every national number has its calling code before it.
		n := int32(len(number))
		if n <= r.lengths[len(r.lengths)-1] || slices.Contains(r.local, n) {
			return dst, false
		}
		return international(dst, number)
	case !r.trunk.has(first):
		return append(append(dst, r.code...), number...), true
	case r.prefix == nil || !bytes.HasPrefix(number, r.prefix) || r.numbers.has(first):
		return dst, false // what may be a number with the prefix keeps it, if it is none without
	}
	number = number[len(r.prefix):]
	if n := int32(len(number)); !slices.Contains(r.lengths, n) || slices.Contains(r.local, n) {
		return dst, false
	}
	return append(append(dst, r.code...), number...), true
}

// international reads a number that begins with its calling code. It stays as it is, but where what follows the code may
// begin with a prefix that is dialled inside the country only.
func international(dst, number []byte) ([]byte, bool) {
	code, all := 0, codes()
	for i := 1; i <= maxCode && i+lead <= len(number) && number[0] != '0'; i++ {
		code = 10*code + int(number[i-1]-'0')
		if trunk := all[code]; trunk != nil {
			if trunk.has(beginning(number[i:])) {
				return dst, false
			}
			return append(dst, number...), true
		}
	}
	return dst, false
}

// CodeLength is the length of the calling code that the digits of a number begin with, 0 for none.
func CodeLength(digits []byte) int {
	code, all := 0, codes()
	for i := range min(maxCode, len(digits)) {
		code = 10*code + int(digits[i]-'0')
		if all[code] != nil {
			return i + 1
		}
	}
	return 0
}

// codes are the beginnings of numbers that may have a national prefix, by calling code; nil for a code that is none.
var codes = sync.OnceValue(func() *[1000]*beginnings {
	all := new([1000]*beginnings)
	for code, regions := range metadata.CountryCodeToRegion() {
		m, ok := metadata.RegionMetadata(regions[0])
		if !ok {
			m, ok = metadata.NonGeoMetadata(code)
		}
		trunk, err := begins(m.GetNationalPrefixForParsing())
		if !ok || err != nil {
			trunk.fill()
		}
		all[code] = &trunk
	}
	return all
})

func beginning(number []byte) int {
	return int(number[0]-'0')*100 + int(number[1]-'0')*10 + int(number[2]-'0')
}

// Code is the region's calling code, nil for a region that nothing is known of.
func (r *Region) Code() []byte { return r.code }
