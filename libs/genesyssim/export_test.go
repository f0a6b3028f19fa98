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

func TestExportOfAWindow(t *testing.T) {
	t.Parallel()
	edge := time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)
	b := setup(t, func(c *genesyssim.Config) {
		c.Also = []genesyssim.Special{{Start: edge.Add(-time.Millisecond), Lasts: time.Minute}, {Start: edge, Lasts: time.Minute}}
	})
	window := func(end time.Time) map[string]any {
		return order(map[string]any{"dateRange": map[string]any{"type": "FIFO", "windowSizeSeconds": 24 * 3600, "endTime": end.Format(time.RFC3339)}})
	}
	starts := map[string]bool{}
	for _, end := range []time.Time{edge, edge.Add(24 * time.Hour)} {
		for _, row := range b.rows(b.export(window(end))) {
			if starts[row["interactionId"]] {
				t.Errorf("an interaction of %s is in two windows", row["startTime"])
			}
			starts[row["interactionId"]] = true
		}
	}
	n := 0
	for want := range b.sim.Interactions(edge.Add(-24*time.Hour), edge.Add(24*time.Hour)) {
		if n++; !starts[want.InteractionID] {
			t.Errorf("the interaction of %s is in no window", want.Start)
		}
	}
	if n != len(starts) || n != 290 {
		t.Errorf("%d interactions and not %d", len(starts), n)
	}
	if e := b.export(window(from.AddDate(7000, 0, 0))); e.State != "COMPLETED" || e.RecordCount != 0 {
		t.Errorf("a window far ahead is %+v", e)
	}
	if e := b.export(window(from.AddDate(-1, 0, 0))); e.State != "COMPLETED" || len(e.Objects) != 0 || e.RecordCount != 0 {
		t.Errorf("a window before all is %+v", e)
	}
}

func TestExportFilters(t *testing.T) {
	t.Parallel()
	b := setup(t)
	count := func(filters ...map[string]any) int {
		return len(b.rows(b.export(order(map[string]any{"filters": filters}))))
	}
	all := count()
	inbound := count(map[string]any{"field": "direction", "operator": "EQ", "value": "INBOUND"})
	others := count(map[string]any{"field": "direction", "operator": "NE", "value": "INBOUND"})
	two := count(map[string]any{"field": "tenant_id", "operator": "IN", "value": []string{"acme", "globex"}})
	third := count(map[string]any{"field": "tenant_id", "operator": "EQ", "value": "initech"})
	none := count(map[string]any{"field": "tenant_id", "operator": "EQ", "value": "acme"}, map[string]any{"field": "tenant_id", "operator": "EQ", "value": "globex"})
	if inbound == 0 || inbound+others != all || third == 0 || two+third != all || none != 0 {
		t.Errorf("%d: inbound %d, others %d, two tenants %d, the third %d, both at once %d", all, inbound, others, two, third, none)
	}
}

func TestExportFields(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rows := b.rows(b.export(order(map[string]any{"fields": []string{"interactionId", "transcript", "recordingContent"}})))
	for _, row := range rows {
		if len(row) != 3 || row["transcript"] == "" || row["recordingContent"] == "" {
			t.Fatalf("the columns are %d", len(row))
		}
	}
}

func TestExportRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, c := range []struct {
		name string
		more map[string]any
	}{
		{"another entity", map[string]any{"entityType": "conversation"}},
		{"another range", map[string]any{"dateRange": map[string]any{"type": "LIFO", "windowSizeSeconds": 60}}},
		{"no window", map[string]any{"dateRange": map[string]any{"type": "FIFO"}}},
		{"a window of all time", map[string]any{"dateRange": map[string]any{"type": "FIFO", "windowSizeSeconds": int64(1) << 60}}},
		{"no end", map[string]any{"dateRange": map[string]any{"type": "FIFO", "windowSizeSeconds": 60, "endTime": "soon"}}},
		{"another store", map[string]any{"destination": map[string]any{"type": "GCS", "bucketName": "raw", "region": "x"}}},
		{"no region", map[string]any{"destination": map[string]any{"type": "AWS_S3", "bucketName": "raw"}}},
		{"another format", map[string]any{"format": "XML"}},
		{"unknown field", map[string]any{"fields": []string{"shoeSize"}}},
		{"unknown filter", map[string]any{"filters": []any{map[string]any{"field": "shoeSize", "operator": "EQ", "value": 1}}}},
		{"unknown operator", map[string]any{"filters": []any{map[string]any{"field": "direction", "operator": "LIKE", "value": "IN%"}}}},
	} {
		if status, _, body, err := b.try(http.MethodPost, exports, order(c.more)); status != http.StatusBadRequest || err != nil {
			t.Errorf("%s: %d %.200s", c.name, status, body)
		}
	}
	e := b.export(order(map[string]any{"destination": map[string]any{"type": "AWS_S3", "bucketName": "nowhere", "region": "us-east-1"}}))
	if e.State != "FAILED" || e.ErrorMessage == "" || len(e.Objects) != 0 {
		t.Errorf("into no bucket: %+v", e)
	}
}

func TestExportStates(t *testing.T) {
	t.Parallel()
	b := setup(t)
	create := func() string { return read[export](t, b.call(202, http.MethodPost, exports, order(nil))).ID }
	state := func(id string) string {
		return read[export](t, b.call(200, http.MethodGet, exports+"/"+id, nil)).State
	}
	first, second := create(), create()
	if first == second {
		t.Fatal("it is not idempotent")
	}
	for _, step := range []struct {
		after time.Duration
		state string
	}{{0, "QUEUED"}, {time.Second, "RUNNING"}, {2 * time.Second, "COMPLETED"}, {24 * time.Hour, "EXPIRED"}} {
		b.Forward(step.after)
		if step.state == "EXPIRED" {
			b.token = b.mint()
		}
		if got := state(first); got != step.state {
			t.Errorf("%s and not %s", got, step.state)
		}
	}
	list := read[struct {
		Jobs []struct {
			ID          string
			Submitted   time.Time
			Destination struct{ KeyPrefix string }
		}
	}](t, b.call(200, http.MethodGet, exports, nil)).Jobs
	if len(list) != 2 || list[0].ID != first || list[1].ID != second || list[0].Destination.KeyPrefix != "interaction/run=1/" || !list[0].Submitted.Equal(from.AddDate(0, 0, 7)) {
		t.Errorf("%+v", list)
	}
	third := create()
	b.call(204, http.MethodDelete, exports+"/"+third, nil)
	b.Forward(time.Minute)
	if got := state(third); got != "CANCELLED" {
		t.Errorf("%s and not CANCELLED", got)
	}
	b.call(204, http.MethodDelete, exports+"/"+third, nil)
	b.call(404, http.MethodGet, exports+"/"+third, nil)
	b.call(404, http.MethodDelete, exports+"/"+third, nil)
}

func TestExportsAreEqualEachTime(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"JSON_LINES", "CSV", "PARQUET"} {
		digests := map[string]bool{}
		for range 2 {
			b := setup(t)
			b.export(order(map[string]any{"format": format}))
			for o := range b.store.List(t.Context(), "raw", "") {
				digests[o.Key+" "+o.ETag] = true
			}
		}
		if len(digests) != 1 {
			t.Errorf("%s: equal seeds write %d objects", format, len(digests))
		}
	}
}

// The server writes objects also when nobody asks for their job.
func TestSettle(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.call(202, http.MethodPost, exports, order(nil))
	b.Forward(3 * time.Second)
	b.sim.Settle(t.Context())
	n := 0
	for range b.store.List(t.Context(), "raw", "interaction/run=1/") {
		n++
	}
	if n != 1 {
		t.Errorf("%d objects", n)
	}
}
