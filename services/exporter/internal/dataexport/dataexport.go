// Package dataexport is the source of the guide's export contract: a job writes the rows of a window into the raw bucket
// itself, and rows of named tenants are read from a table. The contract is the guide's and no public one.
package dataexport

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/run"
	"github.com/maskrail/maskrail/services/exporter/internal/genesys"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
	"github.com/maskrail/maskrail/services/exporter/internal/tables"
)

// Filter narrows what is exported.
type Filter = tables.Filter

// Config says what is exported and where the provider puts it.
type Config struct {
	Entity string // as the provider names it; "interaction" unless another is given
	Bucket string // the raw bucket
	Region string // its AWS region
	// Format is JSON_LINES, PARQUET or CSV; JSON_LINES unless another is given. Rows of named tenants are JSON Lines always.
	Format string
	// Filters all hold for what is exported; nil means DefaultFilters, and an empty list none.
	Filters []Filter
	// Fields are what is exported; nil means all but recordings and transcripts.
	Fields []string
	// Policies are those of all environments. A recording is asked for only when each of them removes it, a transcript only
	// when each removes or scrubs it.
	Policies []*policy.Policy
}

// DefaultFilters are the guide's: what customers began.
func DefaultFilters() []Filter {
	return []Filter{{Field: "direction", Operator: "EQ", Values: []string{"INBOUND"}}}
}

// Source exports by the guide's contract. It is a source.Source.
type Source struct {
	client *genesys.Client
	config Config
}

// New makes the source. It asks for nothing yet.
func New(client *genesys.Client, c Config) (*Source, error) {
	if c.Entity == "" {
		c.Entity = "interaction"
	}
	if c.Format == "" {
		c.Format = "JSON_LINES"
	}
	if c.Filters == nil {
		c.Filters = DefaultFilters()
	}
	if err := c.validate(); err != nil {
		return nil, fmt.Errorf("new data export: %w", err)
	}
	return &Source{client: client, config: c}, nil
}

func (c Config) validate() error {
	var errs []error
	if c.Bucket == "" || c.Region == "" {
		errs = append(errs, errors.New("destination: want the raw bucket and its AWS region"))
	}
	if !slices.Contains([]string{"JSON_LINES", "PARQUET", "CSV"}, c.Format) {
		errs = append(errs, errors.New("format: want JSON_LINES, PARQUET or CSV"))
	}
	for i, f := range c.Filters {
		if err := f.Validate(); err != nil {
			errs = append(errs, fmt.Errorf("filter %d: %w", i+1, err))
		}
	}
	return errors.Join(append(errs, c.media())...)
}

// Available is the present: the contract says of no delay.
func (*Source) Available(context.Context) (time.Time, error) { return time.Now(), nil }

// Export has the provider write the rows of everyone, or reads those of the task's tenants. See source.Source.
func (s *Source) Export(ctx context.Context, t source.Task, sink source.Sink) error {
	if err := check(t); err != nil {
		return fmt.Errorf("export %s: %w: %w", s.config.Entity, source.ErrRefused, err)
	}
	if t.Tenants == nil {
		return s.exportAll(ctx, t, sink)
	}
	return s.exportTenants(ctx, t, sink)
}

// Abandon deletes the task's job. See source.Source.
func (s *Source) Abandon(ctx context.Context, t source.Task) error {
	if t.Tenants != nil {
		return nil // reading a table leaves nothing behind
	}
	return s.deleteJobs(ctx, t)
}

func check(t source.Task) error {
	switch {
	case !run.IsID(t.Run):
		return errors.New("the task has no run")
	case !t.Window.From.Before(t.Window.To):
		return errors.New("the window has no length")
	case t.Tenants != nil && len(t.Tenants) == 0:
		return tables.ErrNoTenant
	}
	return nil
}

// windowName is the window in names of objects.
func windowName(w objref.Window) string { return compact(w.From) + "-" + compact(w.To) }

// compact writes a time for names: digits, T and Z.
func compact(t time.Time) string {
	t = t.UTC()
	return fmt.Sprintf("%s%03dZ", t.Format("20060102T150405"), t.Nanosecond()/int(time.Millisecond))
}
