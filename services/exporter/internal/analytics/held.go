package analytics

import "github.com/maskrail/maskrail/libs/objref"

// Why a conversation is held.
const (
	TenantMissing   = "tenant-missing"   // nothing tells the tenant
	TenantBlank     = "tenant-blank"     // the attribute is there, and blank
	TenantConflict  = "tenant-conflict"  // two tenants
	TenantTruncated = "tenant-truncated" // the value may have been cut
	TenantKey       = "tenant-key"       // an attribute whose name is another in upper and lower case alone
	TenantUnknown   = "tenant-unknown"   // none of those that are known
	TenantMalformed = "tenant-malformed" // not the name of anybody
	Malformed       = "malformed"        // a record that no reader takes
)

// fault is why one conversation is held. It holds no value of it.
type fault struct{ class, field, detail string }

func (f *fault) reason(rows int64) *objref.Reason {
	return &objref.Reason{Service: "exporter", Class: f.class, Field: f.field, Detail: f.detail, Count: rows}
}
