package columnar

import (
	"fmt"
	"path/filepath"
	"strings"
)

// FormatOf is the format that the name of a new file asks for: .parquet, .csv, .jsonl, .ndjson or .json, all but
// Parquet also with .gz or .zst. JSON is written one object per line under each of its names.
func FormatOf(path string) (Format, Codec, error) {
	name, codec := strings.ToLower(filepath.Base(path)), CodecNone
	if rest, ok := strings.CutSuffix(name, ".gz"); ok {
		name, codec = rest, CodecGzip
	} else if rest, ok := strings.CutSuffix(name, ".zst"); ok {
		name, codec = rest, CodecZstd
	}
	switch filepath.Ext(name) {
	case ".parquet":
		if codec == CodecNone {
			return FormatParquet, codec, nil
		}
	case ".csv":
		return FormatCSV, codec, nil
	case ".jsonl", ".ndjson", ".json":
		return FormatJSONL, codec, nil
	}
	return "", "", fmt.Errorf("file %s: the name must end in .parquet, .csv, .jsonl, .ndjson or .json (all but the first also .gz or .zst)", filepath.Base(path))
}
