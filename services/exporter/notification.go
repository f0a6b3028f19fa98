package exporter

import (
	"context"
	"strings"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/s3event"
)

// unnamed is the entity of a reference whose key has not been looked at yet.
const unnamed = "_"

// unseen begins the version of an object of which a notification says too little.
const unseen = "event:"

// decode reads a notification of the object store. The references that it returns name what was told of; announce
// looks at what is there. A notification in a dialect that nobody knows is an error, and its objects are left to the
// sweep.
func (s *Service) decode(m bus.Message) ([]objref.Ref, error) {
	events, err := s3event.Parse(m.Data)
	if err != nil {
		return nil, err
	}
	var refs []objref.Ref
	for _, e := range s3event.Latest(events) {
		if e.Kind != s3event.Created || e.Bucket != s.raw || s.skips(e.Key, e.Size) {
			continue
		}
		o := objref.Object{Bucket: e.Bucket, Key: e.Key, Version: e.Version, ETag: e.ETag, Bytes: e.Size}
		switch {
		case o.Version != "":
		case o.ETag != "":
			o.Version = "etag:" + o.ETag
		default:
			o.Version = unseen + e.Sequencer // until announce has looked
		}
		ref, _ := s.refer(o) // announce rejects it
		refs = append(refs, ref)
	}
	return refs, nil
}

// announce is the exporter's stage.Func.
func (s *Service) announce(ctx context.Context, in objref.Ref) ([]objref.Ref, error) {
	at := in.Object.Location()
	if strings.HasPrefix(at.Version, unseen) {
		at.Version = ""
	}
	ref, ok, err := s.describe(ctx, at)
	if err != nil || !ok {
		return nil, err
	}
	return []objref.Ref{ref}, nil
}
