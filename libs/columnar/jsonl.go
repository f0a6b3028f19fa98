package columnar

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

const (
	opOpenJSONL = "open jsonl"
	opReadJSONL = "read jsonl"
)

var (
	errDuplicate = errors.New("the member is there twice in one object")
	errNested    = errors.New("nested values are not supported on flat entities: drop the member or flatten it before the upload")
)

// openJSONL reads the file once for the names of its members.
func openJSONL(src Source, o Options) (Reader, error) {
	t := track(src)
	var r *textReader
	err := guard(func() error {
		names, err := jsonNames(t, o)
		if err != nil {
			return err
		}
		r, err = newJSONLReader(t, names, o)
		return err
	})
	if err != nil {
		return nil, t.blame(opOpenJSONL, 0, err)
	}
	return r, nil
}

// jsonRows gives the members of one row after the other and the column of each.
type jsonRows struct {
	lines  *lines
	scan   jsonScanner
	limits Limits
	names  []string
	index  map[string]int
	seen   []int64 // row in which a column was last seen
	row    int64
	guess  int // column that most likely comes next: rows tend to look alike
}

func newJSONRows(text io.Reader, limits Limits) *jsonRows {
	return &jsonRows{
		lines: newLines(text, limits.MaxRowBytes), scan: jsonScanner{limits: limits},
		limits: limits, index: map[string]int{},
	}
}

// nextRow goes to the next line that is not blank; io.EOF after the last.
func (r *jsonRows) nextRow() error {
	for {
		line, err := r.lines.next()
		if err != nil {
			return err
		}
		if len(bytes.TrimLeft(line, " \t\r")) == 0 {
			continue
		}
		r.row++
		r.guess = 0
		if !utf8.Valid(line) {
			return r.failed("", errNotUTF8)
		}
		if err := r.scan.begin(line); err != nil {
			return r.failed("", err)
		}
		return nil
	}
}

func (r *jsonRows) failed(column string, err error) *Error {
	return &Error{Op: opReadJSONL, Column: column, Row: r.row, Err: err}
}

// nextMember returns the next member of the row and its column. A name that is
// new becomes a column.
func (r *jsonRows) nextMember() (column int, m jsonMember, more bool, err error) {
	m, more, err = r.scan.member()
	if err != nil && len(m.name) == 0 || err == nil && !more {
		if err != nil {
			err = r.failed("", err)
		}
		return 0, m, false, err
	}
	column, nameErr := r.column(m.name)
	if nameErr != nil {
		return 0, m, false, r.failed("", nameErr)
	}
	switch {
	case err != nil:
	case m.nested:
		err = errNested
	case r.seen[column] == r.row:
		err = errDuplicate
	}
	if err != nil {
		return 0, m, false, r.failed(ShowName(r.names[column], column), err)
	}
	r.seen[column] = r.row
	r.guess = column + 1
	return column, m, true, nil
}

func (r *jsonRows) column(name []byte) (int, error) {
	if r.guess < len(r.names) && r.names[r.guess] == string(name) {
		return r.guess, nil
	}
	if i, ok := r.index[string(name)]; ok {
		return i, nil
	}
	if len(r.names) >= r.limits.MaxColumns {
		return 0, fmt.Errorf("more than %d different member names", r.limits.MaxColumns)
	}
	if len(name) == 0 {
		return 0, errors.New("a member has an empty name")
	}
	r.names = append(r.names, string(name))
	r.seen = append(r.seen, 0)
	r.index[r.names[len(r.names)-1]] = len(r.names) - 1
	return len(r.names) - 1, nil
}

// jsonNames finds every name in the file, which checks every line as well.
func jsonNames(t *trackedSource, o Options) ([]string, error) {
	text, err := openStream(t, o.Codec, o.Limits)
	if err != nil {
		return nil, err
	}
	defer text.Close()
	rows := newJSONRows(text, o.Limits)
	for {
		if err := rows.nextRow(); err == io.EOF {
			return rows.names, nil
		} else if err != nil {
			return nil, err
		}
		for more := true; more; {
			if _, _, more, err = rows.nextMember(); err != nil {
				return nil, err
			}
		}
	}
}

func newJSONLReader(t *trackedSource, names []string, o Options) (*textReader, error) {
	text, err := openStream(t, o.Codec, o.Limits)
	if err != nil {
		return nil, err
	}
	mem, _ := newBudgets(o.Allocator, o.Limits.MaxMemory)
	out := newAssembler(names, declaredTypes(o.Columns), o.BatchRows, mem)
	rows := newJSONRows(text, o.Limits)
	r := &textReader{cursor: cursor{t: t, op: opReadJSONL}, text: text, out: out}
	r.readRow = func() (bool, error) {
		if err := rows.nextRow(); err == io.EOF {
			return false, nil
		} else if err != nil {
			return false, err
		}
		for {
			i, m, more, err := rows.nextMember()
			if err != nil || !more {
				return err == nil, err
			}
			if m.null {
				continue
			}
			// Names appear in the order of the first pass: i is the same column.
			if err := out.text(i, m.text); err != nil {
				return false, out.failed(opReadJSONL, i, err)
			}
		}
	}
	return r, nil
}
