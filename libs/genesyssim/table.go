package genesyssim

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// tableBody is the guide's query, which comes as the body of a GET.
type tableBody struct {
	Filter struct {
		Type       string      `json:"type"`
		Predicates []predicate `json:"predicates"`
	} `json:"filter"`
	Columns []string `json:"columns"`
}

// predicate is one of two kinds: CUSTOM_DIMENSION has a field's name and is true of any of the values; DATE_RANGE has
// startTime and two values, the first inclusive, the second not.
type predicate struct {
	Type      string   `json:"type"`
	Field     string   `json:"fieldName"`
	Dimension string   `json:"dimension"`
	Operator  string   `json:"operator"`
	Values    []string `json:"values"`
}

// tableCursor is where the next page begins: so many conversations into the range, as of a time.
type tableCursor struct {
	query  uint32
	at     int64 // Unix milliseconds
	offset int
}

// table answers GET /analytics/tables/v2/interactions. Who asks without a predicate on tenant_id gets everyone's rows.
func (s *Sim) table(x *exchange) reply {
	var b tableBody
	if !x.decode(&b) || b.Filter.Type != "" && b.Filter.Type != "AND" {
		return x.bad("the body must be a JSON object with a filter of type AND and columns")
	}
	size := x.number("pageSize", 100)
	if size < 1 || size > 100 {
		return x.bad("pageSize must be between 1 and 100")
	}
	at := tableCursor{query: checksum(string(x.body)), at: s.available(x.now).UnixMilli()}
	if text := x.URL.Query().Get("cursor"); text != "" {
		c, ok := parseTableCursor(text)
		if !ok || c.query != at.query {
			return x.bad("the cursor is of another query")
		}
		at = c
	}
	asOf := time.UnixMilli(at.at).UTC()
	all := s.fieldsAt(asOf)
	fields, ok := named(all, b.Columns)
	if !ok {
		return x.bad("columns names a column that the table does not have")
	}
	span, match, wrong := s.predicates(all, b.Filter.Predicates)
	if wrong != "" {
		return x.bad(wrong)
	}
	candidates := s.world.starting(span.from, earliest(span.to, asOf))
	rows := []map[string]any{}
	next := min(at.offset, len(candidates))
	for ; next < len(candidates) && len(rows) < size; next++ {
		if r, ok := s.world.interaction(candidates[next]).as(asOf); ok && match(r) {
			rows = append(rows, plain(fields, r))
		}
	}
	out := map[string]any{"rows": rows}
	if next < len(candidates) {
		at.offset = next
		out["nextCursor"] = at.String()
	}
	return answer(http.StatusOK, out)
}

// predicates are a range of starts and what is asked of a row in it.
func (s *Sim) predicates(all []field, of []predicate) (span interval, match func(Interaction) bool, wrong string) {
	span = interval{s.From, s.now()}
	for _, special := range s.Also {
		span.from = earliest(span.from, special.Start)
	}
	var filters []condition
	for _, p := range of {
		switch p.Type {
		case "DATE_RANGE":
			if p.Dimension != "startTime" || len(p.Values) != 2 {
				return span, nil, "a DATE_RANGE has the dimension startTime and two values"
			}
			from, okFrom := parseInstant(p.Values[0])
			to, okTo := parseInstant(p.Values[1])
			if !okFrom || !okTo || to.Before(from) {
				return span, nil, "the values of a DATE_RANGE are two times of RFC 3339, the earlier first"
			}
			span = interval{from, to}
		case "CUSTOM_DIMENSION":
			values := make([]any, len(p.Values))
			for i, v := range p.Values {
				values[i] = v
			}
			operator, ok := map[string]string{"EQUALS": "IN", "IN": "IN", "NOT_EQUALS": "NE"}[p.Operator]
			if !ok {
				return span, nil, "the operator of a CUSTOM_DIMENSION must be EQUALS, IN or NOT_EQUALS"
			}
			filters = append(filters, condition{p.Field, operator, values})
		default:
			return span, nil, "the type of a predicate must be CUSTOM_DIMENSION or DATE_RANGE"
		}
	}
	match, wrong = conditions(all, filters)
	return span, match, wrong
}

func earliest(a, b time.Time) time.Time { return slices.MinFunc([]time.Time{a, b}, time.Time.Compare) }

// plain is a row as JSON has it.
func plain(fields []field, r Interaction) map[string]any {
	row := make(map[string]any, len(fields))
	for _, f := range fields {
		v := f.of(r)
		if t, ok := v.(time.Time); ok {
			if v = written(t); f.kind == kindDate {
				v = t.Format(time.DateOnly)
			}
		}
		row[f.name] = v
	}
	return row
}

func (c tableCursor) String() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%d.%d", c.query, c.at, c.offset))
}

func parseTableCursor(text string) (c tableCursor, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return c, false
	}
	n, err := fmt.Sscanf(string(b), "%d.%d.%d", &c.query, &c.at, &c.offset)
	return c, err == nil && n == 3 && c.offset >= 0
}
