// Package chunkwrite encodes Arrow columns to Parquet column chunks in memory and
// puts chunks together to a file.
//
// A File gives out a Column for each column of a row group. Columns are written,
// encoded and compressed independently, by as many goroutines as there are
// columns; Append puts their chunks into the file in the order of the schema.
//
// The bytes of a file depend on the schema, the options and the sequence of
// values alone: not on how calls divide the rows, nor on time, chance or other
// files. Nothing but stored values reaches the file; an entry of an Arrow
// dictionary that no row uses does not.
//
// Format: Parquet 2 (github.com/apache/parquet-format), data pages of version 1,
// zstd; dictionaries while they pay, otherwise texts as DELTA_LENGTH_BYTE_ARRAY
// and the rest PLAIN. Statistics stand in the footer alone. There is no page
// index, no bloom filter and no key-value metadata.
package chunkwrite
