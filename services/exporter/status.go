package exporter

import (
	"context"

	"github.com/maskrail/maskrail/libs/audit"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/services/exporter/internal/export"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

type (
	// ExportProgress is how far a run has come.
	ExportProgress = export.Progress
	// ExportStatus is how far a source has come.
	ExportStatus = export.Status
	// ExportStopped is a window that has failed.
	ExportStopped = export.Stopped
	// SkipRequest asks that a span of a source is not waited for.
	SkipRequest = export.SkipRequest
)

var (
	// ErrOver means that a run is not under way.
	ErrOver = export.ErrOver
	// ErrRequest means that what is asked for is wrong.
	ErrRequest = export.ErrRequest
)

// ReadProgress is how far a run of a source has come, or ErrOver.
func ReadProgress(ctx context.Context, store blob.Store, raw, source, run string) (ExportProgress, error) {
	return export.ReadProgress(ctx, store, raw, source, run)
}

// ReadStatus is how far each source has come, in the order of their names.
func ReadStatus(ctx context.Context, store blob.Store, raw string) ([]ExportStatus, error) {
	return export.ReadStatus(ctx, store, raw)
}

// Skip writes down an operator's decision that windows of a span that the provider does not give are given up, and returns those
// that have failed by now. The exporter of the source gives them up when it next looks, within a quarter of an hour.
func Skip(ctx context.Context, store blob.Store, raw string, r SkipRequest) ([]ExportStopped, error) {
	return export.DecideSkip(ctx, store, raw, r)
}

// AuditLog is the audit log of exports in the raw bucket.
func AuditLog(store blob.Store, raw string) *audit.Log {
	return audit.Open(store, raw, export.AuditPrefix)
}

// Entity is what an object of a run holds, by its key; "" for the key of another object.
func Entity(key string) string {
	at, _ := source.ParseKey(key)
	return at.Entity
}
