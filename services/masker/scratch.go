package masker

import (
	"github.com/maskrail/maskrail/libs/detect"
	"github.com/maskrail/maskrail/services/masker/internal/surrogate"
)

// maxKeys bounds the derived keys that one goroutine keeps, about 2 KiB each.
const maxKeys = 1024

// scratch is what one goroutine needs to mask: buffers and keyed states, used for one batch at a time.
type scratch struct {
	plan      *Plan
	canonical *canonicaliser
	out, form []byte
	row       []byte
	spans     []detect.Span
	search    search
	around    around
	searched  []searched // by number of the scrub, for the column in work
	alphabet  surrogate.Workspace
	layers    layers
	pending   pending
	repeats   repeats // in the column in work

	// translation of the column in work, where its masked texts may come as a dictionary array of int32 and String. Nil
	// where they are to come as they are.
	translation *translation

	shifts map[shiftedLevel][]int32 // of the batch

	noter *noter // nil where nobody observes
	told  formed // by the last lay of a deferred rewriter; valid until the next, or until pending is settled

	keys  map[keyID]*tokenKey
	batch [][]*tokenKey // by key of the plan and the batch's number of the tenant
}

type keyID struct {
	key    int // of the plan
	tenant string
}

func newScratch(p *Plan) *scratch {
	return &scratch{
		plan:      p,
		canonical: newCanonicaliser(p.policy.Region),
		searched:  make([]searched, p.scrubs),
		shifts:    map[shiftedLevel][]int32{},
		keys:      map[keyID]*tokenKey{},
		batch:     make([][]*tokenKey, len(p.keys)),
	}
}

// begin forgets the last batch.
func (s *scratch) begin(f *frame) {
	clear(s.shifts)
	s.around.frame = nil
	if s.noter != nil {
		s.noter.begin(f)
	}
	for i := range s.batch {
		s.batch[i] = append(s.batch[i][:0], make([]*tokenKey, len(f.tenants))...)
	}
	if len(s.keys) > maxKeys {
		clear(s.keys)
	}
}

// key is a key of the plan for the tenant at a place.
func (s *scratch) key(number int, at place) (*tokenKey, error) {
	tenant := at.tenant()
	if k := s.batch[number][tenant]; k != nil {
		return k, nil
	}
	id := keyID{number, at.frame.tenants[tenant]}
	k := s.keys[id]
	if k == nil {
		var err error
		if k, err = s.plan.derive(s.plan.keys[number], id.tenant); err != nil {
			return nil, err
		}
		if len(s.keys) < maxKeys {
			s.keys[id] = k
		}
	}
	s.batch[number][tenant] = k
	return k, nil
}
