package genesyssim

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// clause is a filter of the analytics API: its predicates hold all, or one of them does.
type clause struct {
	Type       string `json:"type"` // and, or
	Predicates []struct {
		Type      string `json:"type"`
		Dimension string `json:"dimension"`
		Operator  string `json:"operator"` // matches, exists, notExists
		Value     string `json:"value"`
	} `json:"predicates"`
}

// dimensions are the members that predicates can name, by the level they are at.
var dimensions = map[string][]string{
	"conversation": {"conversationId", "originatingDirection", "divisionId", "externalTag", "conversationInitiator"},
	"segment":      {"mediaType", "direction", "queueId", "purpose", "userId", "ani", "dnis", "wrapUpCode", "segmentType", "disconnectType", "participantName"},
}

// filters is what the filters of a request let pass; nil lets everything. wrong says what they do not make sense of.
func (s *Sim) filters(b detailsBody, at time.Time) (match func(int64) bool, wrong string) {
	for level, clauses := range map[string][]clause{"conversation": b.Conversations, "segment": b.Segments} {
		for _, c := range clauses {
			if c.Type != "and" && c.Type != "or" {
				return nil, "the type of a filter must be and or or"
			}
			for _, p := range c.Predicates {
				if !slices.Contains(dimensions[level], p.Dimension) {
					return nil, fmt.Sprintf("a %s filter has no such dimension", level)
				}
				if !slices.Contains([]string{"", "matches", "exists", "notExists"}, p.Operator) {
					return nil, "the operator of a predicate must be matches, exists or notExists"
				}
			}
		}
	}
	all := slices.Concat(b.Conversations, b.Segments)
	if len(all) == 0 {
		return nil, ""
	}
	return func(i int64) bool {
		var record any
		if json.Unmarshal(s.record(nil, i, at, true), &record) != nil {
			return false
		}
		return !slices.ContainsFunc(all, func(c clause) bool { return !c.holds(record) })
	}, ""
}

func (c clause) holds(record any) bool {
	for _, p := range c.Predicates {
		values := valuesOf(record, p.Dimension, nil)
		var holds bool
		switch p.Operator {
		case "exists":
			holds = len(values) > 0
		case "notExists":
			holds = len(values) == 0
		default:
			holds = slices.Contains(values, p.Value)
		}
		if holds != (c.Type == "and") {
			return holds
		}
	}
	return c.Type == "and"
}

// valuesOf are the texts under a name, and under its plural, at any depth.
func valuesOf(v any, name string, found []string) []string {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			found = valuesOf(e, name, found)
		}
	case map[string]any:
		for key, member := range v {
			switch {
			case key == "attributes":
			case key != name && key != name+"s":
				found = valuesOf(member, name, found)
			default:
				if text, ok := member.(string); ok {
					found = append(found, text)
				}
				if list, ok := member.([]any); ok {
					for _, e := range list {
						if text, ok := e.(string); ok {
							found = append(found, text)
						}
					}
				}
			}
		}
	}
	return found
}
