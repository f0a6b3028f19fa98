package columnar

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	opOpenCSV = "open csv"
	opReadCSV = "read csv"
)

var errClosed = errors.New("columnar: reader is closed")

// openCSV reads the first record. Empty lines are skipped, except in a file of one column, where
// an empty line is a row that is null.
func openCSV(src Source, o Options) (Reader, error) {
	t := track(src)
	var r *textReader
	err := guard(func() error {
		text, err := openBytes(t, o.Codec, o.Limits)
		if err != nil {
			return err
		}
		r, err = newCSVReader(t, text, o)
		if err != nil {
			text.Close()
		}
		return err
	})
	if err != nil {
		return nil, t.blame(opOpenCSV, 0, err)
	}
	return r, nil
}

func newCSVReader(t *trackedSource, text *stream, o Options) (*textReader, error) {
	utf8Text, err := decodeCSV(text, o.CSV.Encoding)
	if err != nil {
		return nil, err
	}
	scan := newCSVScanner(utf8Text, o.CSV, o.Limits)
	first := scan.next()
	for first == nil && scan.blank() && (o.CSV.Header || len(o.Columns) != 1) {
		first = scan.next()
	}
	if first != nil && first != io.EOF {
		return nil, first
	}
	names, err := csvNames(scan, o, first == io.EOF)
	if err != nil {
		return nil, err
	}
	out, err := newFlatAssembler(opReadCSV, names, o)
	if err != nil {
		return nil, err
	}
	r := &textReader{cursor: cursor{t: t, op: opReadCSV}, text: text, out: out}
	pending := !o.CSV.Header && first == nil
	r.readRow = func() (bool, error) {
		if !pending {
			err := scan.next()
			for err == nil && scan.blank() && len(names) != 1 {
				err = scan.next()
			}
			if err == io.EOF {
				return false, nil
			}
			if err != nil {
				return false, err
			}
		}
		pending = false
		return true, appendRecord(out, scan)
	}
	return r, nil
}

func appendRecord(out *assembler, scan *csvScanner) error {
	if len(scan.cells) != len(out.columns) {
		return fmt.Errorf("the row has %d cells, not %d: a delimiter is missing or not quoted, or the file is cut off", len(scan.cells), len(out.columns))
	}
	if i, err := scan.check(); err != nil {
		return out.failed(opReadCSV, i, err)
	}
	for i := range scan.cells {
		if scan.null(i) {
			continue
		}
		if err := out.text(i, scan.cell(i)); err != nil {
			return err
		}
	}
	return nil
}

// csvNames takes the names from the header, or from the declared columns.
func csvNames(scan *csvScanner, o Options, empty bool) ([]string, error) {
	if !o.CSV.Header {
		return declaredNames(scan, o.Columns, empty)
	}
	if empty {
		return nil, errors.New("the file is empty, not even a header: drop it, or write the header line")
	}
	if i, err := scan.check(); err != nil {
		return nil, fmt.Errorf("name of column %d: %w", i+1, err)
	}
	names := make([]string, len(scan.cells))
	seen := make(map[string]bool, len(names))
	for i := range names {
		name := string(scan.cell(i))
		if name == "" {
			return nil, fmt.Errorf("column %d has no name in the header: name it, or set source.csv.header to false if the first line is a row", i+1)
		}
		if strings.IndexByte(name, 0) >= 0 {
			return nil, fmt.Errorf("name of column %d: %w", i+1, errNUL)
		}
		if seen[name] {
			return nil, &Error{Op: opOpenCSV, Column: ShowName(name, i), Err: errTwice}
		}
		seen[name] = true
		names[i] = name
	}
	return names, nil
}

var errNUL = errors.New("a NUL byte in the header: the file may be UTF-16, set source.csv.encoding to utf-16le or utf-16be")

var errTwice = errors.New("the column is there twice")

func declaredNames(scan *csvScanner, columns []Column, empty bool) ([]string, error) {
	if len(columns) == 0 {
		return nil, errors.New("a csv without header needs declared columns")
	}
	names := make([]string, len(columns))
	repeats := !empty && len(scan.cells) == len(columns)
	for i, c := range columns {
		names[i] = c.Name
		repeats = repeats && string(scan.cell(i)) == c.Name
	}
	if repeats {
		return nil, errors.New("the first row repeats the declared names: the file has a header, set header: true")
	}
	return names, nil
}
