// Package survey finds out what a file holds, to any depth and without a policy: where its values lie, of what type they
// are, and a bounded sample of them for opinions. A survey keeps values for as long as it is judged, and shows none.
package survey

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/classify"
	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/policy"
)

// Column is a place of values in a file, as a policy would name it. A schema that somebody fetched, without a file, is a
// list of these as well, without samples.
type Column struct {
	Path policy.Path
	// Type is a word of the policy's (string, int, decimal, double, bool, date, timestamp), or bytes, time, uuid, map for
	// an object of open keys, object for one without members, or mixed for values of several shapes.
	Type string
	// Whole says that nothing inside of it can be named: a map, an object of any members, mixed values.
	Whole  bool
	Keys   []string         // of an object of open keys, those that are plain names
	Sample *classify.Sample // nil when no value was read
}

// Kind is the kind of the column's type.
func (c Column) Kind() classify.Kind {
	switch c.Type {
	case "bool":
		return classify.Boolean
	case "date", "timestamp", "time":
		return classify.Moment
	case "int", "decimal", "double":
		return classify.Number
	}
	if c.Whole {
		return classify.Object
	}
	return classify.Text
}

// Judge is the opinion on the column.
func (c Column) Judge(by *classify.Classifier) classify.Opinion {
	name, around := Names(c.Path)
	return by.Judge(classify.Column{Name: name, Around: around, Kind: c.Kind(), Sample: c.Sample})
}

// Names are the names of the last member of a path and of the object that it is in.
func Names(p policy.Path) (name, around string) {
	for i := len(p) - 1; i >= 0; i-- {
		if p[i].List {
			continue
		}
		if name != "" {
			return name, p[i].Name
		}
		name = p[i].Name
	}
	return name, ""
}

// Survey is what a file holds.
type Survey struct {
	Format columnar.Format
	Rows   int64 // that were read
	All    bool  // the file has no more
	// Columns stand in the file's order.
	Columns []Column
}

// Settings bound a survey.
type Settings struct {
	Rows int64 // most rows that are read; 0 for DefaultRows, negative for the schema alone
	// Collapse takes an object whose keys are no plain names for one of open keys, as it is drafted in policies.
	Collapse bool
	// CSV is the dialect, and Header the columns of a file without one.
	CSV    columnar.CSV
	Header []string
}

// DefaultRows is how many rows are read where nobody says otherwise: a bounded price also for large objects.
const DefaultRows = 16_384

// batchRows is how many are read at once.
const batchRows = 4096

// Read surveys a file. name tells its format where the content does not. What is wrong with the data is a *columnar.Error; a
// file whose first rows can be read and later ones not is surveyed by those.
func Read(ctx context.Context, src columnar.Source, name string, s Settings) (_ *Survey, err error) {
	format, codec, err := columnar.Detect(name, src)
	if err != nil {
		return nil, fmt.Errorf("survey: %w", err)
	}
	o := columnar.Options{Format: format, Codec: codec, BatchRows: batchRows, CSV: s.CSV}
	for _, h := range s.Header {
		o.Columns = append(o.Columns, columnar.Column{Name: h})
	}
	r, err := columnar.Open(src, o)
	if err != nil {
		return nil, fmt.Errorf("survey: %w", err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	root := &place{}
	for _, f := range r.Schema().Fields() {
		root.member(f.Name).declare(f.Type)
	}
	out := &Survey{Format: format}
	limit := s.Rows
	if limit == 0 {
		limit = DefaultRows
	}
	for r.Rows() < limit {
		in, err := r.Next(ctx)
		if err == io.EOF { //nolint:errorlint // the end is io.EOF itself; one that is wrapped is damage
			out.All = true
			break
		}
		var bad *columnar.Error
		if errors.As(err, &bad) && out.Rows > 0 {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("survey: %w", err)
		}
		err = root.rows(in, format == columnar.FormatJSONL)
		out.Rows = r.Rows()
		in.Release()
		if err != nil {
			return nil, fmt.Errorf("survey: %w", err)
		}
	}
	out.Columns = root.columns(nil, nil, s.Collapse)
	return out, nil
}

// typeName is a type in the words of a policy.
func typeName(t arrow.DataType) string {
	if d, ok := t.(*arrow.DictionaryType); ok {
		t = d.ValueType
	}
	switch id := t.ID(); {
	case id == arrow.STRING, id == arrow.LARGE_STRING, id == arrow.STRING_VIEW:
		return "string"
	case arrow.IsBaseBinary(id), id == arrow.FIXED_SIZE_BINARY, id == arrow.BINARY_VIEW:
		return "bytes"
	case arrow.IsInteger(id):
		return "int"
	case arrow.IsFloating(id):
		return "double"
	case arrow.IsDecimal(id):
		return "decimal"
	case id == arrow.BOOL:
		return "bool"
	case id == arrow.DATE32, id == arrow.DATE64:
		return "date"
	case id == arrow.TIMESTAMP:
		return "timestamp"
	case id == arrow.TIME32, id == arrow.TIME64:
		return "time"
	case id == arrow.MAP:
		return "map"
	case id == arrow.EXTENSION:
		return "uuid"
	}
	return strings.ToLower(t.Name())
}

// Schema are the columns of a schema alone, without samples.
func Schema(s *arrow.Schema) []Column {
	root := &place{}
	for _, f := range s.Fields() {
		root.member(f.Name).declare(f.Type)
	}
	columns := root.columns(nil, nil, false)
	for i := range columns {
		columns[i].Sample = nil
	}
	return columns
}
