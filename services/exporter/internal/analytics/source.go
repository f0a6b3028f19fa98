// Package analytics is the source "genesys-analytics": the jobs for conversation details of the provider's analytics API.
// Records go into the raw bucket as they were delivered, fields that nobody here knows of included, and beside them, if
// wanted, in a flat form; each with its tenant, or held where the tenant cannot be told.
//
// A conversation belongs to the window in which it ended. A job gives all conversations whose lifetime touches its
// interval, so that the job of that window has it, however long it took. Whether a provider's interval includes its ends is
// not documented: windows are closed here, and what ended on the millisecond between two comes with both.
package analytics

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/maskrail/maskrail/libs/drift"
	"github.com/maskrail/maskrail/services/exporter/internal/genesys"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// Source is one organisation's conversations. It is safe for concurrent use.
type Source struct {
	Config
	client    *genesys.Client
	tenants   *resolver
	partBytes int   // partBytes; less in tests
	pageBytes int64 // of a page, and of a record that readers take: source.MaxRecord; less in tests
	heldBytes int64 // of a page of one record: source.MaxHeld; less in tests
}

var _ source.Source = (*Source)(nil)

// New makes the source of the client's organisation.
func New(client *genesys.Client, c Config) (*Source, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("new source genesys-analytics: %w", err)
	}
	c = c.withDefaults()
	var custom func(context.Context, string) ([]byte, error)
	if c.Tenants.Custom {
		custom = (&customAttributes{client: client, pace: pace{every: time.Minute / time.Duration(c.Tenants.CustomPerMinute)}}).of
	}
	tenants, err := newResolver(c.Tenants, custom)
	if err != nil {
		return nil, fmt.Errorf("new source genesys-analytics: %w", err)
	}
	return &Source{Config: c, client: client, tenants: tenants, partBytes: partBytes, pageBytes: source.MaxRecord, heldBytes: source.MaxHeld}, nil
}

func (s *Source) writes(entity string) bool { return slices.Contains(s.Write, entity) }

// Available is when the data of the jobs is complete, and with a tail what the queries have as well. It can move backward.
func (s *Source) Available(ctx context.Context) (time.Time, error) {
	at, err := s.available(ctx)
	if err != nil {
		return at, err
	}
	if near := s.tail(); near.After(at) {
		return near, nil
	}
	return at, nil
}

// available asks for the availability of the jobs' data.
func (s *Source) available(ctx context.Context) (time.Time, error) {
	const op = "read the availability of conversations"
	var answer struct {
		At time.Time `json:"dataAvailabilityDate"`
	}
	if err := s.client.Do(ctx, genesys.Call{Op: op, Method: "GET", Path: jobsPath + "/availability"}, &answer); err != nil {
		return time.Time{}, err
	}
	if answer.At.IsZero() {
		return time.Time{}, fmt.Errorf("%s: the provider does not say", op)
	}
	return answer.At.UTC().Truncate(time.Millisecond), nil
}

// Schemas are none: the provider states no schema of an organisation's records. Drift is seen in what it delivers.
func (s *Source) Schemas(context.Context) (map[string]drift.Source, error) { return nil, nil }

// Export delivers the conversations of the window.
func (s *Source) Export(ctx context.Context, t source.Task, sink source.Sink) error {
	st, err := readState(t.State)
	if err != nil || st.Done {
		return err
	}
	x := &export{s: s, task: t, sink: sink, state: st, seen: seen{}, surveyor: newSurveyor(s.pageBytes), used: map[string]bool{}}
	if st.Query || st.Asked.IsZero() && s.Tail {
		if x.Query, err = s.beyond(ctx, t.Window); err != nil {
			return err
		}
	}
	if x.Query {
		return x.query(ctx)
	}
	return x.job(ctx)
}

// Abandon deletes the task's job.
func (s *Source) Abandon(ctx context.Context, t source.Task) error {
	if st, err := readState(t.State); err == nil && st.Job != "" && !st.Done {
		return s.delete(ctx, st.Job)
	}
	return nil // nothing is left, or nobody knows what
}
