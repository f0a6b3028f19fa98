package analytics

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// rewriter changes pages of results on their way.
type rewriter struct {
	next   http.RoundTripper
	pages  int
	change func(page int, records []json.RawMessage) []json.RawMessage
}

func (w *rewriter) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := w.next.RoundTrip(r)
	if err != nil || !strings.HasSuffix(r.URL.Path, "/results") || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	var p struct {
		Conversations []json.RawMessage `json:"conversations"`
		Cursor        string            `json:"cursor,omitempty"`
	}
	if err == nil {
		err = json.Unmarshal(body, &p)
	}
	if err != nil {
		return nil, err
	}
	w.pages++
	text := []byte(`{"conversations":[`)
	for i, record := range w.change(w.pages, p.Conversations) {
		if i > 0 {
			text = append(text, ",\n"...)
		}
		text = append(text, record...)
	}
	text = append(text, `]`...)
	if p.Cursor != "" {
		text = append(append(append(text, `,"cursor":`...), strconv.Quote(p.Cursor)...), '\n')
	}
	text = append(text, '}')
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	resp.Header.Set("Content-Length", strconv.Itoa(len(text)))
	return resp, nil
}

// TestPoison: records that no reader of the pipeline takes are held, and hold nothing else.
func TestPoison(t *testing.T) {
	t.Parallel()
	simulate(t, nil, func(o *org) {
		poison := []string{
			`{"conversationId":"p-1","conversationId":"p-1","conversationEnd":"1999-12-29T12:00:00Z"}`,
			`{"conversationId":"p-2","conversationEnd":"1999-12-29T12:00:00Z","participants":[{"attributes":{"tenant_id":"acme","tenant_id":"globex"}}]}`,
			`{"conversationId":"p-3","conversationEnd":"1999-12-29T12:00:00Z","externalTag":"\ud83d"}`,
			"{\"conversationId\":\"p-4\",\"conversationEnd\":\"1999-12-29T12:00:00Z\",\"externalTag\":\"\xff\"}",
			`{"conversationId":"p-5","conversationEnd":"1999-12-29T12:00:00Z","x":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + `}`,
			`{"conversationId":"p-6","conversationEnd":"yesterday"}`,
			`{"conversationStart":"1999-12-29T12:00:00Z","conversationEnd":"1999-12-29T12:00:00Z"}`,
			`{"conversationId":7,"conversationEnd":"1999-12-29T12:00:00Z"}`,
			`{"conversationId":"p-9"}`,
			`{}`, `null`, `"a text"`, `[{"conversationId":"p-10"}]`,
		}
		o.ways.next = &rewriter{next: o.ways.next, change: func(page int, records []json.RawMessage) []json.RawMessage {
			if page == 2 {
				for _, p := range poison {
					records = append(records, json.RawMessage(p))
				}
			}
			return records
		}}
		b := o.must(source.Task{Window: o.day(3)})
		o.same(b.flat(), o.truth(o.day(3), o.now))
		var held []string
		for _, p := range b.parts {
			if p.Held == nil {
				continue
			}
			if p.Held.Class != source.ClassMalformed || p.Entity != Conversation {
				o.Errorf("%s is held for %s", p.Name, p.Held)
			}
			for line := range bytes.Lines(p.Body) {
				held = append(held, string(bytes.TrimSpace(line)))
			}
		}
		if !slices.Equal(held, poison) || b.count().Held != int64(len(poison)) {
			o.Errorf("held are\n%s", strings.Join(held, "\n"))
		}
	})
}

// TestCopies: a conversation that is there again is delivered once, and the first stays whatever the second says, which is
// noted where it is something else.
func TestCopies(t *testing.T) {
	t.Parallel()
	reordered := func(record json.RawMessage) json.RawMessage {
		var members map[string]json.RawMessage
		if err := json.Unmarshal(record, &members); err != nil {
			t.Fatal(err)
		}
		out, err := json.Marshal(members) // sorted
		if err != nil || bytes.Equal(out, record) {
			t.Fatal("the order is the same")
		}
		return out
	}
	changed := func(record json.RawMessage) json.RawMessage {
		return append(json.RawMessage(`{"selfServedBy":"nobody",`), record[1:]...)
	}
	for name, tt := range map[string]struct {
		change func(json.RawMessage) json.RawMessage
		noted  string
		count  func(counts) int64
	}{
		"equal":     {slices.Clone[json.RawMessage], "job-created job-done", func(c counts) int64 { return c.Repeated }},
		"reordered": {reordered, "job-created job-done", func(c counts) int64 { return c.Repeated }},
		"changed":   {changed, "job-created job-changed job-done", func(c counts) int64 { return c.Changed }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			simulate(t, nil, func(o *org) {
				copies := 0
				var before []json.RawMessage
				o.ways.next = &rewriter{next: o.ways.next, change: func(_ int, records []json.RawMessage) []json.RawMessage {
					out := slices.Clone(records)
					for _, r := range slices.Concat(before, records) { // of the page before, and of this one
						c, _ := parse(r)
						if w := o.day(3); !c.end.IsZero() && !c.end.Before(w.From) && !c.end.After(w.To) {
							out = append(out, tt.change(slices.Clone(r)))
							copies++
						}
					}
					before = records
					return out
				}}
				b := o.must(source.Task{Window: o.day(3)})
				truth := o.truth(o.day(3), o.now)
				o.same(b.flat(), truth)
				for _, line := range b.lines(Conversation, false) {
					if c, _ := parse(line); !bytes.Equal(line, truth[c.id].At(o.now)) {
						o.Fatal("the copy was delivered")
					}
				}
				if c := b.count(); tt.count(c) != int64(copies) || c.Delivered != int64(len(truth)) || b.noted() != tt.noted {
					o.Errorf("%+v of %d copies, noted %s", c, copies, b.noted())
				}
			})
		})
	}
}
