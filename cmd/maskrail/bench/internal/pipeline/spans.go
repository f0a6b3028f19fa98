package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/maskrail/maskrail/libs/telemetry"
)

// spans keeps what the workers trace.
type spans struct {
	mu      sync.Mutex
	all     []telemetry.SpanData
	changed chan struct{}
}

func newSpans() *spans { return &spans{changed: make(chan struct{}, 1)} }

// Span implements telemetry.SpanSink.
func (s *spans) Span(d telemetry.SpanData) {
	s.mu.Lock()
	s.all = append(s.all, d)
	s.mu.Unlock()
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// take waits for n spans of a service under a name that begins so, and returns all that were kept until then. An object
// that ended otherwise than it should ends the waiting: those behind it would be waited for in vain.
func (s *spans) take(ctx context.Context, n int, service, prefix string) ([]telemetry.SpanData, error) {
	for {
		s.mu.Lock()
		if len(of(s.all, service, prefix)) >= n {
			all := s.all
			s.all = nil
			s.mu.Unlock()
			return all, nil
		}
		lost := slices.IndexFunc(s.all, func(d telemetry.SpanData) bool { return strings.HasPrefix(d.Name, processing) && done(d) != nil })
		var err error
		if lost >= 0 {
			err = done(s.all[lost])
		}
		s.mu.Unlock()
		if err != nil {
			return nil, err
		}
		select {
		case <-s.changed:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// of are the spans of a service under names that begin with one of the prefixes.
func of(all []telemetry.SpanData, service string, prefixes ...string) []telemetry.SpanData {
	var out []telemetry.SpanData
	for _, s := range all {
		if s.Service == service && slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(s.Name, p) }) {
			out = append(out, s)
		}
	}
	return out
}

// busy is how long at least one of the spans was open.
func busy(all []telemetry.SpanData) time.Duration {
	s := slices.Clone(all)
	slices.SortFunc(s, func(a, b telemetry.SpanData) int { return a.Start.Compare(b.Start) })
	var total time.Duration
	var until time.Time
	for _, x := range s {
		if x.Start.After(until) {
			until = x.Start
		}
		if x.End.After(until) {
			total += x.End.Sub(until)
			until = x.End
		}
	}
	return total
}

// done refuses a span of a message that was not worked off, which would count as fast.
func done(s telemetry.SpanData) error {
	if outcome := s.Attributes["maskrail.outcome"]; s.Failed || outcome != "done" {
		return fmt.Errorf("an object ended in the %s as %q", s.Service, outcome)
	}
	return nil
}
