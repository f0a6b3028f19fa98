package masker

import "github.com/maskrail/maskrail/libs/policy"

// compared is the form in which a treatment compares values: two that have it in common are one to the treatment.
func compared(t policy.Treatment) policy.Form {
	switch t := t.(type) {
	case policy.Token:
		return t.Form()
	case policy.Fake:
		return policy.NameForm
	case policy.Card:
		return policy.DigitsForm
	}
	return policy.TextForm
}

// telling is the treatment that tells what the values are that a reference leads to: of several with conditions the
// first that compares values. A key of an open map has the map's treatment of it.
func (p *Plan) telling(r reference) policy.Treatment {
	f := p.fields[r.field]
	if f.node == nil {
		return f.Treatment
	}
	for _, f := range f.node.Fields {
		t := f.Treatment
		if m, ok := t.(policy.Map); ok && r.key != "" {
			t = ofKey(m, r.key)
		}
		switch t.(type) {
		case policy.Token, policy.Fake, policy.Card:
			return t
		}
	}
	return f.Treatment
}

// ofKey is a map's treatment of a key, by the same rule.
func ofKey(m policy.Map, key string) policy.Treatment {
	for _, f := range m.Fields {
		if f.Path != key {
			continue
		}
		switch f.Treatment.(type) {
		case policy.Token, policy.Fake, policy.Card:
			return f.Treatment
		}
	}
	return m.Default
}
