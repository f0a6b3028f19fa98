package exporter

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/objref"
)

const (
	// late is how long after its time an object may come under a prefix that is ordered by time and still be found by the
	// next sweep: it is uploaded for a while, or its writer was held up. What comes later is found within a day.
	late = 3 * time.Hour
	// daily is how often everything is listed.
	daily = 24 * time.Hour
)

// section is a range of keys that are swept together: those under prefix, behind the key after, before the key until. Of one
// that is ordered by time most needs no second look: up to the cursor everything has ended, and what comes has a greater key.
type section struct {
	prefix, after, until string // after and until may be "" for none
	ordered              bool

	cursor string
	// proof has, by environment, an object up to the cursor that ended there, see forgotten.
	proof map[string]string
	open  bool // everything so far has ended, in the listing that is under way
}

// sections divides the bucket by the routes that are ordered by time. They lie in the order of keys and leave nothing out
// but what is maskrail's own: of that there is a manifest for each drop.
func sections(all routes) []*section {
	inner := append(slices.Clone(all), Route{Prefix: own})
	slices.SortFunc(inner, func(a, b Route) int { return cmp.Compare(a.Prefix, b.Prefix) })
	root := Route{}
	if inner[0].Prefix == "" {
		root, inner = inner[0], inner[1:]
	}
	return divide(root, inner)
}

// divide makes the sections of a route around those of the routes inside it, which are sorted by prefix.
func divide(r Route, inner []Route) []*section {
	var out []*section
	after := ""
	for len(inner) > 0 {
		first := inner[0]
		n := 1
		for n < len(inner) && strings.HasPrefix(inner[n].Prefix, first.Prefix) {
			n++
		}
		var parts []*section
		if first.Prefix != own {
			parts = divide(first, inner[1:n])
		}
		inner = inner[n:]
		if !r.TimeOrdered && len(parts) == 1 && !parts[0].ordered {
			continue // of one kind
		}
		out = append(out, &section{prefix: r.Prefix, after: after, until: first.Prefix, ordered: r.TimeOrdered})
		out = append(out, parts...)
		after = first.Prefix + lastRune
	}
	return append(out, &section{prefix: r.Prefix, after: after, ordered: r.TimeOrdered})
}

// lastRune sorts behind every other character: a prefix with it behind all keys of the prefix.
const lastRune = "\U0010FFFF"

// forgotten reports that the states do not know any more what they knew: the bus has lost its memory, and everything must
// be looked at again.
func (s *section) forgotten(ended map[string]map[string]bool) bool {
	for env, identity := range s.proof {
		if !ended[env][identity] {
			return true
		}
	}
	return false
}

// begin begins a listing, of the whole section or of the rest.
func (s *section) begin(whole bool) {
	if s.open = s.ordered; whole {
		s.cursor, s.proof = "", map[string]string{}
	}
}

// list yields what is to be looked at.
func (s *section) list(ctx context.Context, store blob.Store, bucket string) iter.Seq2[blob.Object, error] {
	return func(yield func(blob.Object, error) bool) {
		for o, err := range blob.ListAfter(ctx, store, bucket, s.prefix, max(s.after, s.cursor)) {
			if err == nil && s.until != "" && o.Key >= s.until {
				return
			}
			if !yield(o, err) {
				return
			}
		}
	}
}

// pass moves the cursor behind the object, unless something before it has to be looked at again.
func (s *section) pass(o blob.Object, settled bool, ended map[string]map[string]bool, now time.Time) {
	s.open = s.open && settled && now.Sub(o.Modified) >= late
	if !s.open {
		return
	}
	s.cursor = o.Key
	identity := objref.From(o).Identity()
	for env, known := range ended {
		if known[identity] {
			s.proof[env] = identity
		}
	}
}
