package policy

import "fmt"

// keyed is the space of values that a treatment makes with a key.
type keyed struct {
	domain string
	scope  Scope
	form   Form   // how values are compared
	made   string // how values are made: equal in a domain, or equal values would have several
}

// keyOf is false for a treatment without a key. The format auto has two spaces more, see spacesOf.
func keyOf(t Treatment) (keyed, bool) {
	switch t := t.(type) {
	case Token:
		return keyed{t.Domain, t.Scope, t.Form(), "tokens"}, true
	case FPE:
		return keyed{t.Domain, t.Scope, "", fmt.Sprintf("fpe over %d characters (%.8q)", len([]rune(t.Alphabet)), t.Alphabet)}, true
	case Fake:
		return keyed{t.Domain, t.Scope, "", "invented values of kind " + string(t.Kind)}, true
	}
	return keyed{}, false
}

func spacesOf(t Treatment) []keyed {
	k, ok := keyOf(t)
	if !ok {
		return nil
	}
	spaces := []keyed{k}
	if token, ok := t.(Token); ok && token.Format == Auto {
		spaces = append(spaces, keyed{PhoneDomain, k.scope, PhoneForm, k.made}, keyed{EmailDomain, k.scope, EmailForm, k.made})
	}
	return spaces
}

// checkDomains refuses a domain in which one value would have two canonical forms, and so two tokens, and one in which
// values are made in two ways.
func (r *reader) checkDomains(p *Policy) {
	type space struct {
		domain string
		scope  Scope
	}
	forms, made := map[space]keyed{}, map[string]keyed{}
	for _, f := range p.Fields {
		for t := range f.Treatments() {
			for _, k := range spacesOf(t) {
				at := space{k.domain, k.scope}
				other, used := forms[at]
				first, named := made[k.domain]
				switch {
				case used && other.form != k.form && other.made == k.made:
					r.failAt(f.line, "domain %q is compared as %s here and as %s above: name two domains or give one format", k.domain, k.form, other.form)
				case named && first.made != k.made:
					r.failAt(f.line, "domain %q has %s here and %s above: equal values would have two pseudonyms: name two domains", k.domain, k.made, first.made)
				}
				forms[at] = k
				if !named {
					made[k.domain] = k
				}
			}
		}
	}
}
