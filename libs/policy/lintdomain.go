package policy

import (
	"strings"

	"github.com/maskrail/maskrail/libs/classify"
)

// domains warns of tokens that are equal in what they stand for and not in how they are written.
func (l *linter) domains() {
	type first struct{ field, token string }
	seen := map[string]first{}
	for _, f := range l.p.Fields {
		for t := range f.Treatments() {
			token, ok := t.(Token)
			if !ok {
				continue
			}
			for _, t := range writtenAs(token) {
				text := Describe(t)
				other, known := seen[t.Domain]
				switch {
				case !known:
					seen[t.Domain] = first{f.Path, text}
				case other.token != text:
					l.add(LintWarning, f.line, f.Path, "%s here and %s in %s: equal values do not look equal, and the columns do not join", text, other.token, other.field)
				}
			}
		}
	}
}

// writtenAs are the tokens that a format comes out as: three for auto.
func writtenAs(t Token) []Token {
	if t.Format != Auto {
		return []Token{t}
	}
	token := func(domain string, format Format) Token {
		return Token{Domain: domain, Format: format, Length: TokenLength, Scope: t.Scope}
	}
	return []Token{token(t.Domain, Text), token(PhoneDomain, Phone), token(EmailDomain, Email)}
}

// cards warns of renderings that together show more of a card than each alone (PCI SSC FAQ 1091).
func (l *linter) cards() {
	var shown, first6, other Field
	var keep CardKeep
	for _, f := range l.p.Fields {
		for t := range f.Treatments() {
			switch t := t.(type) {
			case Card:
				if keep != "" && keep != t.Keep {
					l.add(LintWarning, f.line, f.Path, "cards are cut to %s here and to %s in %s: two truncations of one card show more than one", t.Keep, keep, shown.Path)
				}
				shown, keep = f, t.Keep
				if keep == KeepFirst6Last {
					first6 = f
				}
			case Token:
				if t.Format == CardNumber || t.Domain == "card" || strings.HasPrefix(t.Domain, "card.") || f.steps.kind().Kind == classify.CardKind {
					other = f
				}
			case FPE:
				if f.steps.kind().Kind == classify.CardKind {
					other = f
				}
			}
		}
	}
	if first6.Path != "" && other.Path != "" {
		l.add(LintWarning, first6.line, first6.Path, "first six and last four digits beside a pseudonym of the same card (%s) let the rest be guessed: keep last4 at most", other.Path)
	}
}
