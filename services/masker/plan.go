// Package masker turns raw objects into masked ones: it compiles a policy to one operator for each field and runs
// Arrow batches through them, several at a time, in the order of the file. Data is at no point taken apart into
// rows: what lies inside lists and objects is masked as the columns that it is in Arrow.
package masker

import (
	"errors"
	"fmt"
	"slices"

	"github.com/maskrail/maskrail/libs/classify"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/tenant"
)

// Plan is a policy compiled for one environment and one ring of keys. It is safe for concurrent use.
type Plan struct {
	policy      *policy.Policy
	ring        *keys.Ring
	environment string
	fields      []planned // the values of the policy's tree, in its order
	keys        []purpose
	references  []reference
	looks       []look
	opinions    *classify.Classifier
	building    int          // field whose operator is being made, nobody before the first
	scrubs      int          // how many look for values of the record
	tenant      int          // field of the tenant, -1 without one
	tenants     tenant.Names // what is no tenant's name, where the policy does not list the tenants
	resolve     []reference  // where the tenant lies inside the records; the field after tenant says which it was
	sources     []string     // how resolve is written in the policy
	spaces      []space      // in which tokens are counted
	pairs       []pair       // of first and last names
	key         []int        // fields of the key
	order       int          // field that orders rows of one key, -1 without one
}

// look says that the treatment of a field looks at the values of another.
type look struct{ by, at int }

// nobody is no field of the plan, but what finds a record's tenant.
const nobody = -1

// planned is a value of the tree with its operator; the operator of a dropped field is nil.
type planned struct {
	policy.Field // the last, which has no condition
	node         *policy.Node
	operator     operator
	noting       noting
}

// Compile makes the plan of p for one environment. It fails when a key cannot be derived or the policy asks for
// what this version cannot do.
func Compile(p *policy.Policy, ring *keys.Ring, environment string) (*Plan, error) {
	if p == nil || ring == nil {
		return nil, errors.New("compile policy: a policy and a key are needed")
	}
	plan := &Plan{policy: p, ring: ring, environment: environment, tenant: -1, order: -1, building: nobody}
	var err error
	if plan.opinions, err = classify.New(p.Region); err != nil {
		return nil, fmt.Errorf("compile policy %s: %w", p.Name, err)
	}
	if err := plan.build(); err != nil {
		return nil, fmt.Errorf("compile policy %s: %w", p.Name, err)
	}
	return plan, nil
}

func (p *Plan) build() error {
	p.plant(p.policy.Tree())
	if t := p.policy.Tenant; t != nil && len(t.Paths) > 0 {
		for _, name := range []string{p.policy.TenantColumn(), p.policy.TenantColumn() + policy.SourceSuffix} {
			p.fields = append(p.fields, planned{Field: policy.Field{Path: name, Treatment: policy.Keep{}}})
		}
		for _, r := range t.Paths {
			ref, err := p.reference(r)
			if err != nil {
				return fmt.Errorf("tenant.paths: %w", err)
			}
			p.resolve, p.sources = append(p.resolve, ref), append(p.sources, r.String())
		}
	}
	for i := range p.fields {
		p.building = i
		f := &p.fields[i]
		fields := []policy.Field{f.Field}
		if f.node != nil {
			fields = f.node.Fields
		}
		var err error
		if len(fields) > 1 {
			f.operator, err = p.newChoice(fields)
		} else {
			f.operator, err = p.compile(f.Field)
		}
		if err != nil {
			return fmt.Errorf("field %q: %w", f.Path, err)
		}
		if t := p.policy.Tenant; t != nil && (f.Path == t.Path || f.node == nil && p.tenant < 0) {
			p.tenant = i
		}
	}
	p.noteFields()
	if by := p.policy.NewestBy; by != "" {
		if p.order = slices.IndexFunc(p.fields, func(f planned) bool { return f.Path == by }); p.order < 0 {
			return fmt.Errorf("newestBy %q is no field", by)
		}
	}
	for _, k := range p.policy.Key {
		i := slices.IndexFunc(p.fields, func(f planned) bool { return f.Path == k })
		if i < 0 {
			return fmt.Errorf("key %q is no field", k)
		}
		p.key = append(p.key, i)
	}
	if err := p.watchTenants(); err != nil {
		return err
	}
	for _, d := range p.keys { // a key that cannot be derived is told at the start and not with the first row
		tenant := ""
		if d.scope == policy.TenantScope {
			tenant = "_"
		}
		if _, err := p.derive(d, tenant); err != nil {
			return err
		}
	}
	return nil
}

// plant lists the values of a tree.
func (p *Plan) plant(n *policy.Node) {
	if n.Leaf() && len(n.Fields) > 0 {
		p.fields = append(p.fields, planned{Field: n.Fields[len(n.Fields)-1], node: n})
	}
	for _, m := range n.Members {
		p.plant(m)
	}
}

// fieldOf is the number of a value of the tree.
func (p *Plan) fieldOf(n *policy.Node) int {
	return slices.IndexFunc(p.fields, func(f planned) bool { return f.node == n })
}

// owner are the fields that say who a record belongs to.
func (p *Plan) owner() []int {
	switch {
	case p.tenant < 0:
		return nil
	case len(p.resolve) > 0:
		return []int{p.tenant, p.tenant + 1}
	}
	return []int{p.tenant}
}

// Policy is the policy that the plan was made of.
func (p *Plan) Policy() *policy.Policy { return p.policy }

// Environment is the environment whose keys the plan uses.
func (p *Plan) Environment() string { return p.environment }
