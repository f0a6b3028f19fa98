package columnar

import (
	"fmt"
	"path/filepath"
	"strings"
)

// FormatOf is the format that the name of a new file asks for: .parquet, .csv or .jsonl, the latter two also with .gz
// or .zst.
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
	case ".jsonl", ".ndjson":
		return FormatJSONL, codec, nil
	}
	return "", "", fmt.Errorf("file %s: the name must end in .parquet, .csv or .jsonl (the latter two also .gz or .zst)", filepath.Base(path))
}
