// Package s3event reads notifications about objects, in the words of each server that sends them. Servers agree on
// the outline and differ in what costs data when it is guessed: whether a key is encoded, whether an entity tag has
// quotes, whether a number is a string. A notification that no dialect knows is refused.
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
	Dialect   string // who speaks: "aws", "versitygw"
	Bucket    string
	Key       string // decoded
	Version   string // the store's version id; "" in a bucket without versioning
	ETag      string // without quotes; "" when there is none
	Size      int64  // bytes
	Sequencer string // orders the events of one key, and of no two; "" when there is none
	Time      time.Time
}

// Kind is what happened.
type Kind int

// The kinds. Other is what a reader of objects can ignore: restores, tags, access lists, replication.
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
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil {
		return nil, fmt.Errorf("%w: not one JSON object", ErrUnknown)
	}
	for _, s := range shapes {
		if s.matches(e) {
			return s.events(e)
		}
	}
	return nil, fmt.Errorf("%w: no shape of notification that is known", ErrUnknown)
}

// envelope is the outermost object, as raw members: encoding/json folds the case of names, and case is one of the
// things that tell dialects apart.
type envelope map[string]json.RawMessage

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

// shape is an outline that several dialects can share.
type shape struct {
	matches func(envelope) bool
	events  func(envelope) ([]Event, error)
}

// shapes are tried in order.
var shapes = []shape{
	{isTest, func(envelope) ([]Event, error) { return nil, nil }},
	{hasRecords, records},
}

func isTest(e envelope) bool {
	return e.text("Event") == "s3:TestEvent" && e["Records"] == nil
}

// kind reads an event's name, with or without "s3:" before it.
func kind(name string) Kind {
	switch name = strings.TrimPrefix(name, "s3:"); {
	case strings.HasPrefix(name, "ObjectCreated:"):
		return Created
	case strings.HasPrefix(name, "ObjectRemoved:"), strings.HasPrefix(name, "LifecycleExpiration:"):
		return Removed
	default:
		return Other
	}
}
