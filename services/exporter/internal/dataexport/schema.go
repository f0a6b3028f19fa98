package dataexport

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/maskrail/maskrail/libs/drift"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/survey"
	"github.com/maskrail/maskrail/services/exporter/internal/genesys"
)

const (
	opSchemas = "fetch export schemas"
	maxFields = 5_000 // of one entity
)

// types are a policy's words for the provider's.
var types = map[string]string{
	"STRING": "string", "INTEGER": "int", "DOUBLE": "double", "BOOLEAN": "bool", "DATETIME": "timestamp", "DATE": "date",
}

// Schemas are what the provider would deliver now: of recordings and transcripts, those alone that are asked for. A type
// that the contract does not have is "mixed". See source.Source.
func (s *Source) Schemas(ctx context.Context) (map[string]drift.Source, error) {
	var says struct {
		Schemas []struct {
			Entity string `json:"entityType"`
			Fields []struct {
				Name string `json:"name"`
				Type string `json:"type"`
			} `json:"fields"`
		} `json:"schemas"`
	}
	err := s.client.Do(ctx, genesys.Call{Op: opSchemas, Method: http.MethodGet, Path: "/api/v2/data/export/schemas"}, &says)
	if err != nil {
		return nil, err
	}
	schemas := make(map[string]drift.Source, len(says.Schemas))
	for _, schema := range says.Schemas {
		if len(schema.Fields) > maxFields {
			return nil, fmt.Errorf("%s: an entity has more than %d fields", opSchemas, maxFields)
		}
		d := drift.Source{Typed: true}
		for i, f := range schema.Fields {
			if !s.delivered(f.Name) {
				continue
			}
			path := policy.Path{{Name: f.Name}}
			if _, err := policy.ParsePath(path.String()); err != nil { // its text does not repeat the name
				return nil, fmt.Errorf("%s: field %d: %w", opSchemas, i+1, err)
			}
			column := survey.Column{Path: path, Type: types[f.Type]}
			if column.Type == "" {
				column.Type, column.Whole = "mixed", true
			}
			d.Columns = append(d.Columns, column)
		}
		schemas[schema.Entity] = d
	}
	if _, ok := schemas[s.config.Entity]; !ok {
		return nil, fmt.Errorf("%s: the provider states none for %s", opSchemas, s.config.Entity)
	}
	return schemas, nil
}

func (s *Source) delivered(field string) bool {
	if s.config.Fields == nil {
		return medium(field) == ""
	}
	return slices.Contains(s.config.Fields, field)
}
