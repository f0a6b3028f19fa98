// Package source is what a provider of exports looks like to the engine that schedules them: spans of time go in, raw
// objects come out. A source knows the provider's contract and nothing of buckets, the bus or schedules.
package source

import (
	"context"
	"errors"
	"time"

	"github.com/maskrail/maskrail/libs/drift"
	"github.com/maskrail/maskrail/libs/objref"
)

// Source is a provider of exports. It is safe for concurrent use.
type Source interface {
	// Available is the time before which the provider's data is complete; nothing later is asked for. A provider that does
	// not say returns now.
	Available(ctx context.Context) (time.Time, error)
	// Schemas are the fields of each entity as the provider states them now. A provider that states none returns nil.
	Schemas(ctx context.Context) (map[string]drift.Source, error)
	// Export delivers to sink all that the provider has of the task's window. A task that was begun before, by this process
	// or one that died, goes on from Task.State. What it delivers twice is delivered under the same names.
	Export(ctx context.Context, t Task, sink Sink) error
	// Abandon takes back what a task that will not go on has left with the provider, such as a job. What is gone already
	// is no error.
	Abandon(ctx context.Context, t Task) error
}

// Task is one window of a run.
type Task struct {
	Run     string
	Window  objref.Window // half-open, UTC, whole milliseconds
	Tenants []string      // whose rows are wanted; nil means everyone's
	State   []byte        // what Sink.Save was last given for this task; nil at first
}

// Sink takes what a task delivers. It is safe for concurrent use.
type Sink interface {
	// Put stores an object; when it returns the object is durable and belongs to the run.
	Put(ctx context.Context, p Part) error
	// Adopt takes up an object that the provider itself wrote into the raw bucket under the run's prefix, see Prefix.
	Adopt(ctx context.Context, key string, rows int64) error
	// Save keeps what Export needs to go on after a crash. All that was put before is kept with it.
	Save(ctx context.Context, state []byte) error
	// Note appends to the audit log: what was done, such as JobCreated, and the provider's id of the job.
	Note(ctx context.Context, action, job string) error
}

// Part is an object on its way into the raw bucket.
type Part struct {
	Entity string
	Tenant string // whose rows these are, objref.Several when of more than one
	Name   string // within run and entity: equal names are one object; see IsPartName
	Format string // "jsonl" or "parquet"; JSON Lines are compressed on the way
	Rows   int64
	Body   []byte
	// Held parks the object instead of announcing it: its rows are kept, and none reaches a sandbox before an operator has
	// looked, say because their tenants cannot be told.
	Held *objref.Reason
}

// How long a record may be, in bytes. No reader of the pipeline takes a longer one than MaxRecord, or one with a longer text
// than MaxText: it is held by itself, so that it holds up no others. One of more than MaxHeld is not fetched at all.
const (
	MaxRecord = 64 << 20
	MaxText   = 16 << 20
	MaxHeld   = 256 << 20
)

// Actions of the audit log that sources note.
const (
	JobCreated  = "job-created"
	JobAdopted  = "job-adopted" // of a process that died
	JobDone     = "job-done"
	JobFailed   = "job-failed"
	JobLost     = "job-lost"     // expired, or vanished on the provider's side
	JobDeleted  = "job-deleted"  // on abort
	JobChanged  = "job-changed"  // gave a conversation twice with different content, of which the first stays
	JobForsaken = "job-forsaken" // may be left behind: its id was never learnt
)

// Errors that the engine tells apart with errors.Is. Any other is tried again with growing waits.
var (
	// ErrSplit means that the provider has more of the window than it gives at once, or failed on it: halves may do.
	ErrSplit = errors.New("the window must be split")
	// ErrRestart means that what the task has left with the provider is gone: the task starts again without a state.
	ErrRestart = errors.New("the job is gone")
	// ErrRefused means that the provider will not do it however often it is asked: wrong credentials, a missing permission,
	// a request it does not understand. It needs an operator.
	ErrRefused = errors.New("refused by the provider")
)
