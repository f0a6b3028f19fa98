package validator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/maskrail/maskrail/libs/objref"
)

// checkRows holds the number of rows that were read against the attested one and the reference's.
func checkRows(e *evidence) (string, []Finding) {
	var found []Finding
	wrong := func(format string, a ...any) {
		found = append(found, Finding{Class: ClassRows, Count: e.cells.rows, Detail: fmt.Sprintf(format, a...)})
	}
	if e.cells.rows != e.ref.Rows {
		wrong("the object has %d rows, the reference says %d", e.cells.rows, e.ref.Rows)
	}
	if m := e.attested; m != nil {
		if e.cells.rows != m.RowsOut {
			wrong("the object has %d rows, the masker attests %d", e.cells.rows, m.RowsOut)
		}
	}
	return plural(e.cells.rows, "row"), found
}

// checkKey wants a key in every row and no key twice in one tenant.
func checkKey(e *evidence) (string, []Finding) {
	var found []Finding
	if len(e.policy.Key) == 0 {
		return "the policy names no key", nil
	}
	for i, k := range e.policy.Key {
		switch {
		case e.cells.keys.columns[i] < 0:
			found = append(found, Finding{Class: ClassMissingField, Field: k, Detail: "the key column is not in the object"})
		case e.cells.keys.empty[i] > 0:
			found = append(found, Finding{Class: ClassNullKey, Field: k, Count: e.cells.keys.empty[i],
				Detail: plural(e.cells.keys.empty[i], "row") + " without a key: every row needs one"})
		}
	}
	if n := e.cells.keys.twice; n > 0 {
		found = append(found, Finding{Class: ClassDuplicateKey, Field: strings.Join(e.policy.Key, ", "), Count: n,
			Detail: plural(n, "row") + " with a key that an earlier row of the same tenant has"})
	}
	return plural(e.cells.keys.rows-e.cells.keys.twice, "distinct key"), found
}

// checkTenants wants every row to belong to a tenant that the policy knows and the reference declares, and as many rows
// of each as the masker attests.
func checkTenants(e *evidence) (string, []Finding) {
	t := e.policy.Tenant
	if t == nil {
		if m := e.attested; m != nil && len(m.Tenants) > 0 {
			return "", []Finding{{Class: ClassTenantRows, Detail: "the masker attests tenants, the policy has none"}}
		}
		return "the policy has no tenant", nil
	}
	var found []Finding
	wrong := func(class string, rows int64, detail string) {
		if rows > 0 {
			found = append(found, Finding{Class: class, Field: t.Path, Count: rows, Detail: plural(rows, "row") + " " + detail})
		}
	}
	c := e.cells.tenants
	if c.column < 0 {
		return "", []Finding{{Class: ClassMissingField, Field: t.Path, Detail: "the tenant column is not in the object"}}
	}
	var none, unknown, foreign int64
	for tenant, rows := range c.rows {
		if strings.TrimSpace(tenant) == "" {
			none += rows
			continue
		}
		if _, known := slices.BinarySearch(t.Known, tenant); len(t.Known) > 0 && !known {
			unknown += rows
		}
		if e.ref.Tenant != objref.Several && tenant != e.ref.Tenant {
			foreign += rows
		}
	}
	if t.Required {
		wrong(ClassNoTenant, none, "without a tenant: every row needs one")
	}
	wrong(ClassForeignTenant, foreign, "of another tenant than the one the object is declared to be of")
	wrong(ClassUnknownTenant, unknown, "of a tenant that is not among tenant.known of the policy")
	wrong(ClassUnknownTenant, c.beyond, fmt.Sprintf("beyond the first %d tenants: is it the right column?", maxTenants))
	if m := e.attested; m != nil {
		var off int64
		for tenant, rows := range c.rows {
			off += max(rows-m.Tenants[tenant], m.Tenants[tenant]-rows)
		}
		for tenant, rows := range m.Tenants {
			if _, there := c.rows[tenant]; !there {
				off += rows
			}
		}
		wrong(ClassTenantRows, off, "more or fewer by tenant than the masker attests")
	}
	return plural(int64(len(c.rows)), "tenant"), found
}
