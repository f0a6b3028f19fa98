package genesyssim

import (
	"fmt"
	"net/http"
)

// query answers POST …/details/query: at once, near to now, without attributes.
func (s *Sim) query(x *exchange) reply {
	var b detailsBody
	if !x.decode(&b) {
		return x.bad("The request could not be understood by the server due to malformed syntax.")
	}
	span, ok := parseInterval(b.Interval)
	switch {
	case !ok:
		return x.bad("The interval must be two instants of ISO 8601 with a slash between, the first before the second")
	case span.to.Sub(span.from) > s.Jobs.QueryInterval:
		return x.bad(fmt.Sprintf("You must specify a search interval as part of your query that does not exceed %d days", s.Jobs.QueryInterval/day))
	}
	set(&b.Paging.Size, 25)
	set(&b.Paging.Number, 1)
	switch {
	case b.Paging.Size < 1 || b.Paging.Size > 100:
		return x.bad("pageSize must be between 1 and 100")
	case b.Paging.Number < 1:
		return x.bad("pageNumber must be positive")
	case b.Paging.Size*b.Paging.Number > s.Jobs.QueryRows:
		return x.bad(fmt.Sprintf("Pagination may not exceed %d results. Tip: use smaller intervals", s.Jobs.QueryRows))
	}
	found, wrong := s.find(b, span, x.now, false)
	if wrong != "" {
		return x.bad(wrong)
	}
	if f, ok := x.hit(Shuffle); ok { // equal starts have no order of their own; the worst that can come of it
		turn := f.Rows % max(1, len(found))
		found = append(found[turn:], found[:turn]...)
	}
	from := min((b.Paging.Number-1)*b.Paging.Size, len(found))
	to := min(from+b.Paging.Size, len(found))
	body := s.list(x, found[from:to])
	return reply{status: http.StatusOK, body: fmt.Appendf(body, `,"totalHits":%d}`, len(found))}
}

// list writes conversations as they are now, up to the brace that ends the object.
func (s *Sim) list(x *exchange, found []int64) []byte {
	body := []byte(`{"conversations":[`)
	for n, i := range found {
		if n > 0 {
			body = append(body, ',')
		}
		body = s.record(body, i, x.now, false)
	}
	return append(body, ']')
}

// several answers GET …/conversations/details?id=a,b: at most 100.
func (s *Sim) several(x *exchange) reply {
	var found []int64
	ids := splitList(x.URL.Query()["id"])
	if len(ids) == 0 || len(ids) > 100 {
		return x.bad("id must name 1 to 100 conversations")
	}
	for _, id := range ids {
		if i, ok := s.world.find(id, x.now); ok && s.world.known(i, x.now) {
			found = append(found, i)
		}
	}
	return reply{status: http.StatusOK, body: append(s.list(x, found), '}')}
}

// single answers GET …/conversations/{id}/details.
func (s *Sim) single(x *exchange) reply {
	i, ok := s.world.find(x.PathValue("id"), x.now)
	if !ok || !s.world.known(i, x.now) {
		return x.refuse(http.StatusNotFound, "not.found", "The requested conversation does not exist.")
	}
	return reply{status: http.StatusOK, body: s.record(nil, i, x.now, false)}
}
