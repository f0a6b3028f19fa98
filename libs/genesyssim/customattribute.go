package genesyssim

import "net/http"

// customAttributes answers GET /api/v2/conversations/{id}/customattributes, at once: it is no part of the data lake.
func (s *Sim) customAttributes(x *exchange) reply {
	i, ok := s.world.find(x.PathValue("id"), x.now)
	if !ok || s.CustomKey == "" || !s.world.known(i, x.now) {
		return x.refuse(http.StatusNotFound, "not.found", "The requested conversation has no custom attributes.")
	}
	d := s.world.detail(i)
	return answer(http.StatusOK, map[string]any{"results": []any{
		map[string]any{"conversationId": d.ID(), "customAttributes": map[string]string{s.CustomKey: d.Tenant}},
	}})
}
