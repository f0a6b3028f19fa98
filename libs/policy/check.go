package policy

// check tests what no single field shows.
func (r *reader) check(p *Policy) {
	r.checkNames(p)
	r.checkKey(p)
	r.checkTenant(p)
	r.checkDomains(p)
	for _, f := range p.Fields {
		s, ok := f.Treatment.(Scrub)
		if !ok {
			continue
		}
		for _, c := range s.Context {
			if _, ok := p.Field(c); !ok || c == f.Path {
				r.failAt(f.line, "scrub.context of %q names %q, which is no other field of the policy", f.Path, c)
			}
		}
	}
}

// checkNames refuses a column that two fields cover, be it by an alias.
func (r *reader) checkNames(p *Policy) {
	covered := map[string]int{}
	for _, f := range p.Fields {
		for _, name := range append([]string{f.Path}, f.Aliases...) {
			if line, twice := covered[name]; twice {
				r.failAt(f.line, "column %q is covered twice, first in line %d", name, line)
			}
			covered[name] = f.line
		}
	}
}

// checkKey refuses a key whose values would not stay distinct.
func (r *reader) checkKey(p *Policy) {
	for _, k := range p.Key {
		f, ok := p.Field(k)
		if !ok {
			r.failAt(p.lines["key"], "key %q is no field of the policy", k)
			continue
		}
		switch t := f.Treatment.(type) {
		case Keep:
		case Token:
			if bits := t.Bits(); bits > 0 && bits < safeBits {
				r.failAt(f.line, "key %q is a token of %d characters: two rows could get one identity, and one of them would be lost: leave token.length out", k, t.Length)
			}
		default:
			r.failAt(f.line, "key %q has the treatment %s: a key must be kept or tokenised, or rows lose their identity", k, f.Treatment.Name())
		}
	}
}

func (r *reader) checkTenant(p *Policy) {
	if p.Tenant == nil || !p.Tenant.Required {
		for _, f := range p.Fields {
			if t, ok := f.Treatment.(Token); ok && t.Scope == TenantScope {
				r.failAt(f.line, "token of %q has the scope tenant: give the policy a required tenant, or the token scope: environment", f.Path)
			}
		}
	}
	if p.Tenant == nil || p.Tenant.Path == "" {
		return
	}
	f, ok := p.Field(p.Tenant.Path)
	if !ok {
		r.failAt(p.lines["tenant"], "tenant.path %q is no field of the policy", p.Tenant.Path)
		return
	}
	if _, keep := f.Treatment.(Keep); !keep {
		r.failAt(f.line, "tenant column %q has the treatment %s: it must be kept, because rows are owned by it in the sandbox", f.Path, f.Treatment.Name())
	}
}

// checkDomains refuses a domain in which one value would have two canonical forms and so two tokens.
func (r *reader) checkDomains(p *Policy) {
	forms := map[string]Form{}
	for _, f := range p.Fields {
		t, ok := f.Treatment.(Token)
		if !ok {
			continue
		}
		if form, used := forms[t.Domain]; used && form != t.Form() {
			r.failAt(f.line, "domain %q is compared as %s here and as %s above: name two domains or give one format", t.Domain, t.Form(), form)
		}
		forms[t.Domain] = t.Form()
	}
}
