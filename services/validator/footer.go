package validator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"

	"github.com/maskrail/maskrail/libs/telemetry"
	"github.com/maskrail/maskrail/services/validator/internal/naive"
)

// footer is what was found in the file beside its cells.
type footer struct {
	findings []Finding
	pages    int64
}

// checkMetadata wants nothing in the file beside its cells that could tell what was masked.
func checkMetadata(e *evidence) (string, []Finding) {
	return plural(e.metadata.pages, "page"), e.metadata.findings
}

// metadata reads what a file holds beside its cells. The library that reads it is the one beneath columnar, whose
// Reader hides these parts.
type metadata struct {
	e      *evidence
	detect *detectors
	file   *file.Reader
	find   finder
	out    footer
	told   map[Finding]bool
	try    *candidates
	broken error // of the sketch's temporary file
}

// readMetadata looks at the footer, the page headers, the dictionaries and the object's own metadata. columnar has
// opened the file before and found its claims sound. Data at fault is a finding.
func (s *Service) readMetadata(ctx context.Context, e *evidence, source *io.SectionReader) (err error) {
	ctx, end := telemetry.Start(ctx, "check file metadata")
	defer func() { end(err) }()
	w := &watched{SectionReader: source}
	m := &metadata{e: e, detect: s.scans[e.ref.Entity], told: map[Finding]bool{}}
	if m.detect == nil {
		m.detect = s.fallback
	}
	err = protect(func() error { return m.read(ctx, w) })
	switch {
	case w.fault != nil || m.broken != nil:
		return fmt.Errorf("read metadata of %s: %w", e.ref.Object, errors.Join(w.fault, m.broken))
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		m.wrong("the metadata cannot be read: the file is damaged") // the library's words can quote data
	}
	e.metadata = m.out
	return nil
}

func (m *metadata) read(ctx context.Context, source parquet.ReaderAtSeeker) (err error) {
	props := parquet.NewReaderProperties(nil)
	props.BufferedStreamEnabled = true
	f, err := file.NewParquetReader(source, file.WithReadProps(props))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	m.file = f
	m.names()
	m.keyValues()
	m.object()
	m.unclaimed()
	for group := range f.NumRowGroups() {
		if f.MetaData().Schema.NumColumns() != len(m.e.cells.parquet) {
			m.wrong("the file has other columns than its schema tells")
			return nil
		}
		for column := range f.MetaData().Schema.NumColumns() {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			m.chunk(group, column)
			if err := m.pages(group, column); err != nil {
				return err
			}
		}
	}
	return nil
}

// wrong adds a finding of the file.
func (m *metadata) wrong(detail string) { m.wrongIn("", detail) }

// wrongIn adds a finding of a column.
func (m *metadata) wrongIn(shown, detail string) {
	m.add(Finding{Class: ClassMetadata, Field: shown, Detail: detail})
}

// add adds a finding once, in however many chunks it is.
func (m *metadata) add(f Finding) {
	if !m.told[f] {
		m.told[f] = true
		m.out.findings = append(m.out.findings, f)
	}
}

// look adds a finding for every class that is found in text and that no cell of the column told already. at is the
// number of the leaf, -1 for none.
func (m *metadata) look(at int, where string, text []byte) {
	if len(text) == 0 {
		return
	}
	m.survivor(at, where, text)
	shown, c, inCells := "", &m.detect.plain, &tally{}
	if at >= 0 {
		l := &m.e.cells.all[at]
		shown, c, inCells = l.path, &l.column, &m.e.cells.tallies[at]
	}
	if len(c.tokens) > 0 && c.treated != nil && c.treated(text) {
		m.find.text = c.withoutTokens(m.find.text[:0], text)
		text = m.find.text
	}
	refused, _ := c.judge(m.find.in(c.refused, text))
	for i, class := range classes {
		if refused&(1<<i) != 0 && inCells.refused[i] == 0 {
			m.add(Finding{Class: ClassMetadata, Field: shown, Detector: string(class), Detail: string(class) + " found in " + where})
		}
	}
	for i := range (m.find.naive.Find(text) &^ c.naive).All {
		if class := naive.Name(i); inCells.naive[i] == 0 {
			m.add(Finding{Class: ClassMetadata, Field: shown, Detector: class, Detail: class + " found in " + where})
		}
	}
}

// names looks at the names of columns and at the writer's.
func (m *metadata) names() {
	f := m.file.MetaData()
	for _, element := range f.FileMetaData.Schema {
		if p := m.e.policy; p == nil || !namedAnywhere(p.Tree(), element.Name) {
			m.look(-1, "the name of a column", []byte(element.Name))
		}
	}
	if f.CreatedBy != nil {
		m.look(-1, "created_by", []byte(*f.CreatedBy))
	}
	if len(f.FooterSigningKeyMetadata) > 0 || f.IsSetEncryptionAlgorithm() {
		m.wrong("the footer speaks of encryption, a masked object has none")
	}
}

// keyValues refuses key-value metadata whole: a masked object has none, and what is encoded in it, as an Arrow
// schema is, no detector reads.
func (m *metadata) keyValues() {
	for _, kv := range m.file.MetaData().KeyValueMetadata() {
		m.wrong("the footer has key-value metadata, a masked object has none")
		m.look(-1, "the footer's key-value metadata", []byte(kv.Key))
		if kv.Value != nil {
			m.look(-1, "the footer's key-value metadata", []byte(*kv.Value))
		}
	}
}

// object looks at what the store keeps beside the bytes, but for the trace context.
func (m *metadata) object() {
	stored := m.e.object.Metadata
	for _, key := range slices.Sorted(maps.Keys(stored)) {
		if key != "traceparent" && key != "tracestate" {
			m.look(-1, "the object's metadata in the store", []byte(key))
			m.look(-1, "the object's metadata in the store", []byte(stored[key]))
		}
	}
}

// leaf is the number of the leaf that a column of Parquet belongs to, and the leaf.
func (m *metadata) leaf(column int) (int, *leaf) {
	at := m.e.cells.parquet[column]
	return at, &m.e.cells.all[at]
}

// watched remembers a failure of the disk, so that it is told from damage in the data.
type watched struct {
	*io.SectionReader
	fault error
}

func (w *watched) note(err error) {
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && w.fault == nil {
		w.fault = err
	}
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.SectionReader.Read(p)
	w.note(err)
	return n, err
}

func (w *watched) ReadAt(p []byte, off int64) (int, error) {
	n, err := w.SectionReader.ReadAt(p, off)
	if off >= 0 && off < w.Size() {
		w.note(err)
	}
	return n, err
}

var errPanic = errors.New("the library panicked")

// protect turns a panic of the library into an error without its text, which can quote data.
func protect(f func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errPanic
		}
	}()
	return f()
}
