package synth

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

var began = time.Date(2026, 3, 2, 23, 59, 59, 990_000_000, time.UTC)

func TestOrgIsDeterministic(t *testing.T) {
	t.Parallel()
	org := Org{Seed: 3, Tenants: Tenants}
	late := began.AddDate(1, 0, 0)
	for i := range int64(50) {
		a, b := org.Conversation(i, began), org.Conversation(i, began)
		if a.ID() != org.ConversationID(i) {
			t.Fatalf("the id of conversation %d is not its id", i)
		}
		if !bytes.Equal(a.AppendJSON(nil, late, true), b.AppendJSON(nil, late, true)) {
			t.Fatalf("conversation %d is another one the second time", i)
		}
		if r, again := org.Interaction(i, began), org.Interaction(i, began); r != again {
			t.Fatalf("interaction %d is another one the second time", i)
		}
		if other := (Org{Seed: 4, Tenants: Tenants}).Conversation(i, began); other.ID() == a.ID() {
			t.Fatalf("conversation %d is the same for another seed", i)
		}
	}
}

func TestOrgOwnsItsQueues(t *testing.T) {
	t.Parallel()
	org := Org{Seed: 3, Tenants: []string{"a", "b"}}
	queues, divs := org.Queues(), org.Divisions()
	if len(queues) != 16 || len(divs) != 12 {
		t.Fatalf("%d queues and %d divisions", len(queues), len(divs))
	}
	for i := range int64(200) {
		d := org.Conversation(i, began)
		for _, id := range d.c.DivisionIDs {
			if divs[id] != d.Tenant {
				t.Errorf("conversation %d is in a division of %q", i, divs[id])
			}
		}
		for _, p := range d.c.Participants {
			for _, x := range p.Sessions {
				for _, g := range x.Segments {
					if g.QueueID.state == given && queues[g.QueueID.value] != d.Tenant {
						t.Errorf("conversation %d waits in a queue of %q", i, queues[g.QueueID.value])
					}
				}
			}
		}
		if r := org.Interaction(i, began); queues[r.QueueID] != r.TenantID || !r.Start.Equal(began) {
			t.Errorf("interaction %d waits in a queue of %q from %s", i, queues[r.QueueID], r.Start)
		}
	}
}

// What has not happened yet is nowhere in the record, and nothing that was known is forgotten but by revision.
func TestDetailGrows(t *testing.T) {
	t.Parallel()
	org := Org{Seed: 3, Tenants: Tenants}
	for i := range int64(200) {
		d := org.Conversation(i, began)
		if !d.Start().Equal(began) || !d.End().After(began) || d.End().Sub(began) > 10*24*time.Hour {
			t.Fatalf("conversation %d is from %s to %s", i, d.Start(), d.End())
		}
		for _, at := range append(d.Changes(), began.Add(time.Minute), d.End().AddDate(0, 1, 0)) {
			var record any
			if err := json.Unmarshal(d.AppendJSON(nil, at, true), &record); err != nil {
				t.Fatalf("conversation %d at %s: %v", i, at, err)
			}
			for _, name := range []string{"conversationEnd", "segmentStart", "segmentEnd", "emitDate", "eventTime", "surveyCompletedDate", "conferenceStart"} {
				for _, text := range found(record, name) {
					if when, err := time.Parse(time.RFC3339, text); err != nil || !when.Before(at) {
						t.Errorf("conversation %d knows at %s of %s at %s", i, at, name, text)
					}
				}
			}
		}
		if final := string(d.AppendJSON(nil, d.End().AddDate(0, 1, 0), true)); !strings.Contains(final, `"conversationEnd"`) || strings.Contains(final, `"segmentEnd":null`) {
			t.Errorf("conversation %d never ends", i)
		}
		if d.c.ConversationEnd.state != given {
			t.Errorf("conversation %d was changed by looking at it", i)
		}
	}
}

// found are the texts under a name, at any depth.
func found(v any, name string) (texts []string) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			texts = append(texts, found(e, name)...)
		}
	case map[string]any:
		for key, m := range v {
			if text, ok := m.(string); ok && key == name {
				texts = append(texts, text)
			}
			texts = append(texts, found(m, name)...)
		}
	}
	return texts
}

func TestDetailWithoutAttributes(t *testing.T) {
	t.Parallel()
	d := Org{Seed: 3, Tenants: Tenants}.Conversation(1, began)
	late := began.AddDate(1, 0, 0)
	with, without := d.AppendJSON(nil, late, true), d.AppendJSON(nil, late, false)
	if !bytes.Contains(with, []byte(`"attributes"`)) || bytes.Contains(without, []byte(`"attributes"`)) {
		t.Error("attributes are there when they were not asked for, or the other way round")
	}
	if again := d.AppendJSON(nil, late, true); !bytes.Equal(with, again) {
		t.Error("looking at it has changed it")
	}
}

func TestDetailLastsAndSwells(t *testing.T) {
	t.Parallel()
	d := Org{Seed: 3, Tenants: Tenants}.Conversation(1, began)
	d.Lasting(75 * time.Hour)
	late := began.AddDate(1, 0, 0)
	before := len(d.AppendJSON(nil, late, true))
	d.Swell(1 << 20)
	if grown := len(d.AppendJSON(nil, late, true)) - before; !d.End().Equal(began.Add(75*time.Hour)) || grown < 1<<20 || grown > 1<<20+100 {
		t.Errorf("it ends at %s and is %d bytes larger", d.End(), grown)
	}
}

func TestConfuse(t *testing.T) {
	t.Parallel()
	org := Org{Seed: 3, Tenants: Tenants}
	for _, how := range TenantOddities() {
		for i := range int64(50) {
			plain, d := org.Conversation(i, began), org.Conversation(i, began)
			other := Tenants[(slices.Index(Tenants, d.Tenant)+1)%len(Tenants)]
			d.Confuse(how, other)
			late := began.AddDate(1, 0, 0)
			if d.Tenant != plain.Tenant || bytes.Equal(d.AppendJSON(nil, late, true), plain.AppendJSON(nil, late, true)) {
				t.Errorf("%s: conversation %d is as clear as before", how, i)
			}
		}
	}
}

func BenchmarkDetail(b *testing.B) {
	org := Org{Seed: 3, Tenants: Tenants}
	late := began.AddDate(1, 0, 0)
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = org.Conversation(7, began).AppendJSON(buf[:0], late, true)
	}
	b.SetBytes(int64(len(buf)))
}
