package policy

import (
	"math"
	"slices"

	"github.com/maskrail/maskrail/libs/classify"
)

// spot is where a treatment stands, as the linter sees it.
type spot struct {
	line   int
	field  string // path as a finding shows it
	path   Path   // by which values are judged; empty for the keys that a map does not name
	typed  bool   // the policy says that it is a single value
	expect *Expect
	key    bool
	listed bool // reached by listed values of another field alone, see When
}

// inMap is the spot of a key in the map.
func (s spot) inMap(key string, line int) spot {
	return spot{line: line, field: Reference{Path: s.field, Key: key}.String(), path: s.path.join(Step{Name: key}), expect: s.expect}
}

// inText is the spot of a field in the JSON text.
func (s spot) inText(f Field) spot {
	return spot{line: f.line, field: s.field + "{" + f.Path + "}", path: f.steps, expect: s.expect, listed: f.When != nil}
}

// look looks at one treatment, and at those inside it.
func (l *linter) look(at spot, t Treatment) {
	kind := at.path.kind()
	l.expected(at, t)
	switch t := t.(type) {
	case Keep:
		l.kept(at, kind)
	case Token:
		l.token(at, t)
		if t.Format == Digits {
			l.real(at, kind, "a token of format digits")
		}
	case FPE:
		l.real(at, kind, "fpe")
	case Mask:
		l.shown(at, kind, t.First+t.Last)
	case Date:
		if kind.Kind == classify.BirthKind && t.Truncate != Year {
			l.add(LintWarning, at.line, at.field, "shows the %s of birth, which with a postcode singles people out: truncate: year is enough for age groups", t.Truncate)
		}
	case Scrub:
		l.scrub(at, t)
	case Map:
		l.openMap(at, t)
	case JSON:
		for _, f := range t.Fields {
			l.look(at.inText(f), f.Treatment)
		}
		l.conditions(t.Fields)
	}
}

// expected warns of an expect that can only hide a leak.
func (l *linter) expected(at spot, t Treatment) {
	if at.expect == nil {
		return
	}
	switch t := t.(type) {
	case Token:
		if t.Format == Digits {
			return
		}
	case Drop, Null, Redact, Zip3:
	default:
		return
	}
	l.add(LintWarning, at.line, at.field, "expect goes with a treatment whose output looks real, and that of %s does not: it can only hide a leak", t.Name())
}

func (l *linter) kept(at spot, kind classify.Name) {
	switch {
	case at.expect != nil || at.key || at.listed:
	case kind.Kind != "":
		l.add(severity(kind.Strong), at.line, at.field, "kept, and looks like %s: treat it, or say in expect why it may stay", kind.Kind)
	case !at.typed && at.path.container():
		l.add(LintWarning, at.line, at.field, "kept whole: if it is an object, members that nobody has decided about pass with it: give each of them a field, or give the type of a single value")
	}
}

// token warns of tokens that are short enough to collide.
func (l *linter) token(at spot, t Token) {
	bits := t.Bits()
	if bits == 0 || bits >= safeBits {
		return
	}
	const values = 1_000_000
	space := math.Ldexp(1, bits)
	pairs := values * float64(values-1) / 2 / space
	half := math.Sqrt(2 * math.Ln2 * space) // birthday bound: from here on a collision is more likely than not
	l.add(LintWarning, at.line, at.field,
		"a token of %d characters has %d bit: a million values give %.2g expected collisions, and %.2g values make one likely; %d characters are safe",
		t.Length, bits, pairs, half, TokenLength)
}

// real warns of made values that can be somebody's.
func (l *linter) real(at spot, kind classify.Name, what string) {
	switch kind.Kind {
	case classify.PhoneKind:
		l.add(LintWarning, at.line, at.field, "%s makes numbers that somebody can have, and a sandbox can dial: a token of format phone is a number that nobody has", what)
	case classify.CardKind:
		l.add(LintWarning, at.line, at.field, "%s makes numbers that can be valid cards: a token of format card never is", what)
	}
}

// shown warns of a mask that leaves more than it hides.
func (l *linter) shown(at spot, kind classify.Name, n int) {
	switch {
	case kind.Kind != "" && (kind.Strong && n > 4 || 2*n > kind.Usual):
		l.add(LintWarning, at.line, at.field, "shows %d characters of what looks like %s", n, kind.Kind)
	case kind.Kind == "" && n > 8:
		l.add(LintWarning, at.line, at.field, "shows %d characters, which is more than half of most values", n)
	}
}

func (l *linter) scrub(at spot, t Scrub) {
	if !slices.Contains(t.Detect, "card") {
		l.add(LintWarning, at.line, at.field, "scrub without the class card: people write card numbers into every text field")
	}
	if len(t.Context) == 0 && l.named() {
		l.add(LintWarning, at.line, at.field, "scrub without context: names in the text can only be found by the row's own name columns")
	}
}

// named reports a column of names in the policy.
func (l *linter) named() bool {
	return slices.ContainsFunc(l.p.Fields, func(f Field) bool {
		t, ok := f.Treatment.(Token)
		return ok && t.Form() == NameForm
	})
}

func (l *linter) openMap(at spot, t Map) {
	for _, key := range t.Keep {
		l.look(at.inMap(key, at.line), Keep{})
	}
	for _, f := range t.Fields {
		inner := at.inMap(f.Path, f.line)
		inner.listed = f.When != nil
		l.look(inner, f.Treatment)
	}
	l.conditions(t.Fields)
	l.look(spot{line: at.line, field: at.field, expect: at.expect}, t.Default)
	switch t.Default.(type) {
	case Token, Scrub:
		if len(t.Keep)+len(t.Fields) == 0 {
			l.add(LintWarning, at.line, at.field, "a map without keys of its own, all of whose values get %s: list the keys that analysts need in map.keep", t.Default.Name())
		}
	}
}
