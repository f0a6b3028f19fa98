package quarantine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/objref"
)

// Action is what an operator did.
type Action string

// The actions.
const (
	Released  Action = "released"
	Discarded Action = "discarded"
)

// Record is one decision in the audit log: an object of its own in the quarantine bucket, written once, whose key sorts by
// time.
type Record struct {
	At          time.Time     `json:"at"`
	Action      Action        `json:"action"`
	By          string        `json:"by"`
	Environment string        `json:"environment"`
	Entity      string        `json:"entity"`
	Tenant      string        `json:"tenant"`
	ID          string        `json:"id"`     // of the raw object
	Object      string        `json:"object"` // its short id
	Reason      objref.Reason `json:"reason"` // why it was in quarantine
	Run         string        `json:"run,omitempty"`
}

const maxRecord = 64 << 10 // bytes

func (s Store) auditPrefix() string { return "_audit/" + objref.Token(s.Environment) + "/" }

// record writes a record and returns its id.
func (s Store) record(ctx context.Context, r Record) (id string, err error) {
	body, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("write the audit log: %w", err)
	}
	id = ulid.Make().String()
	at := blob.Location{Bucket: s.Quarantine, Key: s.auditPrefix() + id + ".json"}
	if _, err := s.Blobs.Put(ctx, at, bytes.NewReader(body), int64(len(body)), blob.PutOptions{IfAbsent: true, ContentType: "application/json"}); err != nil {
		return "", fmt.Errorf("write the audit log: %w", err)
	}
	return id, nil
}

// Audit yields the decisions of the environment, oldest first.
func (s Store) Audit(ctx context.Context) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for o, err := range s.Blobs.List(ctx, s.Quarantine, s.auditPrefix()) {
			var r Record
			if err == nil {
				r, err = s.read(ctx, o.Location)
			}
			if err != nil {
				yield(Record{}, fmt.Errorf("read the audit log: %w", err))
				return
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

func (s Store) read(ctx context.Context, at blob.Location) (r Record, err error) {
	body, _, err := s.Blobs.Get(ctx, at, blob.Range{})
	if err != nil {
		return r, err
	}
	defer body.Close()
	b, err := io.ReadAll(io.LimitReader(body, maxRecord))
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(b, &r)
}
