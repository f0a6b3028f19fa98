// Package masker turns raw objects into masked ones: it compiles a policy to one operator for each column and runs
// Arrow batches through them, several at a time, in the order of the file. Data is at no point taken apart into
// rows.
package masker

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/maskrail/maskrail/libs/detect"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/policy"
)

// Plan is a policy compiled for one environment and one ring of keys. It is safe for concurrent use.
type Plan struct {
	policy      *policy.Policy
	ring        *keys.Ring
	environment string
	fields      []planned // in the policy's order
	domains     []domain
	tenant      int         // field of the tenant, -1 without one
	tenants     *detect.Set // finds what is no tenant's name; nil when the policy lists the tenants
	key         []int       // fields of the key
}

// planned is a field with its operator; the operator of a dropped field is nil.
type planned struct {
	policy.Field
	operator operator
}

// domain is a space of tokens that share a key.
type domain struct {
	name   string
	scope  policy.Scope
	digits bool // some tokens of the domain are digits
}

// Compile makes the plan of p for one environment. It fails when a key cannot be derived or the policy asks for
// what this version cannot do.
func Compile(p *policy.Policy, ring *keys.Ring, environment string) (*Plan, error) {
	if p == nil || ring == nil {
		return nil, errors.New("compile policy: a policy and a key are needed")
	}
	plan := &Plan{policy: p, ring: ring, environment: environment, tenant: -1}
	for i, f := range p.Fields {
		op, err := plan.compile(f)
		if err != nil {
			return nil, fmt.Errorf("compile policy %s: %w", p.Name, err)
		}
		plan.fields = append(plan.fields, planned{f, op})
		if p.Tenant != nil && f.Path == p.Tenant.Path {
			plan.tenant = i
		}
	}
	for _, k := range p.Key {
		i := slices.IndexFunc(p.Fields, func(f policy.Field) bool { return f.Path == k })
		if i < 0 {
			return nil, fmt.Errorf("compile policy %s: key %q is no field", p.Name, k)
		}
		plan.key = append(plan.key, i)
	}
	if err := plan.watchTenants(); err != nil {
		return nil, fmt.Errorf("compile policy %s: %w", p.Name, err)
	}
	for _, d := range plan.domains { // a key that cannot be derived is told at the start and not with the first row
		tenant := ""
		if d.scope == policy.TenantScope {
			tenant = "_"
		}
		if _, err := plan.derive(d, tenant); err != nil {
			return nil, fmt.Errorf("compile policy %s: %w", p.Name, err)
		}
	}
	return plan, nil
}

// Policy is the policy that the plan was made of.
func (p *Plan) Policy() *policy.Policy { return p.policy }

// Environment is the environment whose keys the plan uses.
func (p *Plan) Environment() string { return p.environment }

// domain numbers the token's domain.
func (p *Plan) domain(t policy.Token) int {
	i := slices.IndexFunc(p.domains, func(d domain) bool { return d.name == t.Domain && d.scope == t.Scope })
	if i < 0 {
		i = len(p.domains)
		p.domains = append(p.domains, domain{name: t.Domain, scope: t.Scope})
	}
	p.domains[i].digits = p.domains[i].digits || t.Format == policy.Phone
	return i
}

// maxTenantName is the longest name of a tenant in bytes.
const maxTenantName = 128

// watchTenants prepares for tenants that the policy does not list: attestations name them, so that a column of phone
// numbers must not be taken for one of tenants.
func (p *Plan) watchTenants() error {
	if p.tenant < 0 || len(p.policy.Tenant.Known) > 0 {
		return nil
	}
	var classes []detect.Class
	for _, c := range detect.Classes() {
		if e := p.fields[p.tenant].Expect; e == nil || !slices.Contains(e.Classes, string(c)) {
			classes = append(classes, c)
		}
	}
	if len(classes) == 0 {
		return nil
	}
	var err error
	p.tenants, err = detect.NewSet(p.policy.Region, classes...)
	return err
}

// noTenant says why a value cannot be the name of a tenant, "" when it can.
func (p *Plan) noTenant(name []byte) string {
	if len(name) > maxTenantName || !utf8.Valid(name) || bytes.ContainsFunc(name, unicode.IsControl) {
		return fmt.Sprintf("the tenant is no name: want at most %d bytes of text without control characters: is it the right column?", maxTenantName)
	}
	if p.tenants == nil {
		return ""
	}
	if found := p.tenants.Find(nil, name); len(found) > 0 {
		return fmt.Sprintf("the tenant looks like a value of class %s: is it the right column? If it is, list the tenants in tenant.known", found[0].Class)
	}
	return ""
}

// refuses says why a row's tenant is refused, "" when it is not. only is the one tenant that may appear, "" for any.
func (p *Plan) refuses(tenant []byte, ok bool, only string) string {
	t := p.policy.Tenant
	if !ok || len(strings.TrimSpace(string(tenant))) == 0 {
		if t.Required {
			return "the row has no tenant: every row needs one"
		}
		return ""
	}
	if len(t.Known) > 0 {
		if _, known := slices.BinarySearch(t.Known, string(tenant)); !known {
			return "the tenant is not among tenant.known of the policy: add it there, or correct the source"
		}
	} else if reason := p.noTenant(tenant); reason != "" {
		return reason
	}
	if only != "" && string(tenant) != only {
		return "the row is of another tenant than its object"
	}
	return ""
}
