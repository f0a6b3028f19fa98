package exporter

import (
	"context"
	"errors"
	"fmt"
	"path"
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

// Classes of the reasons that the exporter gives, beside those of package source.
const (
	ClassNoEntity      = "no-entity"      // the key has no first segment
	ClassEntityName    = "entity-name"    // the first segment cannot be the name of an entity
	ClassUnknownEntity = "unknown-entity" // the first segment is none of the configured ones
)

// own begins the keys of what is maskrail's own: manifests, marks, probes.
const own = "_"

func ours(key string) bool { return strings.HasPrefix(key, own) }

// marker reports whether the object is a sign without a byte: a folder that a console drew, whose key has a slash at its
// end, or the one by which Hadoop and Spark say that a folder is complete.
func marker(key string, bytes int64) bool {
	return bytes == 0 && (strings.HasSuffix(key, "/") || path.Base(key) == "_SUCCESS")
}

// skips reports what is never announced.
func (s *Service) skips(key string, bytes int64) bool {
	return ours(key) || marker(key, bytes) || s.routes.of(key).ignores(key)
}

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
	var route Route
	if !exported {
		route = s.routes.of(o.Key)
	}
	var err error
	if ref.Entity = route.Entity; ref.Entity == "" {
		if ref.Entity, err = s.entity(o.Key); err != nil {
			ref.Entity = unnamed
			return ref, err
		}
	}
	ref.Object.Format, ref.Object.Dialect = string(formats[route.Format]), route.Dialect
	owner := place.Tenant
	if !exported {
		if owner, err = s.owner(route, o.Key); err != nil {
			return ref, err
		}
	} else if wrong := s.names.Refuse([]byte(owner)); wrong != "" && !slices.Contains(s.tenants, owner) {
		return ref, stage.Reject(objref.Reason{Class: source.ClassTenantMalformed, Detail: "the tenant in the key " + wrong})
	}
	ref.Tenant = owner
	return ref, nil
}

// describe makes the reference of the object at loc, see head, and writes the manifest of a drop's run; that of an export
// is the exporter's last act. ok is false when there is nothing to announce: the object is gone, or none that anybody
// wants. An object that is not to be announced is a rejection, and the reference says of what.
func (s *Service) describe(ctx context.Context, loc blob.Location) (ref objref.Ref, ok bool, err error) {
	head, err := s.head(ctx, loc)
	if errors.Is(err, blob.ErrNotFound) {
		return objref.Ref{}, false, nil
	}
	if err != nil {
		return objref.Ref{}, false, err
	}
	if s.skips(head.Key, head.Bytes) {
		return objref.Ref{}, false, nil
	}
	telemetry.Link(ctx, head.Metadata["traceparent"])
	o := objref.From(head)
	ref, err = s.refer(o)
	exported := run.IsID(ref.Run)
	if reason, held := source.Held(head.Metadata, exported); held { // whatever else is wrong with it
		if at, ok := source.ParseKey(head.Key); ok && plausible(at.Entity) { // also where this exporter announces no such entity
			ref.Entity = at.Entity
		}
		return ref, false, stage.Reject(reason)
	}
	if err != nil {
		return ref, false, err
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
