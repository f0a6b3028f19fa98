package s3event_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/maskrail/maskrail/libs/s3event"
	"github.com/maskrail/maskrail/libs/s3event/s3eventtest"
)

// odd are keys that a wrong decoding changes.
var odd = []string{
	"interaction/a.csv", "a b+c%d ü.csv", "100%25", "%2B", "a+b", "a%20b", "a%2520b", "tenant=acme/phone=+12125550147&x=1", "日本/語",
	"new\nline", `quo"te\`, "a//b/", "+", "%", "é/e\u0301", "<&>", "~!*'();:@,?#[]", "\U0001F600",
}

const etag = "9dd4e461268c8034f5c8564e155c67a6"

func isTyped(err error) bool {
	return errors.Is(err, s3event.ErrUnknown) || errors.Is(err, s3event.ErrMalformed)
}

func TestKeys(t *testing.T) {
	t.Parallel()
	for _, w := range s3eventtest.Writers() {
		t.Run(w.Name, func(t *testing.T) {
			t.Parallel()
			for _, key := range odd {
				told := s3eventtest.Told{Bucket: "maskrail-raw", Key: key, ETag: etag, Bytes: 17}
				events, err := s3event.Parse(w.Body(told))
				if err != nil || len(events) != 1 {
					t.Errorf("key %q: %d events, %v", key, len(events), err)
					continue
				}
				want := s3event.Event{Kind: s3event.Created, Dialect: w.Dialect, Bucket: "maskrail-raw", Key: key, ETag: etag, Size: 17}
				e := events[0]
				e.Sequencer, e.Time = "", want.Time
				if e != want {
					t.Errorf("key %q: got %+v", key, e)
				}
			}
		})
	}
}

func TestVersionsAndRemovals(t *testing.T) {
	t.Parallel()
	for _, w := range s3eventtest.Writers() {
		t.Run(w.Name, func(t *testing.T) {
			t.Parallel()
			for _, version := range []string{"", "096fKKXTRTtl3on89fVO.nfljtsv6qko"} {
				told := s3eventtest.Told{Bucket: "b", Key: "k", Version: version, Removed: true}
				events, err := s3event.Parse(w.Body(told))
				if err != nil || len(events) != 1 || events[0].Kind != s3event.Removed || events[0].Version != version || events[0].Size != 0 {
					t.Errorf("version %q: %+v, %v", version, events, err)
				}
			}
		})
	}
}

func TestKinds(t *testing.T) {
	t.Parallel()
	tests := map[string]s3event.Kind{
		"ObjectCreated:Put":                          s3event.Created,
		"s3:ObjectCreated:CompleteMultipartUpload":   s3event.Created,
		"ObjectCreated:Copy":                         s3event.Created,
		"ObjectSynced:Create":                        s3event.Created,
		"ObjectRemoved:Delete":                       s3event.Removed,
		"s3:ObjectRemoved:DeleteMarkerCreated":       s3event.Removed,
		"s3:ObjectRemoved:DeleteObjects":             s3event.Removed,
		"LifecycleExpiration:Delete":                 s3event.Removed,
		"ObjectLifecycle:Expiration:Current":         s3event.Removed,
		"ObjectSynced:DeletionMarkerCreated":         s3event.Removed,
		"s3:ObjectTagging:Put":                       s3event.Other,
		"ObjectRestore:Completed":                    s3event.Other,
		"LifecycleTransition":                        s3event.Other,
		"ReducedRedundancyLostObject":                s3event.Other,
		"SomethingNewThatNobodyHereHasHeardOf:Maybe": s3event.Other,
	}
	for name, want := range tests {
		events, err := s3event.Parse([]byte(strings.Replace(sample, "ObjectCreated:Put", name, 1)))
		if err != nil || len(events) != 1 || events[0].Kind != want {
			t.Errorf("%s: %v, %v, want %v", name, events, err, want)
		}
	}
}

// sample is a notification of AWS whose key must not show in errors.
var sample = string(s3eventtest.AWS(s3eventtest.Told{Bucket: "maskrail-raw", Key: "Canary", ETag: etag, Bytes: 17}))

// swap replaces a part of a notification, which must be there.
func swap(t *testing.T, body []byte, old, now string) string {
	t.Helper()
	out := strings.Replace(string(body), old, now, 1)
	if out == string(body) {
		t.Fatalf("%s is not in the notification", old)
	}
	return out
}

func TestRefused(t *testing.T) {
	t.Parallel()
	told := s3eventtest.Told{Bucket: "maskrail-raw", Key: "Canary", ETag: etag, Bytes: 17}
	cut := func(old, now string) string { return swap(t, []byte(sample), old, now) }
	bridge := func(old, now string) string { return swap(t, s3eventtest.EventBridge(told), old, now) }
	tests := []struct {
		name, body string
		is         error
		says       string
	}{
		{"nothing", ``, s3event.ErrUnknown, "JSON"},
		{"no JSON", `Canary`, s3event.ErrUnknown, "JSON"},
		{"a list", `[{"Canary": 1}]`, s3event.ErrUnknown, "JSON"},
		{"two values", sample + `{}`, s3event.ErrUnknown, "JSON"},
		{"null", `null`, s3event.ErrUnknown, "shape"},
		{"another shape", `{"detail-type":"Object Created","detail":{"object":{"key":"Canary"}}}`, s3event.ErrUnknown, "shape"},
		{"too large", `{"a":"` + strings.Repeat("x", 1<<20) + `"}`, s3event.ErrUnknown, "bytes"},
		{"records that are none", `{"Records":"Canary"}`, s3event.ErrMalformed, "Records"},
		{"a record that is none", `{"Records":["Canary"]}`, s3event.ErrMalformed, "Records"},
		{"a null record", `{"Records":[null]}`, s3event.ErrUnknown, "shape"},
		{"another version", cut(`"2.1"`, `"3.0"`), s3event.ErrUnknown, "eventVersion"},
		{"another source", cut(`aws:s3`, `rustfs:s3`), s3event.ErrUnknown, "eventSource"},
		{"no name", cut(`ObjectCreated:Put`, ``), s3event.ErrMalformed, "eventName"},
		{"no bucket", cut(`"maskrail-raw"`, `""`), s3event.ErrMalformed, "bucket"},
		{"no key", cut(`"key":"Canary",`, ``), s3event.ErrMalformed, "key"},
		{"broken encoding", cut(`"Canary"`, `"Canary%zz"`), s3event.ErrMalformed, "encoded"},
		{"negative size", cut(`"size":17`, `"size":-1`), s3event.ErrMalformed, "size"},
		{"size as text", cut(`"size":17`, `"size":"17"`), s3event.ErrMalformed, "size"},
		{"size as text that is none", swap(t, s3eventtest.Ceph(told), `"size":"17"`, `"size":"Canary"`), s3event.ErrMalformed, "size"},
		{"size that is no whole number", cut(`"size":17`, `"size":1.5`), s3event.ErrMalformed, "size"},
		{"no s3", `{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put"}]}`, s3event.ErrMalformed, "s3"},
		{"second record broken", `{"Records":[` + strings.TrimSuffix(strings.TrimPrefix(sample, `{"Records":[`), `]}`) + `,{"eventVersion":"2.1","Canary":1}]}`, s3event.ErrUnknown, "record 2 of 2"},
		{"two keys that differ", swap(t, s3eventtest.MinIO(told), `"Key":"maskrail-raw/Canary"`, `"Key":"maskrail-raw/Canary+"`), s3event.ErrMalformed, "two objects"},
		{"another version of EventBridge", bridge(`"detail":{"version":"0"`, `"detail":{"version":"1"`), s3event.ErrUnknown, "version"},
		{"no name of EventBridge", bridge(`"Object Created"`, `""`), s3event.ErrMalformed, "detail-type"},
		{"detail that is none", bridge(`"object":{`, `"object":"Canary","x":{`), s3event.ErrMalformed, "detail"},
		{"a call of the API", `{"version":"0","source":"aws.s3","detail-type":"AWS API Call via CloudTrail","detail":{"eventVersion":"1.08","requestParameters":{"key":"Canary"}}}`, s3event.ErrUnknown, "version"},
		{"text in SNS", string(s3eventtest.SNS([]byte("Canary"))), s3event.ErrUnknown, "Message"},
		{"SNS in SNS", string(s3eventtest.SNS(s3eventtest.SNS([]byte(sample)))), s3event.ErrUnknown, "Message"},
		{"a subscription to confirm", `{"Type":"SubscriptionConfirmation","TopicArn":"arn:aws:sns:us-west-2:1:t","Token":"Canary","SubscribeURL":"https://Canary"}`, s3event.ErrUnknown, "confirm-subscription"},
		{"a subscription that ended", `{"Type":"UnsubscribeConfirmation","TopicArn":"arn:aws:sns:us-west-2:1:t","Token":"Canary"}`, s3event.ErrUnknown, "has ended"},
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

func FuzzKey(f *testing.F) {
	for _, k := range odd {
		f.Add(k)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if key == "" || !utf8.ValidString(key) {
			return
		}
		for _, w := range s3eventtest.Writers() {
			events, err := s3event.Parse(w.Body(s3eventtest.Told{Bucket: "b", Key: key, ETag: etag}))
			if err != nil || len(events) != 1 || events[0].Key != key || events[0].Dialect != w.Dialect {
				t.Errorf("%s: key %q became %v, %v", w.Name, key, events, err)
			}
		}
	})
}
