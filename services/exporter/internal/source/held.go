package source

import (
	"strconv"
	"strings"

	"github.com/maskrail/maskrail/libs/objref"
)

// Classes of the reasons to hold a part, or to refuse an object for what its key says.
const (
	ClassTenantMissing   = "tenant-missing"   // nothing tells the tenant
	ClassTenantBlank     = "tenant-blank"     // what should tell it is there, and blank
	ClassTenantConflict  = "tenant-conflict"  // two tenants
	ClassTenantTruncated = "tenant-truncated" // the value may have been cut
	ClassTenantKey       = "tenant-key"       // what should tell it has a name that is another in upper and lower case alone
	ClassTenantUnknown   = "tenant-unknown"   // none of those that are known
	ClassTenantMalformed = "tenant-malformed" // not the name of anybody
	ClassMalformed       = "malformed"        // a record that no reader takes
	ClassHeld            = "held"             // none of the others
)

// held is what an operator reads of each class where the source says no more.
var held = map[string]string{
	ClassTenantMissing:   "nothing tells the tenant of a record",
	ClassTenantBlank:     "the tenant of a record is blank",
	ClassTenantConflict:  "a record names more than one tenant",
	ClassTenantTruncated: "the tenant of a record may have been cut",
	ClassTenantKey:       "the attribute of the tenant is written in other letters",
	ClassTenantUnknown:   "a record has a tenant that is not known",
	ClassTenantMalformed: "the tenant of a record cannot be the name of one",
	ClassMalformed:       "a record cannot be read",
	ClassHeld:            "whoever stored the object wants it to be looked at",
}

const (
	heldKey       = "maskrail-held"
	heldFieldKey  = "maskrail-held-field"
	heldDetailKey = "maskrail-held-detail"
	heldCountKey  = "maskrail-held-count"
	maxHeld       = 300 // bytes of a text
)

// HoldMetadata is what the metadata of a held object says, see Part.Held. It is no text from the data.
func HoldMetadata(r objref.Reason) map[string]string {
	m := map[string]string{heldKey: r.Class}
	if held[r.Class] == "" {
		m[heldKey] = ClassHeld
	}
	if plain(r.Field) {
		m[heldFieldKey] = r.Field
	}
	if plain(r.Detail) {
		m[heldDetailKey] = r.Detail
	}
	if r.Count > 0 {
		m[heldCountKey] = strconv.FormatInt(r.Count, 10)
	}
	return m
}

// Held is the reason that an object's metadata gives, false when the object is not held. Anybody who can write to the bucket
// can write metadata, so a class that is not known is ClassHeld, and the rest counts only with ours: where the object is of
// a run.
func Held(metadata map[string]string, ours bool) (objref.Reason, bool) {
	class, ok := metadata[heldKey]
	if !ok {
		return objref.Reason{}, false
	}
	if held[class] == "" {
		class, ours = ClassHeld, false
	}
	r := objref.Reason{Class: class, Detail: held[class]}
	if !ours {
		return r, true
	}
	if detail := metadata[heldDetailKey]; plain(detail) {
		r.Detail = detail
	}
	if field := metadata[heldFieldKey]; plain(field) {
		r.Field = field
	}
	if n, err := strconv.ParseInt(metadata[heldCountKey], 10, 64); err == nil && n > 0 {
		r.Count = n
	}
	return r, true
}

// plain reports a text that can stand in a header and in a message.
func plain(s string) bool {
	return s != "" && len(s) <= maxHeld && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}
