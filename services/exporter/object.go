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
)

// Classes of the reasons that the exporter gives.
const (
	ClassNoEntity      = "no-entity"      // the key has no first segment
	ClassEntityName    = "entity-name"    // the first segment cannot be the name of an entity
	ClassUnknownEntity = "unknown-entity" // the first segment is none of the configured ones
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

// describe makes the reference of the object that lies under the key now, which may be another than the one that was
// told of, and writes the manifest of its run. ok is false when there is nothing to announce: the object is gone, or it
// is the marker of a folder.
func (s *Service) describe(ctx context.Context, key string) (ref objref.Ref, ok bool, err error) {
	entity, err := s.entity(key)
	if err != nil {
		return objref.Ref{}, false, err
	}
	head, err := s.deps.Store.Head(ctx, blob.Location{Bucket: s.raw, Key: key})
	if errors.Is(err, blob.ErrNotFound) {
		return objref.Ref{}, false, nil
	}
	if err != nil {
		return objref.Ref{}, false, err
	}
	telemetry.Link(ctx, head.Metadata["traceparent"])
	o := objref.From(head)
	if err := run.Write(ctx, s.deps.Store, s.raw, run.Drop(o)); err != nil {
		return objref.Ref{}, false, err
	}
	return objref.Ref{Entity: entity, Tenant: objref.Several, Run: objref.DropRun(o), Object: o}, true, nil
}
