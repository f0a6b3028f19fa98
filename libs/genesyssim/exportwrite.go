package genesyssim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/columnar"
)

// Settle finishes the jobs that are due: it writes the objects of exports and reads those of imports. A server calls it
// now and then, so that objects appear also when nobody asks for their job.
func (s *Sim) Settle(ctx context.Context) {
	s.settling.Lock()
	defer s.settling.Unlock()
	now := s.now()
	for _, j := range s.dueExports(now) {
		objects, err := s.write(ctx, j)
		if ctx.Err() != nil {
			return // the next one goes on
		}
		s.mu.Lock()
		j.written, j.objects = true, objects
		if err != nil && j.failed == "" {
			j.failed = err.Error()
		}
		s.mu.Unlock()
	}
	s.settleImports(ctx, now)
}

func (s *Sim) dueExports(now time.Time) []*exportJob {
	s.mu.Lock()
	defer s.mu.Unlock()
	var due []*exportJob
	for _, j := range s.exports {
		if !j.written && !j.cancelled && j.failed == "" && !now.Before(j.finished) {
			due = append(due, j)
		}
	}
	return due
}

// write puts the objects of an export. Its errors are for whoever made the job: they say nothing of the store.
func (s *Sim) write(ctx context.Context, j *exportJob) ([]exported, error) {
	if s.Store == nil {
		return nil, errors.New("the destination cannot be reached")
	}
	var rows []Interaction
	for r := range s.Interactions(j.span.from, earliest(j.span.to, j.available)) {
		if r, ok := r.as(j.available); ok && j.match(r) {
			rows = append(rows, r)
		}
	}
	var objects []exported
	for n := 0; len(rows) > 0; n++ {
		size := min(s.Jobs.ObjectRows, len(rows))
		body, ending, err := s.encode(j, rows[:size])
		if err != nil {
			return objects, errors.New("the rows cannot be written in this format")
		}
		rows = rows[size:]
		key := fmt.Sprintf("%s%s-%05d%s", j.Destination.Prefix, j.id, n, ending)
		o, err := s.Store.Put(ctx, blob.Location{Bucket: j.Destination.Bucket, Key: key}, bytes.NewReader(body), int64(len(body)), blob.PutOptions{})
		if err != nil {
			return objects, errors.New("the destination cannot be written")
		}
		objects = append(objects, exported{j.Destination.Bucket, key, o.ETag, int64(len(body)), int64(size)})
		if j.partial {
			return objects, errors.New("the export failed after its first object")
		}
	}
	return objects, nil
}

// encode writes rows in the format of the job, and tells how such a file's name ends.
func (s *Sim) encode(j *exportJob, rows []Interaction) (body []byte, ending string, err error) {
	o := columnar.WriteOptions{Format: columnar.FormatJSONL, Codec: columnar.CodecGzip}
	ending = ".jsonl"
	switch j.Format {
	case "PARQUET":
		o.Format, ending = columnar.FormatParquet, ".parquet"
	case "CSV":
		o.Format, ending = columnar.FormatCSV, ".csv"
	}
	if s.Jobs.Plain || o.Format == columnar.FormatParquet {
		o.Codec = columnar.CodecNone
	} else {
		ending += ".gz"
	}
	batch := batchOf(j.fields, rows)
	defer batch.Release()
	var b bytes.Buffer
	w, err := columnar.NewWriter(&b, batch.Schema(), o)
	if err != nil {
		return nil, "", err
	}
	if err := errors.Join(w.Write(batch), w.Close()); err != nil {
		return nil, "", err
	}
	return b.Bytes(), ending, nil
}

var arrowTypes = map[kind]arrow.DataType{
	kindText: arrow.BinaryTypes.String, kindInteger: arrow.PrimitiveTypes.Int64, kindDouble: arrow.PrimitiveTypes.Float64,
	kindBoolean: arrow.FixedWidthTypes.Boolean, kindDate: arrow.FixedWidthTypes.Date32,
	kindTime: &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"},
}

// batchOf puts rows into columns; the caller releases them.
func batchOf(fields []field, rows []Interaction) arrow.RecordBatch {
	columns := make([]arrow.Field, len(fields))
	for i, f := range fields {
		columns[i] = arrow.Field{Name: f.name, Type: arrowTypes[f.kind], Nullable: true}
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(columns, nil))
	defer b.Release()
	for _, r := range rows {
		for i, f := range fields {
			appendValue(b.Field(i), f.of(r))
		}
	}
	return b.NewRecordBatch()
}

func appendValue(b array.Builder, v any) {
	switch v := v.(type) {
	case string:
		b.(*array.StringBuilder).Append(v)
	case int64:
		b.(*array.Int64Builder).Append(v)
	case float64:
		b.(*array.Float64Builder).Append(v)
	case bool:
		b.(*array.BooleanBuilder).Append(v)
	case time.Time:
		if d, ok := b.(*array.Date32Builder); ok {
			d.Append(arrow.Date32FromTime(v))
			return
		}
		b.(*array.TimestampBuilder).Append(arrow.Timestamp(v.UnixMilli()))
	default:
		b.AppendNull()
	}
}
