package synth

import (
	"io"
	"path/filepath"
	"strings"

	"github.com/maskrail/maskrail/libs/columnar"
)

// jsonOf is what the ending of a file's name says, if it is JSON: Lines, or one array.
func jsonOf(path string) (codec columnar.Codec, array, ok bool) {
	name := strings.ToLower(path)
	if rest, cut := strings.CutSuffix(name, ".gz"); cut {
		name, codec = rest, columnar.CodecGzip
	} else if rest, cut := strings.CutSuffix(name, ".zst"); cut {
		name, codec = rest, columnar.CodecZstd
	}
	switch filepath.Ext(name) {
	case ".json":
		return codec, true, true
	case ".jsonl", ".ndjson":
		return codec, false, true
	}
	return codec, false, false
}

// records is a file of JSON texts, in which null, absent and empty are not the same.
type records struct {
	io.WriteCloser
	entity
	buf                []byte
	before, after, end string // what stands before a record and after it, and at the end of the file
}

func newRecords(w io.Writer, e entity, codec columnar.Codec, array bool) (*records, error) {
	out, err := columnar.Compress(w, codec)
	if err != nil {
		return nil, err
	}
	if array {
		return &records{WriteCloser: out, entity: e, before: "[\n", end: "\n]\n"}, nil
	}
	return &records{WriteCloser: out, entity: e, after: "\n"}, nil
}

func (r *records) step() int64 { return 64 }

func (r *records) add(seed uint64, from, to int64) error {
	r.buf = r.buf[:0]
	for i := from; i < to; i++ {
		r.buf = append(r.buf, r.before...)
		r.buf = append(appendJSON(r.buf, r.record(seed, i)), r.after...)
		if r.end != "" {
			r.before = ",\n"
		}
	}
	_, err := r.Write(r.buf)
	return err
}

func (r *records) Close() error {
	end := r.end
	if end != "" && r.before == "[\n" { // no record
		end = r.before + end
	}
	if _, err := io.WriteString(r.WriteCloser, end); err != nil {
		return err
	}
	return r.WriteCloser.Close()
}
