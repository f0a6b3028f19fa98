package masker

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// frame is one batch under work: its columns by field of the policy, and the tenant of each row.
type frame struct {
	columns []arrow.Array // by field; nil when the source has no such column
	rows    int
	mem     memory.Allocator

	// Tenants are numbered within the batch, in order of appearance; rows of one tenant mostly stand together.
	tenants  []string
	tenantOf []int32 // by row

	views []*texts // by field, made on demand
}

func newFrame(columns []arrow.Array, rows int, mem memory.Allocator) *frame {
	return &frame{columns: columns, rows: rows, mem: mem, views: make([]*texts, len(columns))}
}

// texts is a view of the field's column of its own, because two readers of one row would share a buffer.
func (f *frame) texts(field int) *texts { return newTexts(f.columns[field]) }

// context is the shared view of a column that other columns look into, nil when the source has no such column.
func (f *frame) context(field int) *texts {
	if f.columns[field] == nil {
		return nil
	}
	if f.views[field] == nil {
		f.views[field] = newTexts(f.columns[field])
	}
	return f.views[field]
}

// own numbers the tenants of the rows. Without a tenant column every row belongs to tenant 0, "". A tenant other
// than only is refused, unless only is empty.
func (f *frame) own(p *Plan, only string) error {
	f.tenantOf = make([]int32, f.rows)
	if p.tenant < 0 || f.columns[p.tenant] == nil {
		f.tenants = []string{""}
		return nil
	}
	view := f.context(p.tenant)
	last, number := int32(-1), map[string]int32{}
	for row := range f.rows {
		text, ok, err := view.at(row)
		if err != nil {
			return err
		}
		if last >= 0 && f.tenants[last] == string(text) {
			f.tenantOf[row] = last
			continue
		}
		at, seen := number[string(text)]
		if !seen {
			if reason := p.refuses(text, ok, only); reason != "" {
				return faultf(ClassUnknownTenant, p.policy.Tenant.Path, row, "%s", reason)
			}
			if len(f.tenants) >= maxTenants {
				return tooManyTenants(p)
			}
			at = int32(len(f.tenants))
			f.tenants = append(f.tenants, string(text))
			number[string(text)] = at
		}
		last, f.tenantOf[row] = at, at
	}
	return nil
}

func tooManyTenants(p *Plan) *fault {
	return faultf(ClassUnknownTenant, p.policy.Tenant.Path, -1, "more than %d tenants in one object: is it the right column?", maxTenants)
}
