package validator

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"github.com/maskrail/maskrail/libs/policy"
)

// treatment tells whether a cell that is not null looks as its treatment leaves it. Detectors know numbers and
// addresses; this is what finds a name in a column of tokens.
type treatment func(text []byte) bool

// treatedBy tells whether a cell looks as one of the fields with its path leaves it, nil when one of them leaves no mark.
func (d *detectors) treatedBy(fields []policy.Field) treatment {
	var all []treatment
	for _, f := range fields {
		t := d.treatmentOf(f.Treatment)
		if t == nil {
			return nil
		}
		all = append(all, t)
	}
	if len(all) == 1 {
		return all[0]
	}
	return func(text []byte) bool {
		return slices.ContainsFunc(all, func(t treatment) bool { return t(text) })
	}
}

// treatmentOf is that of a whole cell, which may be made of parts with a treatment each.
func (d *detectors) treatmentOf(t policy.Treatment) treatment {
	switch t := t.(type) {
	case policy.Map:
		return d.newOpenMap(t).text
	case policy.JSON:
		return d.newJSONText(t).text
	}
	return treatmentOf(t)
}

// treatmentOf is nil for the treatments that leave no mark: keep and scrub.
func treatmentOf(t policy.Treatment) treatment {
	switch t := t.(type) {
	case policy.Null:
		return func([]byte) bool { return false }
	case policy.Redact:
		return func(b []byte) bool { return len(b) == 0 || string(b) == t.With }
	case policy.Mask:
		char, _ := utf8.DecodeRuneInString(t.Char)
		return func(b []byte) bool { return isMasked(b, char, t.First, t.Last) }
	case policy.Token:
		return func(b []byte) bool { return isToken(b, t) }
	case policy.FPE:
		return func(b []byte) bool { return isPermuted(b, t.Alphabet) }
	case policy.Card:
		return func(b []byte) bool { return isCard(b, t.Keep) }
	case policy.Date:
		return func(b []byte) bool { return isTruncated(b, t.Truncate, t.Earliest) }
	case policy.Shift:
		return isDate
	case policy.Bucket:
		return func(b []byte) bool { return isBucket(b, t.Width, t.Top) }
	case policy.Zip3:
		return isZip3
	case policy.Fake:
		return func(b []byte) bool { return isFake(b, t.Kind) }
	}
	return nil
}

// isMasked wants char everywhere but in the first and last characters, and there too in a short text.
func isMasked(b []byte, char rune, first, last int) bool {
	n := utf8.RuneCount(b)
	if n <= first+last {
		first, last = 0, 0
	}
	for i := 0; len(b) > 0; i++ {
		r, size := utf8.DecodeRune(b)
		if i >= first && i < n-last && r != char {
			return false
		}
		b = b[size:]
	}
	return true
}

// isCard wants stars, and digits only where the policy shows some.
func isCard(b []byte, keep policy.CardKeep) bool {
	first, last := 0, 0
	switch keep {
	case policy.KeepLast4:
		last = 4
	case policy.KeepFirst6Last:
		first, last = 6, 4
	}
	for i, c := range b {
		if c != '*' && (!isDigit(c) || i >= first && i < len(b)-last) {
			return false
		}
	}
	return len(b) == 0 || bytes.IndexByte(b, '*') >= 0
}
