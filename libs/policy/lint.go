package policy

import (
	"fmt"
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
	if f.Line > 0 {
		parts = slices.Insert(parts, 0, fmt.Sprintf("line %d", f.Line))
	}
	return strings.Join(parts, ": ")
}

// safeBits is the size of token space below which a token earns a warning.
const safeBits = 96

// Lint looks for what is allowed and seldom meant. Findings come in the order of lines.
func Lint(p *Policy) []Finding {
	l := &linter{p: p}
	l.policy()
	l.key()
	for _, f := range p.Fields {
		l.look(spot{line: f.line, field: f.Path, path: f.steps, expect: f.Expect,
			typed: f.Type != Type{}, key: slices.Contains(p.Key, f.Path), listed: f.When != nil}, f.Treatment)
	}
	l.conditions(p.Fields)
	l.domains()
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
		if p.Suspect == PassSuspect {
			l.add(LintError, p.lines["suspect"], "", "suspect: pass beside unknown: pass lets a new column of phone numbers through: nothing stops it")
		}
	case DropUnknown:
		l.add(LintWarning, p.lines["unknown"], "", "unknown: drop loses new columns without a word; quarantine tells you about them")
	}
	if p.Unknown != PassUnknown && p.Suspect != QuarantineSuspect {
		l.add(LintWarning, p.lines["suspect"], "", "suspect: %s changes nothing: it is about columns that unknown: pass lets through", p.Suspect)
	}
	if p.Tenant == nil {
		l.add(LintWarning, 0, "", "no tenant: objects can be masked but not loaded")
	} else if len(p.Tenant.Known) == 0 {
		l.add(LintWarning, p.lines["tenant"], p.Tenant.Path, "tenants are not listed: whatever stands in the column is taken for one, and shows in attestations; name them in tenant.known")
	}
}

func (l *linter) key() {
	if len(l.p.Key) == 0 {
		l.add(LintWarning, 0, "", "no key: objects can be masked but not loaded, and duplicate rows are not seen")
	}
	for _, k := range l.p.Key {
		f, _ := l.p.Field(k)
		if kind := f.steps.kind(); kind.Kind != "" {
			l.add(severity(kind.Strong), f.line, k, "a key that looks like %s: use an identifier that says nothing about a person", kind.Kind)
		} else if _, ok := f.Treatment.(Token); ok {
			l.add(LintWarning, f.line, k, "a tokenised key: with the next key epoch every row gets another identity")
		}
	}
}

// conditions warns of treatments that no value reaches.
func (l *linter) conditions(fields []Field) {
	for i, f := range fields {
		if f.When == nil {
			continue
		}
		for _, earlier := range fields[:i] {
			if earlier.Path == f.Path && earlier.When != nil && earlier.When.Reference == f.When.Reference && includes(earlier.When.In, f.When.In) {
				l.add(LintWarning, f.line, f.Path, "its condition is never met first: line %d has all of its values", earlier.line)
				break
			}
		}
	}
}

func includes(all, some []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

func severity(strong bool) Severity {
	if strong {
		return LintError
	}
	return LintWarning
}
