package exporter

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/run"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/libs/telemetry"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// Classes of the reasons that the exporter gives.
const (
	ClassNoEntity      = "no-entity"      // the key has no first segment
	ClassEntityName    = "entity-name"    // the first segment cannot be the name of an entity
	ClassUnknownEntity = "unknown-entity" // the first segment is none of the configured ones
	ClassTenantName    = "tenant-name"    // the tenant in the key cannot be the name of one
)

// ours reports whether the key is maskrail's own: manifests, marks, probes.
func ours(key string) bool { return strings.HasPrefix(key, "_") }

// marker reports whether the object is a folder that a console drew: a key with a slash at its end and no bytes.
func marker(key string, bytes int64) bool { return strings.HasSuffix(key, "/") && bytes == 0 }

var entityName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`) // as in a policy

// maxDigits is how many digits an entity's name may have. The first segment of a key becomes part of a subject, and a
// telephone number in its place must not.
const maxDigits = 4

func plausible(entity string) bool {
	digits := 0
	for _, c := range []byte(entity) {
		if c >= '0' && c <= '9' {
			digits++
		}
	}
	return digits <= maxDigits && entityName.MatchString(entity)
}

// entity is the first segment of the key. The error is a rejection whose reason does not show the key.
func (s *Service) entity(key string) (string, error) {
	reject := func(class, detail string) error {
		return stage.Reject(objref.Reason{Class: class, Detail: detail})
	}
	name, rest, _ := strings.Cut(key, "/")
	switch {
	case name == "" || rest == "":
		return "", reject(ClassNoEntity, "the first segment of the key names the entity: put the object under ENTITY/, such as interaction/")
	case !plausible(name):
		return "", reject(ClassEntityName, fmt.Sprintf("the first segment of the key names the entity: want lower-case letters, digits (at most %d) and _, beginning with a letter", maxDigits))
	case len(s.config.Entities) > 0 && !slices.Contains(s.config.Entities, name):
		return "", reject(ClassUnknownEntity, "the first segment of the key is none of the configured entities: "+strings.Join(s.config.Entities, ", "))
	}
	return name, nil
}

// refer makes the reference of an object by what its key tells, and by nothing else: whoever finds the object, by event,
// sweep or export, makes the same one. Of a key that tells too little the error is a rejection whose reason does not show
// the key, and the reference has what there is.
func (s *Service) refer(o objref.Object) (objref.Ref, error) {
	ref := objref.Ref{Entity: unnamed, Tenant: objref.Several, Run: objref.DropRun(o), Object: o}
	place, exported := source.ParseKey(o.Key)
	if exported {
		ref.Run = place.Run
	}
	entity, err := s.entity(o.Key)
	if err != nil {
		return ref, err
	}
	ref.Entity = entity
	if exported && place.Tenant != objref.Several {
		if wrong := s.names.Refuse([]byte(place.Tenant)); wrong != "" {
			return ref, stage.Reject(objref.Reason{Class: ClassTenantName, Detail: "the tenant in the key " + wrong})
		}
		ref.Tenant = place.Tenant
	}
	return ref, nil
}

// describe makes the reference of the object at loc, see head, and writes the manifest of a drop's run; that of an export
// is the exporter's last act. ok is false when there is nothing to announce: the object is gone. An object that is not to
// be announced is a rejection, and the reference says of what.
func (s *Service) describe(ctx context.Context, loc blob.Location) (ref objref.Ref, ok bool, err error) {
	head, err := s.head(ctx, loc)
	if errors.Is(err, blob.ErrNotFound) {
		return objref.Ref{}, false, nil
	}
	if err != nil {
		return objref.Ref{}, false, err
	}
	telemetry.Link(ctx, head.Metadata["traceparent"])
	o := objref.From(head)
	ref, err = s.refer(o)
	if err != nil {
		return ref, false, err
	}
	exported := run.IsID(ref.Run)
	if reason, held := source.Held(head.Metadata, exported); held {
		return ref, false, stage.Reject(reason)
	}
	if !exported {
		err = run.Write(ctx, s.deps.Store, s.raw, run.Drop(o))
	}
	return ref, err == nil, err
}

// head describes the version that loc names if the store keeps it, although a newer one may be there: what both hold is
// wanted. Where an overwritten version is gone the newest stands for it, and so it does where loc names none. An object
// that was deleted is not announced any more, whatever is left of it.
func (s *Service) head(ctx context.Context, loc blob.Location) (blob.Object, error) {
	newest, err := s.deps.Store.Head(ctx, blob.Location{Bucket: loc.Bucket, Key: loc.Key})
	if err != nil || loc.Version == newest.Version || !loc.Kept() {
		return newest, err
	}
	return s.deps.Store.Head(ctx, loc)
}
