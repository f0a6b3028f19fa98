package genesyssim_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/genesyssim"
)

const queryPath = "/api/v2/analytics/conversations/details/query"

func itoa(n int) string { return strconv.Itoa(n) }

func TestQuery(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *genesyssim.Config) { c.Lag = 12 * time.Hour })
	now := b.Now()
	var want []string
	for c := range b.sim.Conversations(now.Truncate(24*time.Hour).AddDate(0, 0, -1), now) {
		want = append(want, c.ID)
	}
	span := now.Add(-time.Hour).Format(time.RFC3339) + "/" + now.Format(time.RFC3339)
	var got []string
	for number := 1; ; number++ {
		body := b.call(200, http.MethodPost, queryPath, map[string]any{"interval": span, "paging": map[string]int{"pageSize": 100, "pageNumber": number}})
		if strings.Contains(string(body), `"attributes"`) {
			t.Fatal("a query has no attributes")
		}
		p := read[struct {
			page
			TotalHits int
		}](t, body)
		if p.TotalHits != len(want) {
			t.Fatalf("%d hits and not %d", p.TotalHits, len(want))
		}
		if len(p.Conversations) == 0 {
			break
		}
		for _, c := range p.Conversations {
			got = append(got, c.ID)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d conversations and not the %d that started on the day", len(got), len(want))
	}
}

func TestQueryRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	week := "2026-03-01T00:00:00Z/2026-03-08T00:00:00Z"
	paging := func(size, number int) map[string]any {
		return map[string]any{"interval": week, "paging": map[string]int{"pageSize": size, "pageNumber": number}}
	}
	for _, c := range []struct {
		name, says string
		body       any
	}{
		{"more than a week", "You must specify a search interval as part of your query that does not exceed 7 days", map[string]any{"interval": "2026-03-01T00:00:00Z/2026-03-08T00:00:01Z"}},
		{"too far", "Pagination may not exceed 100000 results", paging(100, 1001)},
		{"too large a page", "pageSize must be between 1 and 100", paging(101, 1)},
		{"no page", "pageNumber must be positive", paging(100, -1)},
		{"no interval", "interval", map[string]any{}},
		{"no object", "malformed", "x"},
	} {
		if body := b.call(400, http.MethodPost, queryPath, c.body); !strings.Contains(string(body), c.says) {
			t.Errorf("%s: %s", c.name, body)
		}
	}
	b.call(200, http.MethodPost, queryPath, paging(100, 1000))
}

func TestConversationsByID(t *testing.T) {
	t.Parallel()
	special := genesyssim.Special{Start: from.Add(time.Hour), Lasts: time.Hour}
	b := setup(t, func(c *genesyssim.Config) { c.Also = []genesyssim.Special{special} })
	var ids []string
	for c := range b.sim.Conversations(from, from.Add(2*time.Hour)) {
		ids = append(ids, c.ID)
	}
	got := read[page](t, b.call(200, http.MethodGet, "/api/v2/analytics/conversations/details?id="+strings.Join(ids, ","), nil))
	if len(got.Conversations) != 13 || got.Conversations[12].ID != ids[12] {
		t.Errorf("%d conversations and not 13", len(got.Conversations))
	}
	for _, id := range ids {
		body := b.call(200, http.MethodGet, "/api/v2/analytics/conversations/"+id+"/details", nil)
		if !strings.HasPrefix(string(body), `{"conversationId":"`+id) {
			t.Errorf("%.60s", body)
		}
	}
	b.call(404, http.MethodGet, "/api/v2/analytics/conversations/nobody/details", nil)
	b.call(400, http.MethodGet, "/api/v2/analytics/conversations/details", nil)
	for c := range b.sim.Conversations(b.Now(), b.Now().Add(time.Hour)) { // of the future
		b.call(404, http.MethodGet, "/api/v2/analytics/conversations/"+c.ID+"/details", nil)
	}
}
