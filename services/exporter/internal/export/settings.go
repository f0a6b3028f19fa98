package export

import (
	"context"
	"errors"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/telemetry"
)

// Settings say how one source is exported.
type Settings struct {
	Name string // of the source, unique
	Type string // as manifests name it: run.SourceExport, run.SourceAnalytics
	// Schedule is a cron expression in UTC, "" for a source that is exported on demand alone. A time that passed while nobody
	// ran is made good at once, and so is the first.
	Schedule string
	Jitter   time.Duration // the longest delay after the scheduled time; equal in all processes
	Window   time.Duration // the longest span that is asked for at once
	Lookback time.Duration // how far back the first export begins
	// Overlap is how much of what was exported is exported again by the next run: records change for some time.
	Overlap time.Duration
	// Resweeps are ages at which a day (UTC) is exported once more, such as 4 and 35 days.
	Resweeps []time.Duration
	Tenants  []string // whose rows are wanted; none means everyone's
	Workers  int      // windows of a run at the same time
}

// ErrIgnored means that nobody was told of an object. No run waits for such a one, and none leaves one out that it has delivered.
var ErrIgnored = errors.New("the object is gone, or a pattern in ignore of its route leaves it out: narrow the pattern")

// Deps is what an engine works with.
type Deps struct {
	Bus          bus.Bus
	Store        blob.Store
	Telemetry    *telemetry.Telemetry
	Raw          string   // the bucket that is exported into
	Quarantine   string   // the bucket of notices on drift
	Environments []string // in which an object must have ended
	// Policies are what the schemas of sources are compared with before anything is asked for; nil for no comparison.
	Policies *policy.Set
	// Lease is how long an exporter that has gone blocks another one from its sources; 0 means lease.Default.
	Lease time.Duration
	// Announce tells the workers of an object of the raw bucket, or parks it. It may be called more than once for one. Of one that
	// is not there, or that the configuration leaves out, it tells nobody, and fails with ErrIgnored.
	Announce func(ctx context.Context, at blob.Location) error
}
