package s3event_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/s3event"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGolden reads notifications as servers sent them: those of Amazon's guides, of MinIO's and Ceph's documentation and
// of users of theirs, with keys that a wrong decoding changes.
func TestGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "*.in.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no notifications in testdata: %v", err)
	}
	for _, in := range files {
		t.Run(strings.TrimSuffix(filepath.Base(in), ".in.json"), func(t *testing.T) {
			t.Parallel()
			body, err := os.ReadFile(in)
			if err != nil {
				t.Fatal(err)
			}
			events, err := s3event.Parse(body)
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(events, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, '\n')
			golden := strings.TrimSuffix(in, ".in.json") + ".golden.json"
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob(filepath.Join("testdata", "*.in.json"))
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		events, err := s3event.Parse(body)
		if err != nil && !isTyped(err) {
			t.Errorf("an error without a type: %v", err)
		}
		for _, e := range events {
			if e.Bucket == "" || e.Kind != s3event.Other && e.Key == "" || e.Size < 0 || e.Dialect == "" {
				t.Errorf("event without bucket, key or dialect: %+v", e)
			}
			if e.Newer(e) {
				t.Errorf("event that came after itself: %+v", e)
			}
		}
		if latest := s3event.Latest(events); len(latest) > len(events) || len(latest) == 0 && len(events) > 0 {
			t.Errorf("%d of %d events are the latest", len(latest), len(events))
		}
	})
}
