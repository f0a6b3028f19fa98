package blob_test

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/memblob"
	"github.com/maskrail/maskrail/libs/telemetry"
)

type spans struct {
	mu  sync.Mutex
	all []telemetry.SpanData
}

func (s *spans) Span(d telemetry.SpanData) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, d)
}

func TestTraced(t *testing.T) {
	t.Parallel()
	sink := &spans{}
	tel, err := telemetry.New(t.Context(), telemetry.Config{Service: "test", Logs: io.Discard, Spans: sink})
	if err != nil {
		t.Fatal(err)
	}
	store := blob.Traced(memblob.New("b"))
	ctx, end := tel.Root(t.Context(), "test")
	loc := blob.Location{Bucket: "b", Key: "phone=2125550147"}
	missing := blob.Location{Bucket: "b", Key: "2125550147"}
	if _, err := store.Put(ctx, loc, strings.NewReader("hello"), 5, blob.PutOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Put(ctx, loc, strings.NewReader("hello"), 5, blob.PutOptions{IfAbsent: true}); err == nil {
		t.Fatal("a conditional put over an object succeeded")
	}
	body, _, err := store.Get(ctx, loc, blob.Range{Length: 3})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(body); err != nil {
		t.Fatal(err)
	}
	body.Close()
	body.Close()
	if _, err := store.Head(ctx, missing); err == nil {
		t.Fatal("head of a missing object succeeded")
	}
	for _, err := range store.List(ctx, "b", "") {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, err := range store.List(ctx, "other", "") {
		if err == nil {
			t.Fatal("list of a missing bucket succeeded")
		}
	}
	if err := store.Delete(ctx, loc); err != nil {
		t.Fatal(err)
	}
	end(nil)
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}

	var got []string
	for _, s := range sink.all {
		if strings.Contains(fmt.Sprintf("%+v", s), "2125550147") {
			t.Errorf("span %q shows the key", s.Name)
		}
		if s.Name != "test" && (s.ParentID == "" || s.Kind != "client") {
			t.Errorf("span %q: kind %s, parent %q", s.Name, s.Kind, s.ParentID)
		}
		a := s.Attributes
		got = append(got, fmt.Sprintf("%s %s %s %s%s failed=%v", s.Name, a["aws.s3.bucket"], a["maskrail.object"], a["maskrail.bytes"], a["maskrail.objects"], s.Failed))
	}
	want := []string{
		"put object b " + loc.ShortID() + " 5 failed=false",
		"put object b " + loc.ShortID() + " 5 failed=false",
		"get object b " + loc.ShortID() + " 3 failed=false",
		"head object b " + missing.ShortID() + "  failed=false",
		"list objects b  1 failed=false",
		"list objects other  0 failed=true",
		"delete object b " + loc.ShortID() + "  failed=false",
		"test    failed=false",
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("spans:\n%s\nwant:\n%s", g, w)
	}
}
