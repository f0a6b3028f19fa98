package genesyssim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/columnar"
)

// settleImports carries out the imports that are due.
func (s *Sim) settleImports(ctx context.Context, now time.Time) {
	for _, j := range s.dueImports(now) {
		rows, err := s.read(ctx, j)
		if ctx.Err() != nil {
			return // the next one goes on
		}
		fields := s.fieldsAt(now)
		s.mu.Lock()
		for _, row := range rows {
			s.add(j, fields, row)
		}
		if err != nil {
			j.failed = err.Error()
		}
		j.done = true
		s.mu.Unlock()
	}
}

func (s *Sim) dueImports(now time.Time) []*importJob {
	s.mu.Lock()
	defer s.mu.Unlock()
	var due []*importJob
	for _, j := range s.imports {
		if !j.done && j.failed == "" && !now.Before(j.finished) {
			due = append(due, j)
		}
	}
	return due
}

// read are the rows under the job's prefix; with an error, those before it.
func (s *Sim) read(ctx context.Context, j *importJob) (rows []Row, err error) {
	if s.Store == nil {
		return nil, errors.New("the source cannot be reached")
	}
	for o, err := range s.Store.List(ctx, j.Source.Bucket, j.Source.Prefix) {
		if err != nil {
			return rows, errors.New("the source cannot be listed")
		}
		if rows, err = s.readObject(ctx, j, o.Location, rows); err != nil {
			return rows, err
		}
	}
	return rows, nil
}

func (s *Sim) readObject(ctx context.Context, j *importJob, loc blob.Location, rows []Row) ([]Row, error) {
	content, _, err := s.Store.Get(ctx, loc, blob.Range{})
	if err != nil {
		return rows, errors.New("an object of the source cannot be read")
	}
	defer content.Close()
	b, err := io.ReadAll(content)
	if err != nil {
		return rows, errors.New("an object of the source cannot be read")
	}
	src := bytes.NewReader(b)
	wanted := map[string]columnar.Format{"JSON_LINES": columnar.FormatJSONL, "CSV": columnar.FormatCSV, "PARQUET": columnar.FormatParquet}[j.Format]
	format, codec, err := columnar.Detect(loc.Key, src)
	if err != nil || format != wanted {
		return rows, fmt.Errorf("an object of the source is no %s", j.Format)
	}
	r, err := columnar.Open(src, columnar.Options{Format: format, Codec: codec})
	if err != nil {
		return rows, fmt.Errorf("an object of the source is no whole %s", j.Format)
	}
	defer func() { _ = r.Close() }() // only read
	for {
		batch, err := r.Next(ctx)
		if errors.Is(err, io.EOF) {
			return rows, nil
		} else if err != nil {
			return rows, fmt.Errorf("an object of the source is no whole %s", j.Format)
		}
		rows, err = appendRows(rows, batch)
		batch.Release()
		if err != nil {
			return rows, fmt.Errorf("an object of the source has a column that is not flat")
		}
	}
}

func appendRows(rows []Row, batch arrow.RecordBatch) ([]Row, error) {
	for i := range int(batch.NumRows()) {
		row := Row{}
		for c, f := range batch.Schema().Fields() {
			text, ok, err := columnar.AppendText(nil, batch.Column(c), i)
			if err != nil {
				return rows, err
			}
			if ok {
				row[f.Name] = string(text)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}
