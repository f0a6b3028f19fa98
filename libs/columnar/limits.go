package columnar

import "cmp"

// Limits bound what a file may ask of the machine. A zero field means its
// default.
type Limits struct {
	MaxColumns   int   // columns of a file: leaves for Parquet, members of all levels for JSON; default 10,000
	MaxCellBytes int   // bytes of one cell or name in a text format; default 16 MiB
	MaxRowBytes  int   // bytes of one CSV record or JSON object; default 64 MiB
	MaxRatio     int64 // decompressed : compressed; default 200
	RatioFree    int64 // decompressed bytes to which MaxRatio does not apply; default 64 MiB
	MaxFooter    int64 // bytes of a Parquet footer; default 64 MiB
	MaxMemory    int64 // bytes of Arrow memory alive through one Reader, delivered batches included; default 2 GiB
}

// DefaultLimits returns the limits that apply where a field is zero.
func DefaultLimits() Limits {
	return Limits{
		MaxColumns:   10_000,
		MaxCellBytes: 16 << 20,
		MaxRowBytes:  64 << 20,
		MaxRatio:     200,
		RatioFree:    64 << 20,
		MaxFooter:    64 << 20,
		MaxMemory:    2 << 30,
	}
}

func (l Limits) withDefaults() Limits {
	d := DefaultLimits()
	return Limits{
		MaxColumns:   cmp.Or(l.MaxColumns, d.MaxColumns),
		MaxCellBytes: cmp.Or(l.MaxCellBytes, d.MaxCellBytes),
		MaxRowBytes:  cmp.Or(l.MaxRowBytes, d.MaxRowBytes),
		MaxRatio:     cmp.Or(l.MaxRatio, d.MaxRatio),
		RatioFree:    cmp.Or(l.RatioFree, d.RatioFree),
		MaxFooter:    cmp.Or(l.MaxFooter, d.MaxFooter),
		MaxMemory:    cmp.Or(l.MaxMemory, d.MaxMemory),
	}
}

// expands reports whether out bytes from in bytes is more than a file of real
// data does.
func (l Limits) expands(in, out int64) bool {
	return out > l.RatioFree && out/l.MaxRatio > in
}

// A batch is BatchRows rows, fewer where rows are wide: 1Mi cells keep a batch
// of many sparse columns small, 64 MiB one of few large cells.
const (
	DefaultBatchRows = 16_384

	maxBatchCells = 1 << 20
	maxBatchBytes = 64 << 20
)

func batchRows(want, columns int, rowBytes int64) int {
	rows := int64(cmp.Or(want, DefaultBatchRows))
	rows = min(rows, maxBatchCells/int64(max(columns, 1)))
	rows = min(rows, maxBatchBytes/max(rowBytes, 1))
	return int(max(rows, 1))
}
