package exporter

import (
	"context"
	"path"
	"strings"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/run"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// journals is where exports keep what they are about, as JOURNALS/SOURCE/RUN.json.
const journals = own + "exports/"

// settling is how old an object must be before its run is asked for: a listing takes a while.
const settling = time.Hour

// runs counts the objects of export runs that a listing comes upon, by run.
type runs struct {
	now     time.Time
	objects map[string]int
}

func (r *runs) see(o blob.Object) {
	if p, ok := source.ParseKey(o.Key); ok && r.now.Sub(o.Modified) >= settling {
		if r.objects == nil {
			r.objects = map[string]int{}
		}
		r.objects[p.Run]++
	}
}

// tellStrays says how many objects are of runs that nobody has written: somebody laid them into such a folder. They are
// worked on like any other, but no refresh tells of them. An exporter writes its journal before the first object.
func (s *sweep) tellStrays(ctx context.Context, r runs) error {
	for _, prefix := range []string{journals, run.Prefix} {
		if len(r.objects) == 0 {
			return nil
		}
		for o, err := range s.deps.Store.List(ctx, s.raw, prefix) {
			if err != nil {
				return err
			}
			if o.Key > run.Prefix+"9" && prefix == run.Prefix {
				break // behind the ids of exports lie those of drops, which are many
			}
			delete(r.objects, strings.TrimSuffix(path.Base(o.Key), ".json"))
		}
	}
	n := 0
	for _, objects := range r.objects {
		n += objects
	}
	if n > 0 {
		s.deps.Telemetry.Log().WarnContext(ctx, "objects lie in the folder of a run that no exporter has written: they go through, and no refresh tells of them", "objects", n)
	}
	return nil
}
