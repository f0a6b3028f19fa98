// Package columnar streams Parquet, CSV and JSON (the text formats plain, gzip
// or zstd) as Arrow record batches, and writes them back, JSON as JSON Lines.
//
// Whatever the format, the same row arrives as the same cells: Parquet keeps
// its types, CSV and JSON scalars are strings unless a type is declared, and
// AppendText gives every value one text. Objects and arrays inside JSON are
// structs, maps and lists where that is declared, and text otherwise.
//
// Input is hostile until proven otherwise: claims in a file are checked before
// anything is allocated for them, a panic of a decoder becomes an Error, and an
// object is never shorter than it says: rows read ≠ rows claimed is an Error.
// Messages hold no cell value.
//
// Ownership of batches: Reader.Next hands one reference to the caller, who
// releases it; Writer.Write borrows; Map owns what it passes along.
package columnar
