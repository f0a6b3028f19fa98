// Package s3event reads notifications about objects, in the words of each server that sends them. Servers agree on
// the outline and differ in what costs data when it is guessed: whether a key is encoded, whether an entity tag has
// quotes, whether a number is a string. What a server does is one row of a table, see dialects; a notification that no
// row knows is refused.
package s3event

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Event says that something happened to an object.
type Event struct {
	Kind      Kind
	Dialect   string // who speaks: "aws", "eventbridge", "minio", "versitygw", "ceph"
	Bucket    string
	Key       string // decoded; it is never decoded again
	Version   string // the store's version id; "" in a bucket without versioning
	ETag      string // without quotes; "" when there is none
	Size      int64  // bytes
	Sequencer string // see Newer; "" when the server gives nothing that orders its events
	Time      time.Time
}

// Kind is what happened.
type Kind int

// The kinds. Other is what a reader of objects can ignore: restores, tags, access lists, transitions.
const (
	Other Kind = iota
	Created
	Removed
)

func (k Kind) String() string {
	switch k {
	case Created:
		return "created"
	case Removed:
		return "removed"
	default:
		return "other"
	}
}

// Errors callers can test for with errors.Is. Neither holds a part of the notification.
var (
	// ErrUnknown means that no dialect reads this notification.
	ErrUnknown = errors.New("unknown notification")
	// ErrMalformed means that a dialect knows it and something in it is missing or broken.
	ErrMalformed = errors.New("malformed notification")
)

// maxBytes is the largest notification that is read; the largest queue takes 1 MiB.
const maxBytes = 1 << 20

// Parse reads one notification and returns its events in order. The test event that a server sends when
// notifications are switched on has none. One bad record refuses the notification: a sweep finds its objects.
func Parse(body []byte) ([]Event, error) {
	if len(body) > maxBytes {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrUnknown, maxBytes)
	}
	e, err := open(body)
	if err != nil {
		return nil, err
	}
	if isSNS(e) {
		if e, err = unwrap(e); err != nil {
			return nil, err
		}
	}
	switch {
	case isTest(e):
		return nil, nil
	case e["Records"] != nil:
		return records(e)
	}
	event, err := alone.read(e)
	if err != nil {
		return nil, err
	}
	return []Event{event}, nil
}

// records reads {"Records": [...]}, the outline of all servers but EventBridge.
func records(e envelope) ([]Event, error) {
	var list []envelope
	if err := json.Unmarshal(e["Records"], &list); err != nil {
		return nil, fmt.Errorf("%w: Records is no list of objects", ErrMalformed)
	}
	events := make([]Event, 0, len(list))
	for i, r := range list {
		event, err := inRecords.read(r)
		if err != nil {
			return nil, fmt.Errorf("record %d of %d: %w", i+1, len(list), err)
		}
		events = append(events, event)
	}
	// MinIO writes the key twice, encoded in its record and decoded beside the list. If the two do not agree, then the
	// server encodes in a way of its own, and neither can be trusted.
	if key := e.text("Key"); key != "" && len(events) == 1 && key != events[0].Bucket+"/"+events[0].Key {
		return nil, fmt.Errorf("%w: Key and s3.object.key name two objects", ErrMalformed)
	}
	return events, nil
}

// isTest recognises what a server sends when notifications are switched on.
func isTest(e envelope) bool {
	return e.text("Event") == "s3:TestEvent" && e["Records"] == nil
}

// envelope is a JSON object as raw members: encoding/json folds the case of names, and case is one of the things that
// tell dialects apart.
type envelope map[string]json.RawMessage

func open(body []byte) (envelope, error) {
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil {
		return nil, fmt.Errorf("%w: not one JSON object", ErrUnknown)
	}
	return e, nil
}

// text is the string in a member, "" when it is none.
func (e envelope) text(name string) string {
	var s string
	if json.Unmarshal(e[name], &s) != nil {
		return ""
	}
	return s
}

// object is the object in a member, nil when it is none.
func (e envelope) object(name string) envelope {
	var o envelope
	if json.Unmarshal(e[name], &o) != nil {
		return nil
	}
	return o
}

// kind reads an event's name: "ObjectCreated:Put", with or without "s3:" before it, or EventBridge's "Object Created".
func kind(name string) Kind {
	switch name = strings.TrimPrefix(name, "s3:"); {
	case strings.HasPrefix(name, "ObjectCreated:"), name == "Object Created",
		name == "ObjectSynced:Create": // Ceph, of an object that came from another zone
		return Created
	case strings.HasPrefix(name, "ObjectRemoved:"), strings.HasPrefix(name, "LifecycleExpiration:"), name == "Object Deleted",
		strings.HasPrefix(name, "ObjectLifecycle:Expiration:"), // Ceph, before it took over Amazon's names
		name == "ObjectSynced:Delete", name == "ObjectSynced:DeletionMarkerCreated":
		return Removed
	default:
		return Other
	}
}
