package s3event_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/maskrail/maskrail/libs/s3event"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGolden reads notifications as servers sent them.
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

// odd are keys that a wrong decoding changes.
var odd = []string{"interaction/a.csv", "a b+c%d ü.csv", "100%25", "%2B", "a+b", "a%20b", "tenant=acme/phone=+12125550147&x=1", "日本/語", "new\nline", `quo"te\`}

func TestKeys(t *testing.T) {
	t.Parallel()
	for _, key := range odd {
		for name, body := range map[string]string{"aws": aws(url.QueryEscape(key)), "versitygw": versity(key)} {
			events, err := s3event.Parse([]byte(body))
			if err != nil {
				t.Errorf("%s, key %q: %v", name, key, err)
				continue
			}
			if e := events[0]; e.Key != key || e.Dialect != name || e.Kind != s3event.Created || e.ETag != "9dd4e461268c8034f5c8564e155c67a6" || e.Version != "" {
				t.Errorf("%s, key %q: got %+v", name, key, e)
			}
		}
	}
}

func TestKinds(t *testing.T) {
	t.Parallel()
	tests := map[string]s3event.Kind{
		"ObjectCreated:Put":                          s3event.Created,
		"s3:ObjectCreated:CompleteMultipartUpload":   s3event.Created,
		"ObjectCreated:Copy":                         s3event.Created,
		"ObjectRemoved:Delete":                       s3event.Removed,
		"s3:ObjectRemoved:DeleteMarkerCreated":       s3event.Removed,
		"LifecycleExpiration:Delete":                 s3event.Removed,
		"s3:ObjectTagging:Put":                       s3event.Other,
		"ObjectRestore:Completed":                    s3event.Other,
		"ReducedRedundancyLostObject":                s3event.Other,
		"SomethingNewThatNobodyHereHasHeardOf:Maybe": s3event.Other,
	}
	for name, want := range tests {
		events, err := s3event.Parse([]byte(strings.Replace(aws("k"), "ObjectCreated:Put", name, 1)))
		if err != nil || len(events) != 1 || events[0].Kind != want {
			t.Errorf("%s: %v, %v, want %v", name, events, err, want)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	cut := func(old, now string) string {
		body := strings.Replace(aws("Canary"), old, now, 1)
		if body == aws("Canary") {
			t.Fatalf("%s is not in the sample", old)
		}
		return body
	}
	tests := []struct {
		name, body string
		is         error
		says       string
	}{
		{"nothing", ``, s3event.ErrUnknown, "JSON"},
		{"no JSON", `Canary`, s3event.ErrUnknown, "JSON"},
		{"a list", `[{"Canary": 1}]`, s3event.ErrUnknown, "JSON"},
		{"two values", aws("Canary") + `{}`, s3event.ErrUnknown, "JSON"},
		{"null", `null`, s3event.ErrUnknown, "shape"},
		{"another shape", `{"detail-type":"Object Created","detail":{"object":{"key":"Canary"}}}`, s3event.ErrUnknown, "shape"},
		{"too large", `{"a":"` + strings.Repeat("x", 1<<20) + `"}`, s3event.ErrUnknown, "bytes"},
		{"records that are none", `{"Records":"Canary"}`, s3event.ErrMalformed, "Records"},
		{"a record that is none", `{"Records":["Canary"]}`, s3event.ErrMalformed, "Records"},
		{"a null record", `{"Records":[null]}`, s3event.ErrUnknown, "eventVersion"},
		{"another version", cut(`"2.1"`, `"3.0"`), s3event.ErrUnknown, "eventVersion"},
		{"another source", cut(`aws:s3`, `minio:s3`), s3event.ErrUnknown, "eventSource"},
		{"no name", cut(`ObjectCreated:Put`, ``), s3event.ErrMalformed, "eventName"},
		{"no bucket", cut(`"maskrail-raw"`, `""`), s3event.ErrMalformed, "bucket"},
		{"no key", cut(`"key":"Canary",`, ``), s3event.ErrMalformed, "key"},
		{"broken encoding", cut(`"Canary"`, `"Canary%zz"`), s3event.ErrMalformed, "encoded"},
		{"negative size", cut(`"size":17`, `"size":-1`), s3event.ErrMalformed, "size"},
		{"size as text", cut(`"size":17`, `"size":"17"`), s3event.ErrMalformed, "s3"},
		{"no s3", `{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put"}]}`, s3event.ErrMalformed, "s3"},
		{"second record broken", `{"Records":[` + record("a", true) + `,{"eventVersion":"2.1","Canary":1}]}`, s3event.ErrUnknown, "record 2 of 2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			events, err := s3event.Parse([]byte(tt.body))
			if !errors.Is(err, tt.is) || events != nil {
				t.Fatalf("%v, %v, want %v", events, err, tt.is)
			}
			if !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "Canary") {
				t.Errorf("error %q: want %q and nothing of the notification", err, tt.says)
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
		if err != nil && !errors.Is(err, s3event.ErrUnknown) && !errors.Is(err, s3event.ErrMalformed) {
			t.Errorf("an error without a type: %v", err)
		}
		for _, e := range events {
			if e.Bucket == "" || e.Kind != s3event.Other && e.Key == "" || e.Size < 0 || e.Dialect == "" {
				t.Errorf("event without bucket, key or dialect: %+v", e)
			}
		}
	})
}

func FuzzKey(f *testing.F) {
	for _, k := range odd {
		f.Add(k)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if key == "" || !utf8.ValidString(key) {
			return
		}
		for _, body := range []string{aws(url.QueryEscape(key)), versity(key)} {
			events, err := s3event.Parse([]byte(body))
			if err != nil || events[0].Key != key {
				t.Errorf("key %q became %v, %v", key, events, err)
			}
		}
	})
}

func aws(key string) string { return `{"Records":[` + record(key, true) + `]}` }

func versity(key string) string { return `{"Records":[` + record(key, false) + `]}` }

func record(key string, aws bool) string {
	quoted, _ := json.Marshal(key)
	if aws {
		return fmt.Sprintf(`{"eventVersion":"2.1","eventSource":"aws:s3","eventTime":"2026-01-02T03:04:05.000Z","eventName":"ObjectCreated:Put",
"userIdentity":{"principalId":"AWS:A"},"s3":{"s3SchemaVersion":"1.0","configurationId":"nats-global","bucket":{"name":"maskrail-raw"},
"object":{"key":%s,"size":17,"eTag":"9dd4e461268c8034f5c8564e155c67a6","sequencer":"0055AED6DCD90281E5"}}}`, quoted)
	}
	return fmt.Sprintf(`{"eventVersion":"2.2","eventSource":"aws:s3","eventTime":"2026-01-02T03:04:05Z","eventName":"s3:ObjectCreated:Put",
"userIdentity":{"PrincipalId":"root"},"s3":{"s3SchemaVersion":"1.0","configurationId":"webhook-global","bucket":{"name":"maskrail-raw","ownerIdentity":{"PrincipalId":"root"}},
"object":{"key":%s,"size":17,"eTag":"\"9dd4e461268c8034f5c8564e155c67a6\"","versionId":null,"sequencer":"1"}}}`, quoted)
}
