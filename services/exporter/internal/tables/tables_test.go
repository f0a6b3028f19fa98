package tables

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/services/exporter/internal/genesys"
	"github.com/maskrail/maskrail/services/exporter/internal/quota"
)

// TestLargeRows: rows with whole transcripts come in smaller pages, all of them, each once.
func TestLargeRows(t *testing.T) {
	t.Parallel()
	const rows, size = 3, 17 << 20
	text := strings.Repeat("x", size/2)
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/oauth/token" {
			fmt.Fprint(w, `{"access_token":"t","token_type":"bearer","expires_in":3600}`)
			return
		}
		requests++
		from, _ := strconv.Atoi(r.URL.Query().Get("cursor"))
		n, _ := strconv.Atoi(r.URL.Query().Get("pageSize"))
		to := min(rows, from+n)
		fmt.Fprint(w, `{"rows":[`)
		for i := from; i < to; i++ {
			if i > from {
				fmt.Fprint(w, ",")
			}
			if _, err := fmt.Fprintf(w, `{"tenant_id":"acme","n":%d,"transcript":[%q,%q]}`, i, text, text); err != nil {
				return
			}
		}
		fmt.Fprint(w, "]")
		if to < rows {
			fmt.Fprintf(w, `,"nextCursor":"%d"`, to)
		}
		fmt.Fprint(w, "}")
	}))
	t.Cleanup(server.Close)
	client, err := genesys.New(genesys.Config{
		API: server.URL, Login: server.URL, ClientID: "c", ClientSecret: keys.NewSecret([]byte("s")), Limit: quota.Limit{Requests: 1000, Per: time.Second},
	})
	if err != nil {
		t.Fatal(err)
	}
	ask := Ask{Tenants: []string{"acme"}, Window: october}
	for next := 0; ; {
		page, err := Read(t.Context(), client, ask)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range page.Rows {
			var r struct{ N int }
			if err := json.Unmarshal(row, &r); err != nil || r.N != next {
				t.Fatalf("row %d, %v, want %d", r.N, err, next)
			}
			next++
		}
		if page.Next == "" {
			if next != rows || requests > 2*rows {
				t.Errorf("%d rows of %d in %d requests", next, rows, requests)
			}
			return
		}
		ask.Cursor, ask.Size = page.Next, page.Size
	}
}
