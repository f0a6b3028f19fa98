package interval

import (
	"bytes"
	"math/big"
	"strconv"
)

// Decimal is the intervals for unscaled decimals of one precision and scale.
type Decimal struct {
	width, top, limit *big.Int // top is nil when there is none
}

// Decimal makes the intervals for decimals of at most precision digits, scale of them after the point, 0 or more.
func (i Intervals) Decimal(precision, scale int32) Decimal {
	one := power(scale)
	d := Decimal{width: new(big.Int).Mul(big.NewInt(i.width), one), limit: power(precision)}
	if i.bounds {
		d.top = new(big.Int).Mul(big.NewInt(i.top), one)
	}
	return d
}

// Floor is where the interval of an unscaled decimal begins, unscaled. It may be v itself, changed.
func (d Decimal) Floor(v *big.Int) (*big.Int, error) {
	start := d.top
	if d.top == nil || v.Cmp(d.top) < 0 {
		start = v.Sub(v, new(big.Int).Mod(v, d.width)) // the remainder is never negative
	}
	if d.limit != nil && start.CmpAbs(d.limit) >= 0 {
		return nil, ErrRange
	}
	return start, nil
}

func power(n int32) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// maxDigits bounds a number written as text: its length, and what its exponent may add to it.
const maxDigits = 400

// Text is Int for a number written as text, space around it allowed; what it appends to dst has no fraction.
func (i Intervals) Text(dst, text []byte) ([]byte, error) {
	text = bytes.TrimSpace(text)
	n, ok := scan(text)
	if !ok {
		return dst, ErrNumber
	}
	if n.exponent == 0 && n.whole <= 18 { // fits 64 bits
		v, err := strconv.ParseInt(string(text[:n.point]), 10, 64)
		if err != nil {
			return dst, ErrNumber
		}
		if n.negative && n.fraction {
			v--
		}
		if v, err = i.Int(v); err == nil {
			return strconv.AppendInt(dst, v, 10), nil
		}
	}
	if len(text) > maxDigits || n.exponent > maxDigits || n.exponent < -maxDigits {
		return dst, ErrRange
	}
	r, ok := new(big.Rat).SetString(string(text))
	if !ok {
		return dst, ErrNumber
	}
	d := Decimal{width: big.NewInt(i.width)}
	if i.bounds {
		d.top = big.NewInt(i.top)
	}
	start, err := d.Floor(new(big.Int).Div(r.Num(), r.Denom())) // the denominator is positive, so that this is the floor
	if err != nil {
		return dst, err
	}
	return start.Append(dst, 10), nil
}

// written is how a number is written.
type written struct {
	negative bool
	point    int  // where the whole part ends
	whole    int  // digits of the whole part
	fraction bool // there is one, and not of zeros alone
	exponent int
}

// scan reads a number as JSON has it, and with a plus or leading zeros.
func scan(text []byte) (n written, ok bool) {
	at := 0
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		n.negative = text[0] == '-'
		at = 1
	}
	n.whole = leadingDigits(text[at:])
	at += n.whole
	n.point = at
	if n.whole == 0 {
		return n, false
	}
	if at < len(text) && text[at] == '.' {
		at++
		digits := leadingDigits(text[at:])
		n.fraction = len(bytes.Trim(text[at:at+digits], "0")) > 0
		if at += digits; digits == 0 {
			return n, false
		}
	}
	if at < len(text) && (text[at] == 'e' || text[at] == 'E') {
		e, err := strconv.Atoi(string(text[at+1:]))
		if err != nil {
			return n, false
		}
		n.exponent, at = e, len(text)
	}
	return n, at == len(text)
}

func leadingDigits(text []byte) int {
	for i, c := range text {
		if !isDigit(c) {
			return i
		}
	}
	return len(text)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
