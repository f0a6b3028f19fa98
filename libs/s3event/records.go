package s3event

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// dialect is how one server writes the records of the shape {"Records": [...]}.
type dialect struct {
	name string
	// speaks recognises the server by what it alone writes.
	speaks func(record envelope) bool
	// key turns the key as written into the key of the object.
	key func(string) (string, error)
}

// dialects are tried in order; the first that recognises a record reads it.
var dialects = []dialect{
	// VersityGW calls itself aws:s3 but decodes the key before it writes it, so that decoding again would corrupt
	// "+" and "%". It writes PrincipalId where AWS writes principalId, and a configuration id of its own.
	{"versitygw", isVersityGW, plainKey},
	// AWS writes keys as in a form: "+" is a space, "%2B" a plus.
	{"aws", isAWS, url.QueryUnescape},
}

func isVersityGW(r envelope) bool {
	_, principal := r.object("userIdentity")["PrincipalId"]
	return r.text("eventSource") == "aws:s3" && principal && strings.HasSuffix(r.object("s3").text("configurationId"), "-global")
}

func isAWS(r envelope) bool { return r.text("eventSource") == "aws:s3" }

func plainKey(s string) (string, error) { return s, nil }

func hasRecords(e envelope) bool { return e["Records"] != nil }

func records(e envelope) ([]Event, error) {
	var list []envelope
	if err := json.Unmarshal(e["Records"], &list); err != nil {
		return nil, fmt.Errorf("%w: Records is no list of objects", ErrMalformed)
	}
	events := make([]Event, 0, len(list))
	for i, r := range list {
		ev, err := record(r)
		if err != nil {
			return nil, fmt.Errorf("record %d of %d: %w", i+1, len(list), err)
		}
		events = append(events, ev)
	}
	return events, nil
}

func record(r envelope) (Event, error) {
	if v := r.text("eventVersion"); v != "2" && !strings.HasPrefix(v, "2.") {
		return Event{}, fmt.Errorf("%w: eventVersion is not 2", ErrUnknown)
	}
	for _, d := range dialects {
		if d.speaks(r) {
			return d.read(r)
		}
	}
	return Event{}, fmt.Errorf("%w: eventSource is none that is known", ErrUnknown)
}

func (d dialect) read(r envelope) (Event, error) {
	// The members are the same in every dialect of this shape.
	var s struct {
		Bucket struct{ Name string }
		Object struct {
			Key, ETag, VersionID, Sequencer *string
			Size                            *int64
		}
	}
	if err := json.Unmarshal(r["s3"], &s); err != nil {
		return Event{}, fmt.Errorf("%w: s3 is not what it should be", ErrMalformed)
	}
	e := Event{
		Kind: kind(r.text("eventName")), Dialect: d.name, Bucket: s.Bucket.Name,
		ETag: strings.Trim(value(s.Object.ETag), `"`), Sequencer: value(s.Object.Sequencer),
	}
	if v := value(s.Object.VersionID); v != "null" { // the id of every object that was put without versioning
		e.Version = v
	}
	if s.Object.Size != nil {
		e.Size = *s.Object.Size
	}
	e.Time, _ = time.Parse(time.RFC3339, r.text("eventTime")) // for people; an unreadable one is no reason to lose the event
	var err error
	if e.Key, err = d.key(value(s.Object.Key)); err != nil {
		return Event{}, fmt.Errorf("%w: s3.object.key is not encoded as %s encodes", ErrMalformed, d.name)
	}
	switch {
	case r.text("eventName") == "":
		return Event{}, fmt.Errorf("%w: eventName is missing", ErrMalformed)
	case e.Bucket == "":
		return Event{}, fmt.Errorf("%w: s3.bucket.name is missing", ErrMalformed)
	case e.Key == "" && e.Kind != Other: // events of a bucket have no key
		return Event{}, fmt.Errorf("%w: s3.object.key is missing", ErrMalformed)
	case e.Size < 0:
		return Event{}, fmt.Errorf("%w: s3.object.size is negative", ErrMalformed)
	}
	return e, nil
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
