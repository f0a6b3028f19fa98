package analytics

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/maskrail/maskrail/services/exporter/internal/genesys"
)

// customAttributes reads conversations' custom attributes, one conversation a request. It keeps to a pace of its own, so that
// the jobs get their share of the token's quota.
type customAttributes struct {
	client *genesys.Client
	pace   pace
}

// of is the listing of a conversation, nothing when it has none.
func (a *customAttributes) of(ctx context.Context, conversation string) ([]byte, error) {
	const op = "read custom attributes"
	if known := genesys.CheckID(op, conversation) == nil; !known { // no id that the provider could have given
		return nil, nil
	}
	if err := a.pace.wait(ctx); err != nil {
		return nil, err
	}
	var listing json.RawMessage
	err := a.client.Do(ctx, genesys.Call{Op: op, Method: "GET", Path: "/api/v2/conversations/" + conversation + "/customattributes", Gone: errGone}, &listing)
	if errors.Is(err, errGone) {
		return nil, nil
	}
	return listing, err
}

// pace keeps a distance between requests.
type pace struct {
	every time.Duration
	mu    sync.Mutex
	next  time.Time
}

func (p *pace) wait(ctx context.Context) error {
	p.mu.Lock()
	now := time.Now()
	at := p.next
	if at.Before(now) {
		at = now
	}
	p.next = at.Add(p.every)
	p.mu.Unlock()
	return pause(ctx, at.Sub(now))
}
