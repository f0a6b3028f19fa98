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
)

// ErrOver means that a run is not under way.
var ErrOver = export.ErrOver

// ReadProgress is how far a run of a source has come, or ErrOver.
func ReadProgress(ctx context.Context, store blob.Store, raw, source, run string) (ExportProgress, error) {
	return export.ReadProgress(ctx, store, raw, source, run)
}

// ReadStatus is how far each source has come, in the order of their names.
func ReadStatus(ctx context.Context, store blob.Store, raw string) ([]ExportStatus, error) {
	return export.ReadStatus(ctx, store, raw)
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
