package source

import (
	"strings"

	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/run"
)

const (
	runPart    = "run="
	tenantPart = "tenant="
)

// Place is what the key of a run's object says of it.
type Place struct {
	Entity string
	Run    string
	Tenant string // objref.Several when the object is not of one tenant alone
	Name   string // of the object within the run, with its extension
}

// Prefix is where the objects of a run lie in the raw bucket. Event, sweep and engine derive the run from the key.
func Prefix(entity, id string) string { return entity + "/" + runPart + id + "/" }

// Key is where the object lies.
func (p Place) Key() string {
	if p.Tenant == objref.Several || p.Tenant == "" {
		return Prefix(p.Entity, p.Run) + p.Name
	}
	return Prefix(p.Entity, p.Run) + tenantPart + objref.Token(p.Tenant) + "/" + p.Name
}

// ParseKey reads the key of a run's object; false for any other. A run's id is a ULID, so that a folder such as
// "run=2026-03-09" of somebody else is none. Whether there is such a run is not known here: a manifest comes last.
func ParseKey(key string) (Place, bool) {
	entity, rest, _ := strings.Cut(key, "/")
	rest, ok := strings.CutPrefix(rest, runPart)
	if !ok {
		return Place{}, false
	}
	p := Place{Entity: entity, Tenant: objref.Several}
	if p.Run, p.Name, ok = strings.Cut(rest, "/"); !ok || !run.IsID(p.Run) {
		return Place{}, false
	}
	if token, ok := strings.CutPrefix(p.Name, tenantPart); ok {
		token, name, ok := strings.Cut(token, "/")
		tenant, valid := objref.ParseToken(token)
		if !ok || !valid || tenant == "" || tenant == objref.Several {
			return Place{}, false
		}
		p.Tenant, p.Name = tenant, name
	}
	return p, p.Entity != "" && p.Name != ""
}
