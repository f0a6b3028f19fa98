package s3event

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// notice is the parts of an event as its server wrote them.
type notice struct {
	name, bucket       string
	key                wire
	version, etag      string
	size               wire // "" when it is missing
	sequencer, eventID string
	time               string
	at                 string // where key and size stand, for errors
}

// inRecord finds the parts in a member of Records. Their places are the same in every dialect.
func inRecord(r envelope) (notice, error) {
	if v := r.text("eventVersion"); v != "2" && !strings.HasPrefix(v, "2.") {
		return notice{}, fmt.Errorf("%w: eventVersion is not 2", ErrUnknown)
	}
	var s struct {
		Bucket struct{ Name string }
		Object struct {
			Key, ETag, VersionID, Sequencer *string
			Size                            json.RawMessage
		}
	}
	if err := json.Unmarshal(r["s3"], &s); err != nil {
		return notice{}, fmt.Errorf("%w: s3 is not what it should be", ErrMalformed)
	}
	o := s.Object
	return notice{
		name: r.text("eventName"), bucket: s.Bucket.Name, key: wire(value(o.Key)), version: value(o.VersionID), etag: value(o.ETag),
		size: wire(o.Size), sequencer: value(o.Sequencer), eventID: r.text("eventId"), time: r.text("eventTime"), at: "s3.object",
	}, nil
}

// inPath finds the parts as inRecord does, but bucket and key in the path that the record has as the bucket's ARN. VersityGW
// takes name and key out of the memory of the request, which can be the next request's when it writes them: of 6,000 puts by
// four clients the name or key of one in fifty was not theirs. The ARN is a copy. A removal of several objects has their
// keys, which are none of the path's.
func inPath(r envelope) (notice, error) {
	n, err := inRecord(r)
	if path, ok := strings.CutPrefix(r.object("s3").object("bucket").text("arn"), "arn:aws:s3:::/"); err == nil && ok {
		bucket, key, _ := strings.Cut(path, "/")
		n.bucket = bucket
		if key != "" {
			n.key = wire(key)
		}
	}
	return n, err
}

// inDetail finds the parts in an event of EventBridge.
func inDetail(e envelope) (notice, error) {
	if e.text("version") != "0" || e.object("detail").text("version") != "0" {
		return notice{}, fmt.Errorf("%w: version is not 0", ErrUnknown)
	}
	var d struct {
		Bucket struct{ Name string }
		Object struct {
			Key, ETag, Sequencer *string
			VersionID            *string `json:"version-id"`
			Size                 json.RawMessage
		}
	}
	if err := json.Unmarshal(e["detail"], &d); err != nil {
		return notice{}, fmt.Errorf("%w: detail is not what it should be", ErrMalformed)
	}
	o := d.Object
	return notice{
		name: e.text("detail-type"), bucket: d.Bucket.Name, key: wire(value(o.Key)), version: value(o.VersionID), etag: value(o.ETag),
		size: wire(o.Size), sequencer: value(o.Sequencer), time: e.text("time"), at: "detail.object",
	}, nil
}

// event is what the notice says.
func (d dialect) event(n notice) (Event, error) {
	e := Event{
		Kind: kind(n.name), Dialect: d.name, Bucket: n.bucket, ETag: strings.Trim(n.etag, `"`), Sequencer: d.order(n),
	}
	if n.version != "null" { // the id of every object that was put without versioning
		e.Version = n.version
	}
	e.Time, _ = time.Parse(time.RFC3339, n.time) // for people; an unreadable one is no reason to lose the event
	var err error
	if e.Key, err = d.key(n.key); err != nil {
		return Event{}, fmt.Errorf("%w: %s.key is not encoded as %s encodes", ErrMalformed, n.at, d.name)
	}
	if e.Size, err = d.size(n.size); err != nil {
		return Event{}, fmt.Errorf("%w: %s.size is no number of bytes", ErrMalformed, n.at)
	}
	switch {
	case n.name == "":
		return Event{}, fmt.Errorf("%w: the event's name is missing (eventName, detail-type)", ErrMalformed)
	case e.Bucket == "":
		return Event{}, fmt.Errorf("%w: bucket.name is missing", ErrMalformed)
	case e.Key == "" && e.Kind != Other: // events of a bucket have no key
		return Event{}, fmt.Errorf("%w: %s.key is missing", ErrMalformed, n.at)
	}
	return e, nil
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
