package validator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/run"
	"github.com/maskrail/maskrail/libs/stage"
)

// GroupsPrefix is where the counts of re-identification lie in the masked bucket, by run, until the run has been judged.
const GroupsPrefix = "_quasi/"

// runWait is how long an object waits for the others of its run.
const runWait = 5 * time.Second

// maxGroups is the most bytes that the counts of one object may have: 17 for each group.
const maxGroups = 256 << 20

// siblings are the raw objects of a run that are of an object's entity, its own among them.
type siblings struct {
	keys []string // of their counts
	own  string
}

// groupsKey is where the counts of a raw object lie.
func (e *evidence) groupsKey(raw string) string {
	parts := []string{e.environment, e.ref.Run, e.ref.Entity, strings.TrimPrefix(e.policy.Digest(), "sha256:"), raw}
	for i, p := range parts {
		parts[i] = objref.Token(p)
	}
	return GroupsPrefix + strings.Join(parts, "/")
}

// siblings reads the run's manifest. Without one, an object is a run of its own: other rows could only have made its
// groups larger.
func (s *Service) siblings(ctx context.Context, e *evidence) (all siblings, err error) {
	if e.ref.Source == nil {
		return all, nil
	}
	own := e.ref.Source.Identity()
	all.own = e.groupsKey(own)
	all.keys = []string{all.own}
	m, err := run.Read(ctx, s.deps.Store, s.cfg.Buckets.Raw, e.ref.Run)
	switch {
	case errors.Is(err, run.ErrNotFound):
		return all, nil
	case err != nil:
		return all, err
	case !m.Sealed:
		return all, waiting("its manifest is not sealed")
	}
	states, err := run.OpenStates(ctx, s.deps.Bus)
	if err != nil {
		return all, err
	}
	for _, o := range m.Objects {
		if entity, _, _ := strings.Cut(o.Key, "/"); o.Identity() == own || entity != e.ref.Entity {
			continue
		}
		key := e.groupsKey(o.Identity())
		_, err := s.deps.Store.Head(ctx, blob.Location{Bucket: e.ref.Object.Bucket, Key: key})
		if err == nil {
			all.keys = append(all.keys, key)
			continue
		}
		if !errors.Is(err, blob.ErrNotFound) {
			return all, fmt.Errorf("look for the counts of run %s: %w", e.ref.Run, err)
		}
		switch _, err := states.Get(ctx, e.environment, o.Identity()); {
		case errors.Is(err, bus.ErrNotFound):
			return all, waiting("not all of its objects have been counted or have ended")
		case err != nil:
			return all, err
		}
	}
	return all, nil
}

func waiting(why string) error {
	return stage.RetryAfter(errors.New("the run is judged as a whole, and "+why), runWait)
}

// awaitRun holds an object back that was counted before while others of its run are not. The file need not be read for
// that again.
func (s *Service) awaitRun(ctx context.Context, e *evidence) error {
	if e.policy == nil || e.policy.Quasi == nil || e.ref.Source == nil {
		return nil
	}
	_, err := s.deps.Store.Head(ctx, blob.Location{Bucket: e.ref.Object.Bucket, Key: e.groupsKey(e.ref.Source.Identity())})
	if errors.Is(err, blob.ErrNotFound) {
		return nil
	}
	if err == nil {
		_, err = s.siblings(ctx, e)
	}
	return err
}

// countRun stores what was counted in the object, and adds up what was counted in its run.
func (s *Service) countRun(ctx context.Context, e *evidence) error {
	if e.policy == nil || e.policy.Quasi == nil || e.cells == nil || e.ref.Source == nil {
		return nil
	}
	own := e.cells.quasi.groups
	key := e.groupsKey(e.ref.Source.Identity())
	if err := s.put(ctx, blob.Location{Bucket: e.ref.Object.Bucket, Key: key}, "application/octet-stream", own.encode(), false); err != nil {
		return fmt.Errorf("store the counts of run %s: %w", e.ref.Run, err)
	}
	all, err := s.siblings(ctx, e)
	if err != nil {
		return err
	}
	union := groups{}
	union.and(own)
	for _, key := range all.keys {
		if key == all.own {
			continue
		}
		raw, err := readSome(ctx, s.deps.Store, blob.Location{Bucket: e.ref.Object.Bucket, Key: key}, maxGroups)
		if err != nil {
			return fmt.Errorf("read the counts of run %s: %w", e.ref.Run, err)
		}
		other, ok := decodeGroups(raw)
		if !ok {
			return stage.Permanent(fmt.Errorf("the counts of an object of run %s are damaged: remove them, then replay it from the masked stage", e.ref.Run))
		}
		union.and(other)
	}
	e.anonymity = union.anonymity(e.policy.Quasi, len(all.keys))
	return nil
}

// quasiRule is judged last: its evidence is gathered from objects that all other rules let pass.
const quasiRule = "quasi"

// checkQuasi wants no row of the run in a group of fewer than k.
func checkQuasi(e *evidence) (string, []Finding) {
	q := e.policy.Quasi
	if q == nil {
		return "the policy asks for none", nil
	}
	for i, at := range e.cells.quasi.columns {
		if at < 0 {
			return "", []Finding{{Class: ClassMissingField, Field: q.Columns[i], Detail: "the column is not in the object"}}
		}
	}
	if e.anonymity == nil {
		return "", []Finding{{Class: ClassQuasi, Detail: "the run was not counted: another check failed, or the reference names no source"}}
	}
	var found []Finding
	var total, smallest int64
	for _, t := range e.anonymity.Tenants {
		total += t.Groups
		if smallest == 0 || t.Smallest < smallest {
			smallest = t.Smallest
		}
		if t.Below > 0 {
			found = append(found, Finding{Class: ClassQuasi, Field: strings.Join(q.Columns, ", "), Count: t.Below,
				Detail: fmt.Sprintf("%s of one tenant in groups of fewer than %d that are alike in these columns: treat one of them more coarsely, or name fewer", plural(t.Below, "row"), q.K)})
		}
	}
	return fmt.Sprintf("%s in %s of the run, the smallest of %s", plural(total, "group"), plural(int64(e.anonymity.Objects), "object"), plural(smallest, "row")), found
}
