package genesyssim

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// exportJob is a job of the guide's data export.
type exportJob struct {
	exportBody
	id        string
	submitted time.Time
	available time.Time
	span      interval
	fields    []field
	match     func(Interaction) bool
	finished  time.Time
	failed    string // why it ends as FAILED
	partial   bool   // it fails after its first object
	cancelled bool
	expired   bool
	written   bool // the objects are there
	objects   []exported
}

type exportBody struct {
	EntityType string `json:"entityType"`
	DateRange  struct {
		Type    string `json:"type"`
		Seconds int64  `json:"windowSizeSeconds"`
		End     string `json:"endTime"`
	} `json:"dateRange"`
	Destination destination `json:"destination"`
	Filters     []condition `json:"filters"`
	Format      string      `json:"format"`
	Fields      []string    `json:"fields"`
}

type destination struct {
	Type   string `json:"type"`
	Bucket string `json:"bucketName"`
	Region string `json:"region"`
	Prefix string `json:"keyPrefix,omitempty"`
}

// exported is an object that an export has written.
type exported struct {
	Bucket string `json:"bucketName"`
	Key    string `json:"key"`
	ETag   string `json:"eTag"`
	Bytes  int64  `json:"bytes"`
	Rows   int64  `json:"recordCount"`
}

// maxWindow is the longest span of an export, in seconds: 10 years.
const maxWindow = 10 * 366 * 24 * 3600

// createExport answers POST /api/v2/data/export. It is not idempotent.
func (s *Sim) createExport(x *exchange) reply {
	j := &exportJob{submitted: x.now, available: s.available(x.now), finished: x.now.Add(s.Jobs.Queued + s.Jobs.Running)}
	if !x.decode(&j.exportBody) {
		return x.bad("the body must be a JSON object as the contract says")
	}
	if wrong := s.readExport(j, x.now); wrong != "" {
		return x.bad(wrong)
	}
	if f, ok := x.hit(Fail); ok {
		j.failed = f.message("the export failed for an internal reason")
	}
	j.partial = x.isHit(Partial)
	j.id = s.newID("export")
	s.mu.Lock()
	s.exports = append(s.exports, j)
	s.mu.Unlock()
	return answer(http.StatusAccepted, map[string]string{"id": j.id, "state": queued})
}

// readExport makes sense of a body, or says what is wrong with it.
func (s *Sim) readExport(j *exportJob, now time.Time) (wrong string) {
	end := now
	if j.DateRange.End != "" {
		var ok bool
		if end, ok = parseInstant(j.DateRange.End); !ok {
			return "dateRange.endTime must be a time of RFC 3339"
		}
	}
	j.span = interval{end.Add(-time.Duration(j.DateRange.Seconds) * time.Second), end}
	switch {
	case j.EntityType != interactionEntity:
		return "entityType must be interaction"
	case j.DateRange.Type != "FIFO" || j.DateRange.Seconds < 1 || j.DateRange.Seconds > maxWindow:
		return "dateRange must be of type FIFO with a windowSizeSeconds of 1 second to 10 years"
	case j.Destination.Type != "AWS_S3" || j.Destination.Bucket == "" || j.Destination.Region == "":
		return "destination must be of type AWS_S3 with bucketName and region"
	case !slices.Contains([]string{"", "JSON_LINES", "CSV", "PARQUET"}, j.Format):
		return "format must be JSON_LINES, PARQUET or CSV"
	}
	all := s.fieldsAt(now)
	var ok bool
	if j.fields, ok = named(all, j.Fields); !ok {
		return "fields names a field that the schema does not have"
	}
	j.match, wrong = conditions(all, j.Filters)
	return wrong
}

// condition is a filter of the guide's API.
type condition struct {
	Field    string `json:"field"`
	Operator string `json:"operator"`
	Value    any    `json:"value"`
}

// conditions is what all filters let pass. Values are compared as texts.
func conditions(all []field, filters []condition) (match func(Interaction) bool, wrong string) {
	var of []func(Interaction) any
	for _, c := range filters {
		i := slices.IndexFunc(all, func(f field) bool { return f.name == c.Field })
		if i < 0 {
			return nil, "filters names a field that the schema does not have"
		}
		if !slices.Contains([]string{"EQ", "NE", "IN"}, c.Operator) {
			return nil, "the operator of a filter must be EQ, NE or IN"
		}
		of = append(of, all[i].of)
	}
	return func(r Interaction) bool {
		for i, c := range filters {
			if c.matches(of[i](r)) == (c.Operator == "NE") {
				return false
			}
		}
		return true
	}, ""
}

func (c condition) matches(v any) bool {
	values, ok := c.Value.([]any)
	if !ok {
		values = []any{c.Value}
	}
	return slices.ContainsFunc(values, func(want any) bool { return v != nil && fmt.Sprint(want) == textOf(v) })
}

// export is the job that the path names.
func (s *Sim) export(x *exchange) (*exportJob, reply, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.exports, func(j *exportJob) bool { return j.id == x.PathValue("job") })
	if i >= 0 && x.isHit(Vanish) {
		s.exports = slices.Delete(s.exports, i, i+1)
		i = -1
	}
	if i < 0 {
		return nil, x.refuse(http.StatusNotFound, "not.found", "there is no such export"), false
	}
	j := s.exports[i]
	if f, ok := x.hit(Fail); ok {
		j.failed, j.finished = f.message("the export failed for an internal reason"), x.now
	}
	if f, ok := x.hit(Stall); ok && !j.written {
		j.finished = x.now.Add(f.Delay)
	}
	if x.isHit(Expire) {
		j.expired = true
	}
	return j, reply{}, true
}

func (j *exportJob) state(s *Sim, now time.Time) string {
	switch {
	case j.cancelled:
		return cancelled
	case j.expired || !now.Before(j.finished.Add(s.Jobs.Kept)):
		return expired
	case j.failed != "" && !now.Before(j.finished):
		return failed
	case j.written:
		return "COMPLETED"
	case now.Before(j.submitted.Add(s.Jobs.Queued)):
		return queued
	}
	return "RUNNING"
}

// exportStatus answers GET /api/v2/data/export/{job}.
func (s *Sim) exportStatus(x *exchange) reply {
	j, refusal, ok := s.export(x)
	if !ok {
		return refusal
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := struct {
		ID      string     `json:"id"`
		State   string     `json:"state"`
		Error   string     `json:"errorMessage,omitempty"`
		Rows    int64      `json:"recordCount"`
		Objects []exported `json:"objects"`
	}{ID: j.id, State: j.state(s, x.now), Objects: []exported{}}
	switch out.State {
	case failed:
		out.Error = j.failed
	case "COMPLETED":
		out.Objects = append(out.Objects, j.objects...)
		for _, o := range j.objects {
			out.Rows += o.Rows
		}
	}
	return answer(http.StatusOK, out)
}

// listExports answers GET /api/v2/data/export, the oldest first.
func (s *Sim) listExports(x *exchange) reply {
	type item struct {
		ID          string      `json:"id"`
		State       string      `json:"state"`
		Destination destination `json:"destination"`
		Submitted   string      `json:"submitted"`
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	items := []item{}
	for _, j := range s.exports {
		items = append(items, item{j.id, j.state(s, x.now), j.Destination, written(j.submitted)})
	}
	return answer(http.StatusOK, map[string]any{"jobs": items})
}

// cancelExport answers DELETE /api/v2/data/export/{job}: one that goes on is cancelled, one that is done is forgotten.
// Objects stay.
func (s *Sim) cancelExport(x *exchange) reply {
	j, refusal, ok := s.export(x)
	if !ok {
		return refusal
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if state := j.state(s, x.now); state == queued || state == "RUNNING" {
		j.cancelled = true
	} else {
		s.exports = slices.DeleteFunc(s.exports, func(other *exportJob) bool { return other == j })
	}
	return reply{status: http.StatusNoContent}
}
