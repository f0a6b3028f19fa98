package analytics

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/services/exporter/internal/genesys"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// Tail takes conversations that the jobs do not have yet by query, which is some minutes behind and not hours. It has no
// attributes: the tenant must stand elsewhere, and conversations of which it does not are held. The order of a query's pages
// can change while they are read. So the overlap of the schedule must be longer than the jobs' data is late: then the jobs
// deliver the same windows again, with all that the tail has missed.
type Tail struct {
	On    bool
	Delay time.Duration // how far behind the clock it keeps; default 10 minutes
	// Back is how long before the window conversations may have begun that ended in it; default 24 h. The provider takes
	// at most 7 days with the window itself.
	Back     time.Duration
	PageSize int // conversations a page; default and at most 100
}

const maxTailPage = 100

func (t Tail) withDefaults() Tail {
	t.Delay = cmp.Or(t.Delay, 10*time.Minute)
	t.Back = cmp.Or(t.Back, 24*time.Hour)
	t.PageSize = cmp.Or(t.PageSize, maxTailPage)
	return t
}

func (t Tail) validate() error {
	if t.Delay < 0 || t.Back < 0 || t.Back > 6*24*time.Hour || t.PageSize < 1 || t.PageSize > maxTailPage {
		return errors.New("tail: want a delay, to look back up to 6 days, and pages of 1 to 100 conversations")
	}
	return nil
}

// available is up to when the query has everything.
func (t Tail) available() time.Time {
	if !t.On {
		return time.Time{}
	}
	return time.Now().UTC().Add(-t.Delay).Truncate(time.Millisecond)
}

// beyond says that the window ends after what the jobs have.
func (s *Source) beyond(ctx context.Context, w objref.Window) (bool, error) {
	if !s.Tail.On {
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
	r := x.s.request(objref.Window{From: x.task.Window.From.Add(-x.s.Tail.Back), To: x.task.Window.To})
	for {
		r.Paging = &paging{x.s.Tail.PageSize, x.Pages + 1}
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
		x.Done = len(p.records) < x.s.Tail.PageSize
		if err := x.save(ctx); err != nil || x.Done {
			return err
		}
	}
}
