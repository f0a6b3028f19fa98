package loader

import (
	"context"

	"github.com/maskrail/maskrail/services/loader/sink"
)

// Sink is a sandbox's database. It is safe for concurrent use and runs one load at a time.
type Sink interface {
	// Load brings the rows of b into the sandbox that are not there yet, with a line in the ledger, or changes
	// nothing at all. A row is there when a row with the same tenant and key is; it is never overwritten. An
	// object whose bytes are in the ledger already is not read again.
	//
	// The error is a stage.Reject when the data and the sandbox do not go together, a stage.RetryAfter when the
	// sandbox is in use, and otherwise one that another try may mend. None holds a value from the data.
	Load(ctx context.Context, b sink.Batch) (sink.Result, error)
	// Ready says why a load could not start now, or nil. It is cheap and changes nothing.
	Ready(ctx context.Context) error
}
