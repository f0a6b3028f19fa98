package masker

import (
	"bytes"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/maskrail/maskrail/libs/tenant"
)

// maxTenants is the most tenants that one file may have. Without a list of known tenants, a wrong column would
// otherwise make every row a tenant.
const maxTenants = 10_000

// watchTenants prepares for tenants that the policy does not list: attestations name them, so that a column of phone
// numbers must not be taken for one of tenants.
func (p *Plan) watchTenants() (err error) {
	if p.tenant < 0 || len(p.policy.Tenant.Known) > 0 {
		return nil
	}
	var expected []string
	if e := p.fields[p.tenant].Expect; e != nil {
		expected = e.Classes
	}
	p.tenants, err = tenant.NewNames(p.policy.Region, expected...)
	return err
}

// refuses says why a record's tenant is refused, "" when it is not. only is the one tenant that may appear, "" for any.
func (p *Plan) refuses(name []byte, ok bool, only string) string {
	t := p.policy.Tenant
	if !ok || len(strings.TrimSpace(string(name))) == 0 {
		switch {
		case t.Required:
			return "the row has no tenant: every row needs one"
		case only != "":
			return "the row has no tenant, and its object is of one"
		}
		return ""
	}
	if len(t.Known) > 0 {
		if _, known := slices.BinarySearch(t.Known, string(name)); !known {
			return "the tenant is not among tenant.known of the policy: add it there, or correct the source"
		}
	} else if reason := p.tenants.Refuse(name); reason != "" {
		return "the tenant " + reason + ": is it the right column? If it is, list the tenants in tenant.known"
	}
	if only != "" && string(name) != only {
		return "the row is of another tenant than its object"
	}
	return ""
}

// own numbers the tenants of the records. Without a tenant column every record belongs to tenant 0, "". A tenant other
// than only is refused, unless only is empty.
func (f *frame) own(only string) error {
	p := f.plan
	f.tenantOf = make([]int32, f.records.slots)
	if len(p.resolve) > 0 {
		if err := f.resolve(only); err != nil {
			return err
		}
	}
	if p.tenant < 0 || f.columns[p.tenant].array == nil {
		f.tenants = []string{""}
		return nil
	}
	c := f.columns[p.tenant]
	view := c.texts()
	last, number := int32(-1), map[string]int32{}
	for record := range f.records.slots {
		text, ok, err := view.at(record)
		if err != nil {
			return err
		}
		if last >= 0 && ok && f.tenants[last] == string(text) {
			f.tenantOf[record] = last
			continue
		}
		at, seen := number[string(text)]
		if !seen || !ok {
			if reason := p.refuses(text, ok, only); reason != "" {
				if err := c.fail(record, faultf(ClassUnknownTenant, p.policy.Tenant.Path, record, "%s", reason)); err != nil {
					return err
				}
				text = []byte(ownerless)
			}
			if at, seen = number[string(text)]; !seen {
				if len(f.tenants) >= maxTenants {
					return tooManyTenants(p)
				}
				at = int32(len(f.tenants))
				f.tenants = append(f.tenants, string(text))
				number[string(text)] = at
			}
		}
		last, f.tenantOf[record] = at, at
	}
	return nil
}

// belong makes the tenant's column: every record belongs to the owner.
func (f *frame) belong(owner string) {
	b := array.NewStringBuilder(f.mem)
	defer b.Release()
	b.Reserve(f.records.slots)
	b.ReserveData(f.records.slots * len(owner))
	for range f.records.slots {
		b.Append(owner)
	}
	c := b.NewArray()
	f.made = append(f.made, c)
	f.columns[f.plan.tenant].array = c
}

// ownerless owns the records that are left out, for as long as they are in the batch. It begins like no tenant that a source
// could name: with a control character.
const ownerless = "\x00"

// fromObject is where the tenant was found of a record that names none.
const fromObject = "object"

// resolve makes the tenant's column, and the one that says where it was found, of the values inside the records. A record
// that has none of the places is its object's tenant's, if that is of one; one with a place that is blank is nobody's.
func (f *frame) resolve(only string) error {
	p := f.plan
	owner, source := array.NewStringBuilder(f.mem), array.NewStringBuilder(f.mem)
	defer owner.Release()
	defer source.Release()
	var found []byte
	for record := range f.records.slots {
		found = found[:0]
		where, blank := -1, false
		for i, ref := range p.resolve {
			for value, err := range f.all(ref, record) {
				if err != nil {
					return err
				}
				value = bytes.TrimSpace(value)
				switch {
				case len(value) == 0:
					blank = true
				case where < 0:
					found, where = append(found, value...), i
				case !bytes.Equal(found, value):
					bad := faultf(ClassUnknownTenant, p.policy.Tenant.Path, record, "the row names two tenants: correct the source, or leave the less trusted of tenant.paths out")
					if err := f.columns[p.tenant].fail(record, bad); err != nil {
						return err
					}
				}
			}
		}
		switch {
		case where >= 0:
			owner.BinaryBuilder.Append(found)
			source.Append(p.sources[where])
		case only != "" && !blank:
			owner.Append(only)
			source.Append(fromObject)
		default:
			owner.AppendNull()
			source.AppendNull()
		}
	}
	f.columns[p.tenant].array, f.columns[p.tenant+1].array = owner.NewArray(), source.NewArray()
	f.made = append(f.made, f.columns[p.tenant].array, f.columns[p.tenant+1].array)
	return nil
}

func tooManyTenants(p *Plan) *fault {
	return faultf(ClassUnknownTenant, p.policy.Tenant.Path, -1, "more than %d tenants in one object: is it the right column?", maxTenants)
}
