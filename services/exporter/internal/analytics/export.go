package analytics

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/maskrail/maskrail/services/exporter/internal/genesys"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// export is one task at work.
type export struct {
	state
	s        *Source
	task     source.Task
	sink     source.Sink
	seen     seen
	surveyor *surveyor
	used     map[string]bool // cursors that were followed
}

// job delivers the window by a job, a new one or that of the state.
func (x *export) job(ctx context.Context) error {
	if x.Job == "" {
		if err := x.begin(ctx); err != nil {
			return err
		}
	}
	if err := x.wait(ctx); err != nil {
		return err
	}
	for {
		p, err := x.page(ctx)
		if err != nil {
			return x.ended(ctx, err)
		}
		if err := x.deliver(ctx, p.records); err != nil {
			return err
		}
		x.used[x.Cursor] = true
		x.Cursor = p.cursor
		if x.Cursor == "" {
			if err := x.sink.Note(ctx, source.JobDone, x.Job); err != nil {
				return err
			}
			x.Done = true
		}
		if err := x.save(ctx); err != nil || x.Done {
			return err
		}
	}
}

// circles is how often a page is read that leads back to where the job was already, before the job is given up.
const circles = 3

// page reads the next page of results.
func (x *export) page(ctx context.Context) (page, error) {
	for try := 1; ; try++ {
		text, err := x.results(ctx)
		if err != nil {
			return page{}, err
		}
		p, err := readPage(text)
		if err != nil {
			return page{}, err
		}
		if p.cursor == "" || p.cursor != x.Cursor && !x.used[p.cursor] {
			return p, nil
		}
		if try == circles {
			err := fmt.Errorf("read a page of results: its cursor leads back to a page before it: %w", source.ErrRestart)
			return page{}, errors.Join(err, x.s.delete(ctx, x.Job))
		}
		if err := pause(ctx, poll); err != nil {
			return page{}, err
		}
	}
}

// results reads a page, smaller ones where it is too large. A page of one record may be larger than any reader takes: that
// record is held.
func (x *export) results(ctx context.Context) ([]byte, error) {
	for {
		size := x.s.PageSize
		if x.PageSize > 0 {
			size = min(size, x.PageSize)
		}
		call := x.call("read a page of results", "/results")
		call.Query = url.Values{"pageSize": {strconv.Itoa(size)}}
		if x.Cursor != "" {
			call.Query.Set("cursor", x.Cursor)
		}
		call.Most = x.s.pageBytes
		if size == 1 {
			call.Most = x.s.heldBytes
		}
		var text json.RawMessage
		err := x.s.client.Do(ctx, call, &text)
		switch {
		case err == nil:
			if int64(len(text)) > x.s.pageBytes { // that was the one, and those behind it may be as always
				x.PageSize = 0
			}
			return text, nil
		case errors.Is(err, genesys.ErrTooLarge) && size == 1:
			return nil, fmt.Errorf("%w: a conversation of more than %d bytes: %w", err, x.s.heldBytes, source.ErrRefused)
		case errors.Is(err, genesys.ErrTooLarge):
			x.PageSize = max(1, size/4)
		case errors.Is(err, source.ErrRefused) && genesys.Status(err) == 400: // a cursor that it does not take any more
			return nil, fmt.Errorf("%w: %w", err, source.ErrRestart)
		default:
			return nil, err
		}
	}
}

// deliver puts the records of the next page.
func (x *export) deliver(ctx context.Context, records [][]byte) error {
	x.Pages++
	out := &parts{s: x.s, task: x.task, sink: x.sink, name: x.name()}
	for _, record := range records {
		if e, wanted := x.read(record, &out.count); wanted {
			if err := out.add(ctx, e); err != nil {
				return err
			}
		}
	}
	if err := out.put(ctx); err != nil {
		return err
	}
	if out.count.Changed > 0 && x.Count.Changed == 0 {
		if err := x.sink.Note(ctx, source.JobChanged, x.Job); err != nil {
			return err
		}
	}
	x.Count.add(out.count)
	return nil
}

// read looks at a record. One that is not wanted is counted.
func (x *export) read(record []byte, count *counts) (e entry, wanted bool) {
	e.record = record
	sum, err := x.surveyor.survey(record)
	if err != nil {
		e.bad = &fault{class: source.ClassMalformed, detail: err.Error()}
		return e, true
	}
	var bad string
	if e.conversation, bad = parse(record); bad != "" {
		e.bad = &fault{class: source.ClassMalformed, detail: bad}
		return e, true
	}
	if !x.covers(&e.conversation) {
		count.Elsewhere++
		return e, false
	}
	switch x.seen.add(e.id, sum) {
	case again:
		count.Repeated++
	case changed:
		count.Changed++
	default:
		return e, true
	}
	return e, false
}

// covers says whether the conversation is the window's.
func (x *export) covers(c *conversation) bool {
	at := c.end
	if at.IsZero() {
		if !x.s.Open {
			return false
		}
		at = c.start
	}
	return !at.Before(x.task.Window.From) && !at.After(x.task.Window.To)
}

// name is that of the page's parts: window, job and page. Another job of the window may lay its pages out otherwise.
func (x *export) name() string {
	stamp := func(t time.Time) string { return strings.Replace(t.UTC().Format("20060102T150405.000Z"), ".", "", 1) }
	sum := sha256.Sum256([]byte(x.Job))
	return fmt.Sprintf("%s-%s-%s-p%05d", stamp(x.task.Window.From), stamp(x.task.Window.To), hex.EncodeToString(sum[:4]), x.Pages)
}

func (x *export) save(ctx context.Context) error {
	b, err := x.bytes()
	if err != nil {
		return err
	}
	if err := x.sink.Save(ctx, b); err != nil {
		return fmt.Errorf("save the state of the task: %w", err)
	}
	return nil
}
