// Package columnar streams Parquet, CSV and JSON Lines (the text formats
// plain, gzip or zstd) as Arrow record batches, and writes them back.
//
// Whatever the format, the same row arrives as the same cells: Parquet keeps
// its types, CSV and JSON scalars are strings unless a type is declared, and
// AppendText gives every value one text.
//
// Input is hostile until proven otherwise: claims in a file are checked before
// anything is allocated for them, a panic of a decoder becomes an Error, and an
// object is never shorter than it says: rows read ≠ rows claimed is an Error.
// Messages hold no cell value.
//
// Ownership of batches: Reader.Next hands one reference to the caller, who
// releases it; Writer.Write borrows; Map owns what it passes along.
package columnar
