// Package tables reads the interactions table of the guide's analytics API, of named tenants alone. There is no way
// through it to a query without a predicate on the tenant.
package tables

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/services/exporter/internal/genesys"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

const (
	path     = "/analytics/tables/v2/interactions"
	pageSize = 100 // rows, the most that the provider gives
	// pageBytes is the most that a page may have: many tenants are read at a time. A larger one is asked for again with fewer
	// rows, and a page of one row may have source.MaxHeld.
	pageBytes = 16 << 20
	op        = "query interactions table"
)

// Ask is what is wanted.
type Ask struct {
	Tenants []string      // at least one
	Window  objref.Window // of the starts of interactions
	Filters []Filter
	Columns []string // nil for all but recordings and transcripts
	Cursor  string   // of the page before; empty for the first
	Size    int      // rows of a page at most, as Page.Size of the page before; 0 for as many as the provider gives
}

// Page is a part of the answer, in the provider's order.
type Page struct {
	Rows []json.RawMessage // as delivered, each a JSON object of a tenant that was asked for
	// Strange are rows of which the tenant is none of those, or cannot be told. They must not come near anybody.
	Strange []json.RawMessage
	// Large are rows that no reader takes: longer than source.MaxRecord, or with a text longer than source.MaxText.
	Large []json.RawMessage
	Next  string // cursor of the next page, empty behind the last
	Size  int    // rows that were asked for: fewer where they are large
}

// Read asks for one page. A cursor that the provider does not know any more is source.ErrRestart.
func Read(ctx context.Context, c *genesys.Client, ask Ask) (Page, error) {
	q, err := constrain(ask.Tenants, ask.Window, ask.Filters, ask.Columns)
	if err != nil {
		return Page{}, fmt.Errorf("%s: %w: %w", op, source.ErrRefused, err)
	}
	return q.send(ctx, c, ask)
}

func (q query) send(ctx context.Context, c *genesys.Client, ask Ask) (Page, error) {
	if q.body == nil { // the one query that constrain has not made
		return Page{}, fmt.Errorf("%s: %w: %w", op, source.ErrRefused, ErrNoTenant)
	}
	size := cmp.Or(ask.Size, pageSize)
	parameters := url.Values{"pageSize": {strconv.Itoa(size)}}
	call := genesys.Call{Op: op, Method: http.MethodGet, Path: path, Query: parameters, Body: q.body, Most: pageBytes}
	if size == 1 {
		call.Most = source.MaxHeld
	}
	if ask.Cursor != "" {
		parameters.Set("cursor", ask.Cursor)
		call.Gone = source.ErrRestart
	}
	var says struct {
		Rows []json.RawMessage `json:"rows"`
		Next string            `json:"nextCursor"`
	}
	err := c.Do(ctx, call, &says)
	switch {
	case errors.Is(err, genesys.ErrTooLarge) && size > 1:
		ask.Size = max(1, size/4)
		return q.send(ctx, c, ask)
	case errors.Is(err, genesys.ErrTooLarge):
		return Page{}, fmt.Errorf("%s: %w: a row of more than %d bytes: leave out the field that holds it", op, source.ErrRefused, source.MaxHeld)
	case ask.Cursor != "" && genesys.Status(err) == http.StatusBadRequest: // the query itself was taken before
		return Page{}, fmt.Errorf("%s: %w: the provider does not take the cursor of the page before any more", op, source.ErrRestart)
	case err != nil:
		return Page{}, err
	}
	if says.Next != "" && says.Next == ask.Cursor {
		return Page{}, fmt.Errorf("%s: %w: the provider gives the same cursor again", op, source.ErrRestart)
	}
	page := Page{Next: says.Next, Size: size}
	for _, row := range says.Rows {
		switch tenant, ok := tenantOf(row); {
		case !ok || !slices.Contains(ask.Tenants, tenant):
			page.Strange = append(page.Strange, row)
		case len(row) > source.MaxRecord || longestText(row) > source.MaxText:
			page.Large = append(page.Large, row)
		default:
			page.Rows = append(page.Rows, row)
		}
	}
	return page, nil
}

// longestText is how long the longest text of a row is, in bytes as they stand there.
func longestText(row json.RawMessage) (most int) {
	from := -1 // where the text begins, -1 outside of one
	for i := 0; i < len(row); i++ {
		switch c := row[i]; {
		case c == '\\': // only within texts
			i++
		case c == '"' && from < 0:
			from = i + 1
		case c == '"':
			most, from = max(most, i-from), -1
		}
	}
	return most
}

// tenantOf is the tenant that a row names, exactly as it does; false when it names none, or more than one. Names of members
// are taken as they are written, which encoding/json would not do for a struct.
func tenantOf(row json.RawMessage) (tenant string, ok bool) {
	d := json.NewDecoder(bytes.NewReader(row))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return "", false
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return "", false
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return "", false
		}
		if name != TenantField {
			continue
		}
		if ok || json.Unmarshal(value, &tenant) != nil || bytes.Equal(value, []byte("null")) {
			return "", false
		}
		ok = true
	}
	if _, err := d.Token(); err != nil { // the closing brace
		return "", false
	}
	return tenant, ok
}
