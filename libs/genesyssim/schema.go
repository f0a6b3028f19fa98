package genesyssim

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// fieldsAt are the columns of the flat form at a time.
func (s *Sim) fieldsAt(at time.Time) []field { return s.Drift.fields(at) }

// schemas answers GET /api/v2/data/export/schemas.
func (s *Sim) schemas(x *exchange) reply {
	type column struct {
		Name string `json:"name"`
		Type kind   `json:"type"`
	}
	told := x.now.Add(-s.Drift.SchemaLag)
	fields := s.fieldsAt(told)
	columns := make([]column, len(fields))
	for i, f := range fields {
		columns[i] = column{f.name, f.kind}
	}
	return answer(http.StatusOK, map[string]any{"schemas": []any{
		map[string]any{"entityType": interactionEntity, "version": strconv.Itoa(s.Drift.version(told)), "fields": columns},
	}})
}

// named are the fields that a request is about: those that it names, or all but the media.
func named(all []field, names []string) (fields []field, ok bool) {
	if len(names) == 0 {
		return slices.DeleteFunc(slices.Clone(all), func(f field) bool { return slices.Contains(media, f.name) }), true
	}
	for _, name := range names {
		i := slices.IndexFunc(all, func(f field) bool { return f.name == name })
		if i < 0 {
			return nil, false
		}
		fields = append(fields, all[i])
	}
	return fields, true
}
