package tables

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/maskrail/maskrail/libs/objref"
)

// TenantField is the field that says whose a row is.
const TenantField = "tenant_id"

// query is the body of a request. Only constrain fills one, and nothing else is ever sent: without the predicate on the
// tenant the provider would answer with everyone's rows.
type query struct{ body json.RawMessage }

// ErrNoTenant means that rows were asked for and nobody said whose.
var ErrNoTenant = errors.New("whose rows are wanted is not said: name at least one tenant, none of them blank")

// Filter narrows what is asked for.
type Filter struct {
	Field    string
	Operator string   // EQ, NE or IN
	Values   []string // one, or more with IN
}

// operators are the table's words for those of filters.
var operators = map[string]string{"EQ": "EQUALS", "NE": "NOT_EQUALS", "IN": "IN"}

// Validate says what is wrong with the filter, and shows none of its values.
func (f Filter) Validate() error {
	switch {
	case f.Field == "":
		return errors.New("want the name of a field")
	case operators[f.Operator] == "":
		return fmt.Errorf("field %s: operator: want EQ, NE or IN", f.Field)
	case len(f.Values) == 0, len(f.Values) > 1 && f.Operator != "IN":
		return fmt.Errorf("field %s: want one value, or at least one with IN", f.Field)
	}
	return nil
}

type predicate struct {
	Type      string   `json:"type"`
	Field     string   `json:"fieldName,omitempty"`
	Dimension string   `json:"dimension,omitempty"`
	Operator  string   `json:"operator,omitempty"`
	Values    []string `json:"values"`
}

// constrain makes the query for the rows of the tenants that start in the window, and for no others.
func constrain(tenants []string, w objref.Window, filters []Filter, columns []string) (query, error) {
	if len(tenants) == 0 || slices.ContainsFunc(tenants, func(t string) bool { return strings.TrimSpace(t) == "" }) {
		return query{}, ErrNoTenant
	}
	predicates := []predicate{
		{Type: "CUSTOM_DIMENSION", Field: TenantField, Operator: "EQUALS", Values: tenants},
		{Type: "DATE_RANGE", Dimension: "startTime", Values: []string{stamp(w.From), stamp(w.To)}},
	}
	for _, f := range filters {
		if err := f.Validate(); err != nil {
			return query{}, err
		}
		predicates = append(predicates, predicate{Type: "CUSTOM_DIMENSION", Field: f.Field, Operator: operators[f.Operator], Values: f.Values})
	}
	if len(columns) > 0 && !slices.Contains(columns, TenantField) {
		columns = append(slices.Clone(columns), TenantField) // without it nobody could tell that the rows are theirs
	}
	type filter struct {
		Type       string      `json:"type"`
		Predicates []predicate `json:"predicates"`
	}
	body, err := json.Marshal(struct {
		Filter       filter   `json:"filter"`
		Columns      []string `json:"columns,omitempty"`
		Aggregations []string `json:"aggregations"`
	}{filter{"AND", predicates}, columns, []string{}})
	return query{body}, err
}

// stamp writes a time as the provider does.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
