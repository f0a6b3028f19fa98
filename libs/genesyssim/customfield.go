package genesyssim

import (
	"net/http"
	"slices"
)

// customField is a field that an organisation has added to its interactions.
type customField struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	DataType    string `json:"dataType"`
	EntityType  string `json:"entityType"`
}

// createField answers POST /api/v2/interactionlogs/customfields.
func (s *Sim) createField(x *exchange) reply {
	var f customField
	if !x.decode(&f) || f.Name == "" || f.DataType != "STRING" || f.EntityType != "INTERACTIONLOG" {
		return x.bad("want name, dataType STRING and entityType INTERACTIONLOG")
	}
	f.ID = s.newID("field")
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.ContainsFunc(s.custom, func(other customField) bool { return other.Name == f.Name }) {
		return x.refuse(http.StatusConflict, "conflict", "a custom field of this name exists")
	}
	s.custom = append(s.custom, f)
	return answer(http.StatusCreated, f)
}

// listFields answers GET /api/v2/interactionlogs/customfields.
func (s *Sim) listFields(*exchange) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	return answer(http.StatusOK, map[string]any{"customFields": append([]customField{}, s.custom...)})
}
