package analytics

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/services/exporter/internal/genesys"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// The tail takes conversations that the jobs do not have yet by query, which is some minutes behind and not hours. It has no
// attributes: the tenant must stand elsewhere, and conversations of which it does not are held. The order of a query's pages
// can change while they are read. So the overlap of the schedule must be longer than the jobs' data is late: then the jobs
// deliver the same windows again, with all that the tail has missed.
const (
	tailDelay = 10 * time.Minute // how far behind the clock it keeps
	// tailBack is how long before the window conversations may have begun that ended in it. The provider takes at most 7 days
	// with the window itself.
	tailBack = 24 * time.Hour
	tailPage = 100 // conversations a page, the most that the provider gives
)

// tail is up to when the query has everything.
func (s *Source) tail() time.Time {
	if !s.Tail {
		return time.Time{}
	}
	return time.Now().UTC().Add(-tailDelay).Truncate(time.Millisecond)
}

// beyond says that the window ends after what the jobs have.
func (s *Source) beyond(ctx context.Context, w objref.Window) (bool, error) {
	if !s.Tail {
		return false, nil
	}
	at, err := s.available(ctx)
	return w.To.After(at), err
}

// maxTail is how many results a query pages through.
const maxTail = 100_000

type paging struct {
	Size   int `json:"pageSize"`
	Number int `json:"pageNumber"` // the first is 1
}

// query delivers the window by query. What a crash interrupts begins with the next page.
func (x *export) query(ctx context.Context) error {
	r := x.s.request(objref.Window{From: x.task.Window.From.Add(-tailBack), To: x.task.Window.To})
	for {
		r.Paging = &paging{tailPage, x.Pages + 1}
		var text json.RawMessage
		err := x.s.client.Do(ctx, genesys.Call{
			Op: "query conversations", Method: "POST", Path: "/api/v2/analytics/conversations/details/query",
			Body: r, Again: true, Most: x.s.pageBytes,
		}, &text)
		if err != nil {
			return err
		}
		var hits struct {
			Total int `json:"totalHits"`
		}
		if json.Unmarshal(text, &hits) != nil || hits.Total > maxTail {
			return fmt.Errorf("query conversations: more than %d: %w", maxTail, source.ErrSplit)
		}
		p, err := readPage(text)
		if err != nil {
			return err
		}
		if err := x.deliver(ctx, p.records); err != nil {
			return err
		}
		x.Done = len(p.records) < tailPage
		if err := x.save(ctx); err != nil || x.Done {
			return err
		}
	}
}
