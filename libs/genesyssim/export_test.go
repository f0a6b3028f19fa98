package genesyssim_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/genesyssim"
)

const exports = "/api/v2/data/export"

// order is the guide's body of an export.
func order(more map[string]any) map[string]any {
	body := map[string]any{
		"entityType":  "interaction",
		"dateRange":   map[string]any{"type": "FIFO", "windowSizeSeconds": 24 * 3600},
		"destination": map[string]any{"type": "AWS_S3", "bucketName": "raw", "region": "us-east-1", "keyPrefix": "interaction/run=1/"},
	}
	for k, v := range more {
		body[k] = v
	}
	return body
}

type export struct {
	ID, State, ErrorMessage string
	RecordCount             int
	Objects                 []struct {
		BucketName, Key, ETag string
		Bytes, RecordCount    int64
	}
}

// export makes one, waits for its end and returns it.
func (b *bench) export(body map[string]any) export {
	b.Helper()
	e := read[export](b, b.call(http.StatusAccepted, http.MethodPost, exports, body))
	b.Forward(3 * time.Second)
	return read[export](b, b.call(http.StatusOK, http.MethodGet, exports+"/"+e.ID, nil))
}

// rows are those of all objects of an export, as texts by column.
func (b *bench) rows(e export) (rows []map[string]string) {
	b.Helper()
	for _, o := range e.Objects {
		body, obj, err := b.store.Get(b.Context(), blob.Location{Bucket: o.BucketName, Key: o.Key}, blob.Range{})
		if err != nil {
			b.Fatal(err)
		}
		var content bytes.Buffer
		if _, err := content.ReadFrom(body); err != nil || obj.ETag != o.ETag || obj.Bytes != o.Bytes {
			b.Fatalf("object %v is not as the job says: %v", obj, err)
		}
		src := bytes.NewReader(content.Bytes())
		format, codec, err := columnar.Detect(o.Key, src)
		if err != nil {
			b.Fatal(err)
		}
		r, err := columnar.Open(src, columnar.Options{Format: format, Codec: codec})
		if err != nil {
			b.Fatal(err)
		}
		defer r.Close()
		before := len(rows)
		for {
			batch, err := r.Next(b.Context())
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			for i := range int(batch.NumRows()) {
				row := map[string]string{}
				for c, f := range batch.Schema().Fields() {
					if text, ok, _ := columnar.AppendText(nil, batch.Column(c), i); ok {
						row[f.Name] = string(text)
					}
				}
				rows = append(rows, row)
			}
			batch.Release()
		}
		if int64(len(rows)-before) != o.RecordCount {
			b.Errorf("an object has %d rows and not %d", len(rows)-before, o.RecordCount)
		}
	}
	return rows
}

func TestExportHoldsTheTruth(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"JSON_LINES", "CSV", "PARQUET"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			b := setup(t, func(c *genesyssim.Config) { c.Jobs.ObjectRows = 50 })
			now := b.Now()
			e := b.export(order(map[string]any{"format": format}))
			if e.State != "COMPLETED" || len(e.Objects) != 3 {
				t.Fatalf("%s with %d objects", e.State, len(e.Objects))
			}
			got := b.rows(e)
			n := 0
			for want := range b.sim.Interactions(now.Add(-24*time.Hour), now) {
				if !want.End.Before(now) {
					continue
				}
				row := got[n]
				n++
				if row["interactionId"] != want.InteractionID || row["phoneNumber"] != want.PhoneNumber || row["durationMs"] != strconv.FormatInt(want.DurationMs, 10) {
					t.Errorf("row %d is another one", n)
				}
				if (row["wrapUpCode"] == "") != !want.Complete.Before(now) {
					t.Errorf("row %d has the wrap-up code %q", n, row["wrapUpCode"])
				}
				if _, ok := row["transcript"]; ok {
					t.Error("the transcript was not asked for")
				}
			}
			if n != len(got) || n < 130 {
				t.Errorf("%d rows and not %d", len(got), n)
			}
		})
	}
}
