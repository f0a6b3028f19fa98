package policy

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

var (
	domainName  = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)
	tokenPrefix = regexp.MustCompile(`^[A-Za-z0-9_.-]{0,32}$`)
)

var (
	formats   = []Format{Text, Phone, Email, CardNumber, UUID, Digits, Auto}
	scopes    = []Scope{TenantScope, EnvironmentScope}
	fakeKinds = []FakeKind{FakeName, FakeFirstName, FakeLastName, FakeCompany, FakeJob, FakeStreet, FakeCity, FakeState, FakeCountry}
)

func (r *reader) token(n *yaml.Node) Treatment {
	t := Token{Length: TokenLength, Format: Text, Scope: TenantScope}
	length, before := 0, len(r.errs)
	r.object(n, "token", map[string]setter{
		"domain": r.text("token.domain", &t.Domain),
		"prefix": r.text("token.prefix", &t.Prefix),
		"length": r.integer("token.length", 8, TokenLength, &length),
		"format": choice(r, "token.format", &t.Format, formats),
		"scope":  choice(r, "token.scope", &t.Scope, scopes),
	})
	if length > 0 {
		t.Length = length
	}
	if len(r.errs) > before {
		return t
	}
	r.domain(n, "token", t.Domain)
	switch {
	case !tokenPrefix.MatchString(t.Prefix):
		r.fail(n, "token.prefix must be at most 32 letters, digits, dots, dashes and underscores")
	case t.Format != Text && t.Prefix != "":
		r.fail(n, "token.prefix goes with the format text alone")
	case length > 0 && t.Format != Text && t.Format != Email:
		r.fail(n, "token.length does not go with the format %s: it goes with text and email, other tokens have the length that their format asks for", t.Format)
	}
	return t
}

func (r *reader) domain(n *yaml.Node, what, name string) {
	if !domainName.MatchString(name) {
		r.fail(n, "%s.domain must be a lower-case name such as phone or person.name", what)
	}
}

func (r *reader) fpe(n *yaml.Node) Treatment {
	t, before := FPE{Alphabet: Alphabets["digits"], Scope: TenantScope}, len(r.errs)
	r.object(n, "fpe", map[string]setter{
		"domain":   r.text("fpe.domain", &t.Domain),
		"alphabet": r.alphabet(&t.Alphabet),
		"scope":    choice(r, "fpe.scope", &t.Scope, scopes),
	})
	if len(r.errs) == before {
		r.domain(n, "fpe", t.Domain)
	}
	return t
}

// alphabet reads the name of an alphabet or its characters.
func (r *reader) alphabet(dst *string) setter {
	return func(v *yaml.Node) {
		r.text("fpe.alphabet", dst)(v)
		if characters, ok := Alphabets[*dst]; ok {
			*dst = characters
			return
		}
		letters := []rune(*dst)
		slices.Sort(letters)
		distinct := len(slices.Compact(letters)) == utf8.RuneCountInString(*dst)
		visible := strings.IndexFunc(*dst, func(c rune) bool { return !unicode.IsGraphic(c) || unicode.IsSpace(c) || c == utf8.RuneError }) < 0
		if len(letters) < 2 || len(letters) > 64 || !distinct || !visible {
			r.fail(v, "fpe.alphabet must be one of %s, or 2 to 64 different visible characters", list(slices.Sorted(maps.Keys(Alphabets))))
		}
	}
}

func (r *reader) fake(n *yaml.Node) Treatment {
	t := Fake{Scope: TenantScope}
	domain, before := false, len(r.errs)
	r.object(n, "fake", map[string]setter{
		"kind":   choice(r, "fake.kind", &t.Kind, fakeKinds),
		"domain": func(v *yaml.Node) { domain = true; r.text("fake.domain", &t.Domain)(v) },
		"scope":  choice(r, "fake.scope", &t.Scope, scopes),
	})
	if len(r.errs) > before {
		return t
	}
	if t.Kind == "" {
		r.fail(n, "fake.kind is missing: use one of %s", list(fakeKinds))
		return t
	}
	if !domain {
		t.Domain = fakeDomain(t.Kind)
	}
	r.domain(n, "fake", t.Domain)
	return t
}

// fakeDomain is the domain of a kind unless the policy names one.
func fakeDomain(k FakeKind) string { return "fake." + strings.ToLower(string(k)) }
