package genesyssim_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/genesyssim"
	"github.com/maskrail/maskrail/libs/synth"
)

const tablePath = "/analytics/tables/v2/interactions"

func equals(field string, values ...string) map[string]any {
	return map[string]any{"type": "CUSTOM_DIMENSION", "fieldName": field, "operator": "EQUALS", "values": values}
}

func between(from, to time.Time) map[string]any {
	return map[string]any{"type": "DATE_RANGE", "dimension": "startTime", "values": []string{from.Format(time.RFC3339), to.Format(time.RFC3339)}}
}

func tableQuery(columns []string, predicates ...map[string]any) map[string]any {
	return map[string]any{"filter": map[string]any{"type": "AND", "predicates": predicates}, "columns": columns}
}

type tablePage struct {
	Rows       []map[string]any
	NextCursor string
}

// table are the rows on all pages.
func (b *bench) table(size string, body any) (rows []map[string]any) {
	b.Helper()
	for cursor := ""; ; {
		p := read[tablePage](b, b.call(200, http.MethodGet, tablePath+"?pageSize="+size+"&cursor="+cursor, body))
		rows = append(rows, p.Rows...)
		if cursor = p.NextCursor; cursor == "" {
			return rows
		}
		b.Forward(time.Minute) // the pages are of one time nevertheless
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lo, hi := from.AddDate(0, 0, 5), from.AddDate(0, 0, 7)
	want := map[string]int{}
	asOf := b.Now()
	for i := range b.sim.Interactions(lo, hi) {
		if i.End.Before(asOf) {
			want[i.TenantID]++
			want["all"]++
		}
	}
	columns := []string{"interactionId", "tenant_id", "startTime", "dateOfBirth"}
	rows := b.table("7", tableQuery(columns, equals("tenant_id", "acme"), between(lo, hi)))
	if len(rows) != want["acme"] || len(rows) == 0 {
		t.Errorf("%d rows of acme and not %d", len(rows), want["acme"])
	}
	for _, r := range rows {
		if r["tenant_id"] != "acme" || len(r) != 4 || len(r["dateOfBirth"].(string)) != len("2006-01-02") {
			t.Fatal("a row is of another tenant, or has other columns")
		}
	}
	b.now = asOf
	if rows := b.table("100", tableQuery(columns, equals("tenant_id", "acme", "globex"), between(lo, hi))); len(rows) != want["acme"]+want["globex"] {
		t.Errorf("%d rows of two tenants and not %d", len(rows), want["acme"]+want["globex"])
	}
	b.now = asOf
	if rows := b.table("100", tableQuery(columns, between(lo, hi))); len(rows) != want["all"] {
		t.Errorf("%d rows without a tenant and not everyone's %d", len(rows), want["all"])
	}
	if rows := b.table("100", tableQuery(nil, equals("tenant_id", "nobody"))); len(rows) != 0 {
		t.Errorf("%d rows of nobody", len(rows))
	}
}

func TestTableRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	good := tableQuery(nil, equals("tenant_id", "acme"))
	cursor := read[tablePage](t, b.call(200, http.MethodGet, tablePath+"?pageSize=1", good)).NextCursor
	if cursor == "" {
		t.Fatal("one page")
	}
	for _, c := range []struct {
		name, query string
		body        any
	}{
		{"too large a page", "?pageSize=101", good},
		{"no page", "?pageSize=0", good},
		{"no cursor", "?cursor=guess", good},
		{"a cursor of another query", "?cursor=" + cursor, tableQuery(nil, equals("tenant_id", "globex"))},
		{"unknown column", "", tableQuery([]string{"shoeSize"})},
		{"unknown field", "", tableQuery(nil, equals("shoeSize", "43"))},
		{"no range", "", tableQuery(nil, map[string]any{"type": "DATE_RANGE", "dimension": "startTime", "values": []string{"2026-03-01T00:00:00Z"}})},
		{"unknown operator", "", tableQuery(nil, map[string]any{"type": "CUSTOM_DIMENSION", "fieldName": "tenant_id", "operator": "LIKE"})},
		{"unknown predicate", "", tableQuery(nil, map[string]any{"type": "MOOD"})},
		{"alternatives", "", map[string]any{"filter": map[string]any{"type": "OR"}}},
	} {
		if status, _, body, err := b.try(http.MethodGet, tablePath+c.query, c.body); status != 400 || err != nil {
			t.Errorf("%s: %d %.200s", c.name, status, body)
		}
	}
}

func TestCustomFields(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const path = "/api/v2/interactionlogs/customfields"
	field := map[string]any{"name": "tenant_id", "description": "whose it is", "dataType": "STRING", "entityType": "INTERACTIONLOG"}
	b.call(201, http.MethodPost, path, field)
	b.call(409, http.MethodPost, path, field)
	if list := string(b.call(200, http.MethodGet, path, nil)); strings.Count(list, `"name":"tenant_id"`) != 1 {
		t.Error(list)
	}
	field["dataType"] = "BLOB"
	b.call(400, http.MethodPost, path, field)
}

// words are some, each once.
type words map[string]bool

func (w words) add(word string) { w[word] = true }

func (w words) String() string { return strings.Join(slices.Sorted(maps.Keys(w)), " ") }

// named is what a tenant is to an owner.
func named(tenant, owner string) string {
	switch {
	case tenant == " ":
		return "blank"
	case !slices.Contains(synth.Tenants, tenant):
		return tenant
	case tenant == owner:
		return "own"
	}
	return "other"
}

func TestOddTenants(t *testing.T) {
	t.Parallel()
	day := from.AddDate(0, 0, 1)
	for _, c := range []struct {
		how                           string
		attributes, queues, divisions string // whose they are: own, other
		flat                          string // tenant_id of the interaction
	}{
		{"queue", "", "own", "own", "own"},
		{"division", "", "", "own", "own"},
		{"divisions", "", "", "other own", "own"},
		{"nowhere", "", "", "", ""},
		{"blank", "blank", "own", "own", "blank"},
		{"unknown", "umbrella", "own", "own", "umbrella"},
		{"conflict", "other own", "own", "own", "own"},
		{"case", "", "own", "own", "own"},
	} {
		t.Run(c.how, func(t *testing.T) {
			t.Parallel()
			b := setup(t, func(config *genesyssim.Config) {
				config.Odd = []genesyssim.Oddity{{Tenant: c.how, Every: 1}}
				config.Every = time.Hour
			})
			for truth := range b.sim.Conversations(from, day) {
				record := read[struct {
					DivisionIDs  []string
					Participants []struct {
						Attributes map[string]any
						Sessions   []struct{ Segments []struct{ QueueID string } }
					}
				}](t, truth.At(b.Now()))
				attributes, divisions, queues := words{}, words{}, words{}
				for _, p := range record.Participants {
					if v, ok := p.Attributes["tenant_id"].(string); ok {
						attributes.add(named(v, truth.Tenant))
					}
					for _, x := range p.Sessions {
						for _, g := range x.Segments {
							if owner := b.sim.Queues()[g.QueueID]; owner != "" {
								queues.add(named(owner, truth.Tenant))
							}
						}
					}
				}
				for _, id := range record.DivisionIDs {
					if owner := b.sim.Divisions()[id]; owner != "" {
						divisions.add(named(owner, truth.Tenant))
					}
				}
				got := fmt.Sprintf("attributes %s, divisions %s, queues %s", attributes, divisions, queues)
				if want := fmt.Sprintf("attributes %s, divisions %s, queues %s", c.attributes, c.divisions, c.queues); got != want || truth.Oddity != c.how {
					t.Errorf("%s: %s and not %s", truth.Oddity, got, want)
				}
			}
			for _, row := range b.rows(b.export(order(nil))) {
				if got := named(row["tenant_id"], row["tenant_id"]); got != c.flat {
					t.Errorf("an interaction has the tenant %q and not %q", got, c.flat)
				}
			}
		})
	}
}
