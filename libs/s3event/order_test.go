package s3event_test

import (
	"slices"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/s3event"
	"github.com/maskrail/maskrail/libs/s3event/s3eventtest"
)

func TestNewer(t *testing.T) {
	t.Parallel()
	event := func(key, sequencer string) s3event.Event {
		return s3event.Event{Bucket: "b", Key: key, Sequencer: sequencer}
	}
	tests := []struct {
		name     string
		old, now s3event.Event
		want     bool
	}{
		{"greater", event("k", "0055AED6DCD90281E5"), event("k", "0055AED6DCD90281E6"), true},
		{"equal", event("k", "55"), event("k", "55"), false},
		{"less", event("k", "56"), event("k", "55"), false},
		{"longer", event("k", "FF"), event("k", "100"), true},
		{"longer by zeros", event("k", "0055AED6DCD90281E6"), event("k", "000055AED6DCD90281E5"), false},
		{"another case", event("k", "ab"), event("k", "AC"), true},
		{"the same in another case", event("k", "ab"), event("k", "AB"), false},
		{"another key", event("a", "1"), event("b", "2"), false},
		{"no sequencer", event("k", ""), event("k", "2"), false},
		{"no sequencer either", event("k", "1"), event("k", ""), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.now.Newer(tt.old); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			if tt.want && tt.old.Newer(tt.now) {
				t.Error("each came after the other")
			}
		})
	}
}

// TestOrderOfEachServer: the second event of a key is the newer one, in the words of every server that orders at all,
// and also where the byte order of Ceph's sequencer says the opposite.
func TestOrderOfEachServer(t *testing.T) {
	t.Parallel()
	for _, w := range s3eventtest.Writers() {
		for _, step := range []time.Duration{time.Microsecond, time.Second, 255 * time.Second, 24 * time.Hour} {
			start := time.Date(2026, 1, 2, 3, 4, 5, 255_000, time.UTC)
			first, second := parse(t, w, start), parse(t, w, start.Add(step))
			if got, want := second.Newer(first), w.Dialect != "versitygw"; got != want || first.Newer(second) {
				t.Errorf("%s, %v later: newer %v, want %v; older %v", w.Name, step, got, want, first.Newer(second))
			}
		}
	}
}

func parse(t *testing.T, w s3eventtest.Writer, at time.Time) s3event.Event {
	t.Helper()
	events, err := s3event.Parse(w.Body(s3eventtest.Told{Bucket: "b", Key: "k", ETag: etag, Time: at}))
	if err != nil {
		t.Fatal(err)
	}
	return events[0]
}

func TestLatest(t *testing.T) {
	t.Parallel()
	event := func(kind s3event.Kind, key, version, sequencer, etag string) s3event.Event {
		return s3event.Event{Kind: kind, Bucket: "b", Key: key, Version: version, Sequencer: sequencer, ETag: etag}
	}
	in := []s3event.Event{
		event(s3event.Created, "a", "", "2", "second"),
		event(s3event.Created, "b", "", "1", "b"),
		event(s3event.Created, "a", "", "1", "first"),
		event(s3event.Removed, "a", "", "3", ""),
		event(s3event.Created, "v", "1", "1", "v1"),
		event(s3event.Created, "v", "2", "2", "v2"),
		event(s3event.Created, "b", "", "1", "b"),
		event(s3event.Created, "g", "", "", "first"),
		event(s3event.Created, "g", "", "", "second"),
	}
	want := []s3event.Event{in[0], in[1], in[3], in[4], in[5], in[8]}
	if got := s3event.Latest(in); !slices.Equal(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}
