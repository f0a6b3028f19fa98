package drift

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
)

// Notice is written when a field is seen for the first time in an environment under a policy. It holds no value.
type Notice struct {
	Version     int       `json:"version"`
	Environment string    `json:"environment"`
	Entity      string    `json:"entity"`
	Policy      string    `json:"policy"` // digest
	Name        string    `json:"name"`   // of the policy
	Field       Field     `json:"field"`
	Object      string    `json:"object"` // short id of the first object
	First       time.Time `json:"first"`
	Sent        bool      `json:"sent"` // whoever shall hear of it has heard
}

// ID names the notice: equal for equal environment, entity, field and policy.
func (n Notice) ID() string {
	h := sha256.New()
	for _, part := range []string{n.Environment, n.Entity, n.Field.Path, n.Policy} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))[:32]
}

func noticePrefix(environment string) string {
	return Prefix + objref.Token(environment) + "/fields/"
}

func (n Notice) location(bucket string) blob.Location {
	return blob.Location{Bucket: bucket, Key: noticePrefix(n.Environment) + n.ID() + ".json"}
}

// Claim stores the notice unless there is one on the field already; of several that come at the same time one is first.
func (n Notice) Claim(ctx context.Context, store blob.Store, bucket string) (first bool, err error) {
	n.Version = Version
	err = put(ctx, store, n.location(bucket), n, true)
	if errors.Is(err, blob.ErrExists) {
		return false, nil
	}
	return err == nil, err
}

// Done notes that the notice was sent.
func (n Notice) Done(ctx context.Context, store blob.Store, bucket string) error {
	n.Version, n.Sent = Version, true
	return put(ctx, store, n.location(bucket), n, false)
}

// Notices yields the notices of an environment, in no order. What is none of this version is passed over.
func Notices(ctx context.Context, store blob.Store, bucket, environment string) iter.Seq2[Notice, error] {
	return func(yield func(Notice, error) bool) {
		for o, err := range store.List(ctx, bucket, noticePrefix(environment)) {
			if err != nil {
				yield(Notice{}, fmt.Errorf("list notices of drift: %w", err))
				return
			}
			var n Notice
			err := get(ctx, store, blob.Location{Bucket: bucket, Key: o.Key}, &n)
			if errors.Is(err, ErrNoReport) || err == nil && n.Version != Version {
				continue
			}
			if !yield(n, err) || err != nil {
				return
			}
		}
	}
}

// EventType is the ce-type of the message that tells of a notice.
const EventType = "io.maskrail.drift.field.v1"

// Message is the notice as an event on the bus; its id is the notice's, so that the bus keeps one.
func (n Notice) Message() (bus.Message, error) {
	body, err := json.Marshal(n)
	if err != nil {
		return bus.Message{}, fmt.Errorf("encode a notice of drift: %w", err)
	}
	return bus.Message{
		Subject: "maskrail.drift." + objref.Token(n.Environment) + "." + objref.Token(n.Entity),
		ID:      n.ID(),
		Data:    body,
		Header: map[string]string{
			"ce-specversion": "1.0", "ce-id": n.ID(), "ce-type": EventType, "ce-source": "/masker", "ce-subject": n.Object, "content-type": "application/json",
		},
	}, nil
}

// Line is the notice in a line for people.
func (n Notice) Line() string {
	text := fmt.Sprintf("%s %s: %s field %s", n.Environment, n.Entity, n.Field.Kind, n.Field.Path)
	if n.Field.Type != "" {
		text += " (" + n.Field.Type + ")"
	}
	if o := n.Field.Opinion; o != nil {
		text += fmt.Sprintf(", looks like %s (%.0f %%)", o.Class, 100*o.Confidence)
	}
	if n.Field.Waits {
		text += "; objects wait: maskrail drift lists them"
	}
	return text
}
