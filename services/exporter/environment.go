package exporter

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/objref"
)

// markPrefix is where the raw bucket keeps what environments it serves. The bucket is the record of truth; the bus may
// lose everything.
const markPrefix = "_environments/"

// mark says from when on the sweep watches over an environment. The first environments of a bucket get all of it, those
// that join later get what comes after; history is the business of a replay.
type mark struct {
	Environment string `json:"environment"`
	First       bool   `json:"first"`
	// With are the environments that join at the same time as a first one, itself included. Each mark names them all,
	// so that a failure between two marks takes the past from none of them.
	With []string `json:"with,omitempty"`
}

// join finds out from when on each configured environment is served, and marks those that are new. The time of joining
// is the time of the mark by the object store's clock, the one that dates the objects as well.
func (s *Service) join(ctx context.Context) (map[string]time.Time, error) {
	first, err := s.first(ctx)
	if err != nil {
		return nil, fmt.Errorf("read marks of environments: %w", err)
	}
	since := make(map[string]time.Time, len(s.config.Environments))
	for _, env := range s.config.Environments {
		own := mark{Environment: env, First: slices.Contains(first, env)}
		if own.First {
			own.With = first
		}
		m, at, err := s.mark(ctx, own)
		if err != nil {
			return nil, fmt.Errorf("mark of environment %s: %w", env, err)
		}
		if m.First {
			at = time.Time{}
		}
		since[env] = at
	}
	return since, nil
}

// first are the environments that get all of the bucket: those that its first marks name, and the configured ones
// when it has no mark.
func (s *Service) first(ctx context.Context) ([]string, error) {
	var names []string
	marked := false
	for o, err := range s.deps.Store.List(ctx, s.raw, markPrefix) {
		if err != nil {
			return nil, err
		}
		marked = true
		m, _, err := readMark(ctx, s.deps.Store, blob.Location{Bucket: s.raw, Key: o.Key})
		if err != nil {
			return nil, err
		}
		if m.First {
			names = append(names, m.With...)
		}
	}
	if !marked {
		names = slices.Clone(s.config.Environments)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// Environments are those that the marks of a raw bucket name.
func Environments(ctx context.Context, store blob.Store, raw string) (names []string, err error) {
	for o, err := range store.List(ctx, raw, markPrefix) {
		if err != nil {
			return nil, fmt.Errorf("list environments: %w", err)
		}
		m, _, err := readMark(ctx, store, o.Location)
		if err != nil {
			return nil, fmt.Errorf("read marks of environments: %w", err)
		}
		names = append(names, m.Environment)
	}
	return names, nil
}

// mark writes the mark unless there is one, and returns the one that is there with its time.
func (s *Service) mark(ctx context.Context, m mark) (mark, time.Time, error) {
	body, err := json.Marshal(m)
	if err != nil {
		return mark{}, time.Time{}, err
	}
	loc := blob.Location{Bucket: s.raw, Key: markPrefix + objref.Token(m.Environment) + ".json"}
	_, err = s.deps.Store.Put(ctx, loc, bytes.NewReader(body), int64(len(body)),
		blob.PutOptions{IfAbsent: true, ContentType: "application/json"})
	if err != nil && !errors.Is(err, blob.ErrExists) {
		return mark{}, time.Time{}, err
	}
	there, at, err := readMark(ctx, s.deps.Store, loc)
	if err == nil && there.Environment != m.Environment {
		err = errDamaged
	}
	return there, at, err
}

var errDamaged = errors.New("it is damaged: delete it, and the environment joins anew")

func readMark(ctx context.Context, store blob.Store, loc blob.Location) (mark, time.Time, error) {
	content, o, err := store.Get(ctx, loc, blob.Range{})
	if err != nil {
		return mark{}, time.Time{}, err
	}
	defer content.Close()
	b, err := io.ReadAll(io.LimitReader(content, 64<<10))
	if err != nil {
		return mark{}, time.Time{}, err
	}
	var there mark
	if json.Unmarshal(b, &there) != nil || there.Environment == "" {
		return mark{}, time.Time{}, errDamaged
	}
	return there, o.Modified.Truncate(time.Second), nil // as coarse as a listing may be
}
