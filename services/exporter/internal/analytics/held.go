package analytics

import (
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// Why a conversation is held.
const (
	TenantMissing   = source.ClassTenantMissing   // nothing tells the tenant
	TenantBlank     = source.ClassTenantBlank     // the attribute is there, and blank
	TenantConflict  = source.ClassTenantConflict  // two tenants
	TenantTruncated = source.ClassTenantTruncated // the value may have been cut
	TenantKey       = source.ClassTenantKey       // an attribute whose name is another in upper and lower case alone
	TenantUnknown   = source.ClassTenantUnknown   // none of those that are known
	TenantMalformed = source.ClassTenantMalformed // not the name of anybody
	Malformed       = source.ClassMalformed       // a record that no reader takes
)

// fault is why one conversation is held. It holds no value of it.
type fault struct{ class, field, detail string }

func (f *fault) reason(rows int64) *objref.Reason {
	return &objref.Reason{Service: "exporter", Class: f.class, Field: f.field, Detail: f.detail, Count: rows}
}
