package genesyssim

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Row is an imported row: its columns as texts, without those that are null.
type Row map[string]string

// importJob is a job of the guide's data import.
type importJob struct {
	importBody
	importCounts
	id                  string
	submitted, finished time.Time
	failed              string
	done                bool
}

type importBody struct {
	Environment string      `json:"environmentId"`
	EntityType  string      `json:"entityType"`
	Format      string      `json:"format"`
	Source      destination `json:"sourceLocation"`
	Options     struct {
		Overwrite bool `json:"overwriteExisting"`
		Skip      bool `json:"skipDuplicates"`
	} `json:"options"`
}

type importCounts struct {
	Imported    int64 `json:"imported"`
	Skipped     int64 `json:"skipped"`
	Overwritten int64 `json:"overwritten"`
	Rejected    int64 `json:"rejected"`
}

// createImport answers POST /api/v2/data/import. It is not idempotent; what it does is, with either option.
func (s *Sim) createImport(x *exchange) reply {
	j := &importJob{submitted: x.now, finished: x.now.Add(s.Jobs.Queued + s.Jobs.Running)}
	switch {
	case !x.decode(&j.importBody) || j.Environment == "":
		return x.bad("the body must be a JSON object as the contract says, with an environmentId")
	case j.EntityType != interactionEntity:
		return x.bad("entityType must be interaction")
	case j.Source.Type != "AWS_S3" || j.Source.Bucket == "" || j.Source.Region == "":
		return x.bad("sourceLocation must be of type AWS_S3 with bucketName and region")
	case !slices.Contains([]string{"JSON_LINES", "CSV", "PARQUET"}, j.Format):
		return x.bad("format must be JSON_LINES, PARQUET or CSV")
	case j.Options.Overwrite && j.Options.Skip:
		return x.bad("options: overwriteExisting and skipDuplicates contradict each other")
	}
	if f, ok := x.hit(Fail); ok {
		j.failed = f.message("the import failed for an internal reason")
	}
	j.id = s.newID("import")
	s.mu.Lock()
	s.imports = append(s.imports, j)
	s.mu.Unlock()
	return answer(http.StatusAccepted, map[string]string{"id": j.id})
}

// importStatus answers GET /api/v2/data/import/{job}.
func (s *Sim) importStatus(x *exchange) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.imports, func(j *importJob) bool { return j.id == x.PathValue("job") })
	if i >= 0 && x.isHit(Vanish) {
		s.imports = slices.Delete(s.imports, i, i+1)
		i = -1
	}
	if i < 0 {
		return x.refuse(http.StatusNotFound, "not.found", "there is no such import")
	}
	j := s.imports[i]
	out := struct {
		ID    string `json:"id"`
		State string `json:"state"`
		Error string `json:"errorMessage,omitempty"`
		importCounts
	}{ID: j.id, State: "RUNNING"}
	switch {
	case x.now.Before(j.submitted.Add(s.Jobs.Queued)):
		out.State = queued
	case j.failed != "" && !x.now.Before(j.finished):
		out.State, out.Error, out.importCounts = failed, j.failed, j.importCounts
	case j.done:
		out.State, out.importCounts = "COMPLETED", j.importCounts
	}
	return answer(http.StatusOK, out)
}

// Imported are the rows of an environment, by tenant and interactionId with a slash between.
func (s *Sim) Imported(environment string) map[string]Row {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.loaded[environment])
}

// add puts a row into its environment, as the options say. It is called with the lock.
func (s *Sim) add(j *importJob, fields []field, row Row) {
	id := row["tenant_id"] + "/" + row["interactionId"]
	if !fits(fields, row) {
		j.Rejected++
		return
	}
	rows := s.loaded[j.Environment]
	if rows == nil {
		rows = map[string]Row{}
		s.loaded[j.Environment] = rows
	}
	_, exists := rows[id]
	switch {
	case !exists:
		j.Imported++
	case j.Options.Overwrite:
		j.Overwritten++
	case j.Options.Skip:
		j.Skipped++
		return
	default:
		j.Rejected++
		return
	}
	rows[id] = row
}

// fits says whether the target's schema has the row's columns, and their types its values.
func fits(fields []field, row Row) bool {
	if row["interactionId"] == "" || row["tenant_id"] == "" {
		return false
	}
	for name, text := range row {
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == name })
		if i < 0 {
			return false
		}
		ok := true
		switch fields[i].kind {
		case kindInteger:
			_, err := strconv.ParseInt(text, 10, 64)
			ok = err == nil
		case kindTime, kindDate:
			_, ok = parseInstant(text)
		}
		if !ok {
			return false
		}
	}
	return true
}
