package source

import (
	"strings"

	"github.com/maskrail/maskrail/libs/objref"
)

// Classes of the reasons to hold a part. A record has no tenant, names one that nobody knows, or names two.
const (
	ClassNoTenant       = "no-tenant"
	ClassUnknownTenant  = "unknown-tenant"
	ClassTenantConflict = "tenant-conflict"
	// ClassHeld stands for what is none of the others.
	ClassHeld = "held"
)

// held is what an operator reads of each class where the source says no more.
var held = map[string]string{
	ClassNoTenant:       "a record has no tenant",
	ClassUnknownTenant:  "a record has a tenant that is not known",
	ClassTenantConflict: "a record names more than one tenant",
	ClassHeld:           "whoever stored the object wants it to be looked at",
}

const (
	heldKey       = "maskrail-held"
	heldDetailKey = "maskrail-held-detail"
	maxHeldDetail = 300 // bytes
)

// HoldMetadata is what the metadata of a held object says, see Part.Held. It is no text from the data.
func HoldMetadata(r objref.Reason) map[string]string {
	class := r.Class
	if held[class] == "" {
		class = ClassHeld
	}
	m := map[string]string{heldKey: class}
	if plain(r.Detail) {
		m[heldDetailKey] = r.Detail
	}
	return m
}

// Held is the reason that an object's metadata gives, false when the object is not held. Anybody who can write to the bucket
// can write metadata, so a class that is not known is ClassHeld, and the detail counts only with ours: where the object is
// of a run.
func Held(metadata map[string]string, ours bool) (objref.Reason, bool) {
	class, ok := metadata[heldKey]
	if !ok {
		return objref.Reason{}, false
	}
	if held[class] == "" {
		class, ours = ClassHeld, false
	}
	r := objref.Reason{Class: class, Detail: held[class]}
	if detail := metadata[heldDetailKey]; ours && plain(detail) {
		r.Detail = detail
	}
	return r, true
}

// plain reports a text that can stand in a header and in a message.
func plain(s string) bool {
	return s != "" && len(s) <= maxHeldDetail && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}
