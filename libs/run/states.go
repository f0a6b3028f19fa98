package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
)

// bucket is the key/value bucket of the states.
const bucket = "maskrail_states"

// Entry is how an object ended in an environment.
type Entry struct {
	State    objref.State   `json:"state"`
	Run      string         `json:"run"` // in which it ended
	Entity   string         `json:"entity,omitempty"`
	Rows     int64          `json:"rows"`              // of the masked object
	Rejects  int64          `json:"rejects,omitempty"` // rows of the raw object that were dropped and counted
	Loaded   int64          `json:"loaded,omitempty"`  // rows inserted
	Skipped  int64          `json:"skipped,omitempty"` // rows that were there already
	Reason   *objref.Reason `json:"reason,omitempty"`
	Trace    string         `json:"trace,omitempty"`  // trace id, lower-case hex
	Policy   string         `json:"policy,omitempty"` // digest
	KeyEpoch int            `json:"keyEpoch,omitempty"`
	Masked   *objref.Object `json:"masked,omitempty"` // the object that was made of it
	Time     time.Time      `json:"time"`             // when the message was stored
}

// Committed reports whether the object's rows are in the sandbox.
func (e Entry) Committed() bool { return e.State == objref.Loaded || e.State == objref.Skipped }

// Supersedes decides which of two ends of one object is kept.
//
// What is in the sandbox is in: a later rejection, say under a stricter policy, does not take the rows out, so it
// does not hide them either. "Skipped" does not hide "loaded", which tells how many rows came. Of two equal
// outcomes the later one counts, so a reload under a new policy or key shows, and so does what an operator decided after a
// rejection, or a rejection after that.
func (e Entry) Supersedes(old Entry) bool {
	if e.rank() != old.rank() {
		return e.rank() > old.rank()
	}
	return !e.Time.Before(old.Time)
}

func (e Entry) rank() int {
	switch e.State {
	case objref.Loaded:
		return 3
	case objref.Skipped:
		return 2
	default:
		return 1
	}
}

// States are the terminal states of objects, for each environment. Losing them costs repeats only.
type States struct {
	kv bus.KV
	mu sync.Mutex // over read, compare and write of Merge
}

// OpenStates opens the states that all workers of a bus share.
func OpenStates(ctx context.Context, b bus.Bus) (*States, error) {
	kv, err := b.KV(ctx, bucket)
	if err != nil {
		return nil, fmt.Errorf("open states: %w", err)
	}
	return &States{kv: kv}, nil
}

func key(environment, identity string) string { return objref.Token(environment) + "." + identity }

// Get returns how the raw object with that identity ended in the environment, or bus.ErrNotFound.
func (s *States) Get(ctx context.Context, environment, identity string) (Entry, error) {
	var e Entry
	b, err := s.kv.Get(ctx, key(environment, identity))
	if err != nil {
		return e, fmt.Errorf("read state: %w", err)
	}
	if err := json.Unmarshal(b, &e); err != nil {
		return Entry{}, fmt.Errorf("read state: %w", err)
	}
	return e, nil
}

// Put stores an entry over whatever is there.
func (s *States) Put(ctx context.Context, environment, identity string, e Entry) error {
	b, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	if err := s.kv.Put(ctx, key(environment, identity), b); err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	return nil
}

// Merge stores an entry unless the one that is there tells more: loaded before skipped before rejected or dead,
// and of equals the later one.
func (s *States) Merge(ctx context.Context, environment, identity string, e Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, err := s.Get(ctx, environment, identity)
	if err != nil && !errors.Is(err, bus.ErrNotFound) {
		return err
	}
	if err == nil && !e.Supersedes(old) {
		return nil
	}
	return s.Put(ctx, environment, identity, e)
}

// All calls fn for each entry of the environment, in no order.
func (s *States) All(ctx context.Context, environment string, fn func(identity string, e Entry) error) error {
	known, err := s.Known(ctx, environment)
	if err != nil {
		return err
	}
	for identity := range known {
		e, err := s.Get(ctx, environment, identity)
		if errors.Is(err, bus.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if err := fn(identity, e); err != nil {
			return err
		}
	}
	return nil
}

// Known returns the identities of all objects that ended in the environment.
func (s *States) Known(ctx context.Context, environment string) (map[string]bool, error) {
	prefix := key(environment, "")
	known := map[string]bool{}
	err := s.kv.Keys(ctx, prefix, func(k string) error {
		known[strings.TrimPrefix(k, prefix)] = true
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list states of environment %s: %w", environment, err)
	}
	return known, nil
}
