package policy

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Severity says whether a finding should stop a policy.
type Severity string

// The severities. An error is a policy that lets sensitive values through as it stands.
const (
	LintError   Severity = "error"
	LintWarning Severity = "warning"
)

// Finding is something that a reviewer should look at.
type Finding struct {
	Severity Severity `json:"severity"`
	Line     int      `json:"line"`            // in the policy's file, 0 for the policy as a whole
	Field    string   `json:"field,omitempty"` // path
	Message  string   `json:"message"`
}

// String is "line 12: error: phoneNumber: ...".
func (f Finding) String() string {
	parts := []string{string(f.Severity), f.Message}
	if f.Field != "" {
		parts = slices.Insert(parts, 1, f.Field)
	}
	return fmt.Sprintf("line %d: %s", f.Line, strings.Join(parts, ": "))
}

// safeBits is the size of token space below which a token earns a warning.
const safeBits = 96

// Lint looks for what is allowed and seldom meant. Findings come in the order of lines.
func Lint(p *Policy) []Finding {
	l := &linter{p: p}
	l.policy()
	for _, f := range p.Fields {
		l.field(f)
	}
	l.cards()
	slices.SortStableFunc(l.findings, func(a, b Finding) int { return a.Line - b.Line })
	return l.findings
}

type linter struct {
	p        *Policy
	findings []Finding
}

func (l *linter) add(s Severity, line int, field, format string, args ...any) {
	l.findings = append(l.findings, Finding{s, line, field, fmt.Sprintf(format, args...)})
}

func (l *linter) policy() {
	p := l.p
	switch p.Unknown {
	case PassUnknown:
		l.add(LintWarning, p.lines["unknown"], "", "unknown: pass copies every column that nobody has decided about; what its name gives away and what detectors find is all that stops it")
	case DropUnknown:
		l.add(LintWarning, p.lines["unknown"], "", "unknown: drop loses new columns without a word; quarantine tells you about them")
	}
	if len(p.Key) == 0 {
		l.add(LintWarning, 0, "", "no key: objects can be masked but not loaded, and duplicate rows are not seen")
	}
	if p.Tenant == nil {
		l.add(LintWarning, 0, "", "no tenant: objects can be masked but not loaded")
	} else if len(p.Tenant.Known) == 0 {
		l.add(LintWarning, p.lines["tenant"], p.Tenant.Path, "tenants are not listed: whatever stands in the column is taken for one, and shows in attestations; name them in tenant.known")
	}
	for _, k := range p.Key {
		f, _ := p.Field(k)
		if kind, strong := sensitive(k); kind != "" {
			l.add(severity(strong), f.line, k, "a key that looks like %s: use an identifier that says nothing about a person", kind)
		} else if _, ok := f.Treatment.(Token); ok {
			l.add(LintWarning, f.line, k, "a tokenised key: with the next key epoch every row gets another identity")
		}
	}
}

func (l *linter) field(f Field) {
	switch t := f.Treatment.(type) {
	case Keep:
		kind, strong := sensitive(f.Path)
		if kind != "" && f.Expect == nil && !slices.Contains(l.p.Key, f.Path) {
			l.add(severity(strong), f.line, f.Path, "kept, and looks like %s: treat it, or say in expect why it may stay", kind)
		}
	case Token:
		l.token(f, t)
	case Mask:
		kind, strong := sensitive(f.Path)
		if kind != "" && strong && t.First+t.Last > 4 {
			l.add(LintWarning, f.line, f.Path, "shows %d characters of what looks like %s", t.First+t.Last, kind)
		}
	case Scrub:
		if !slices.Contains(t.Detect, "card") {
			l.add(LintWarning, f.line, f.Path, "scrub without the class card: people write card numbers into every text field")
		}
		if len(t.Context) == 0 && l.named() {
			l.add(LintWarning, f.line, f.Path, "scrub without context: names in the text can only be found by the row's own name columns")
		}
	}
}

// token warns of tokens that are short enough to collide.
func (l *linter) token(f Field, t Token) {
	bits := t.Bits()
	if bits == 0 || bits >= safeBits {
		return
	}
	const values = 1_000_000
	space := math.Ldexp(1, bits)
	pairs := values * float64(values-1) / 2 / space
	half := math.Sqrt(2 * math.Ln2 * space) // birthday bound: from here on a collision is more likely than not
	l.add(LintWarning, f.line, f.Path,
		"a token of %d characters has %d bit: a million values give %.2g expected collisions, and %.2g values make one likely; %d characters are safe",
		t.Length, bits, pairs, half, TokenLength)
}

// named reports a column of names in the policy.
func (l *linter) named() bool {
	return slices.ContainsFunc(l.p.Fields, func(f Field) bool {
		t, ok := f.Treatment.(Token)
		return ok && t.Form() == NameForm
	})
}

// cards warns of renderings that together show more of a card than each alone (PCI SSC FAQ 1091).
func (l *linter) cards() {
	var shown, first6, token Field
	var keep CardKeep
	for _, f := range l.p.Fields {
		switch t := f.Treatment.(type) {
		case Card:
			if keep != "" && keep != t.Keep {
				l.add(LintWarning, f.line, f.Path, "cards are cut to %s here and to %s in %s: two truncations of one card show more than one", t.Keep, keep, shown.Path)
			}
			shown, keep = f, t.Keep
			if keep == KeepFirst6Last {
				first6 = f
			}
		case Token:
			if t.Form() == DigitsForm {
				token = f
			}
		}
	}
	if first6.Path != "" && token.Path != "" {
		l.add(LintWarning, first6.line, first6.Path, "first six and last four digits beside a token of the same card (%s) let the rest be guessed: keep last4 at most", token.Path)
	}
}

func severity(strong bool) Severity {
	if strong {
		return LintError
	}
	return LintWarning
}
