package export_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maskrail/maskrail/libs/audit"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/services/exporter/internal/export"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

var errDied = errors.New("the process has died")

// mortal is a process that dies at its n-th step: a call of the store or an announcement, before it has an effect or after.
// From then on nothing that it does arrives anywhere.
type mortal struct {
	left   atomic.Int64 // steps until it dies
	after  bool
	steps  atomic.Int64
	dead   atomic.Bool
	killed chan struct{}
}

func newMortal(n int64, after bool) *mortal {
	m := &mortal{after: after, killed: make(chan struct{})}
	m.left.Store(n)
	return m
}

// step does something unless the process is dead.
func (m *mortal) step(do func() error) error {
	if m.dead.Load() {
		return errDied
	}
	m.steps.Add(1)
	if m.left.Add(-1) != 0 {
		return do()
	}
	if m.after {
		_ = do() // its answer is lost
	}
	m.dead.Store(true)
	close(m.killed)
	return errDied
}

type mortalStore struct {
	blob.Store
	m *mortal
}

func (s mortalStore) Put(ctx context.Context, loc blob.Location, body io.ReadSeeker, size int64, o blob.PutOptions) (obj blob.Object, err error) {
	err = s.m.step(func() (err error) { obj, err = s.Store.Put(ctx, loc, body, size, o); return err })
	return obj, err
}

func (s mortalStore) Get(ctx context.Context, loc blob.Location, r blob.Range) (body io.ReadCloser, obj blob.Object, err error) {
	err = s.m.step(func() (err error) { body, obj, err = s.Store.Get(ctx, loc, r); return err })
	return body, obj, err
}

func (s mortalStore) Head(ctx context.Context, loc blob.Location) (obj blob.Object, err error) {
	err = s.m.step(func() (err error) { obj, err = s.Store.Head(ctx, loc); return err })
	return obj, err
}

func (s mortalStore) List(ctx context.Context, bucket, prefix string) iter.Seq2[blob.Object, error] {
	if err := s.m.step(func() error { return nil }); err != nil {
		return func(yield func(blob.Object, error) bool) { yield(blob.Object{}, err) }
	}
	return s.Store.List(ctx, bucket, prefix)
}

func (s mortalStore) Delete(ctx context.Context, loc blob.Location) error {
	return s.m.step(func() error { return s.Store.Delete(ctx, loc) })
}

// mortalBus keeps a dead process from renewing or freeing its lease.
type mortalBus struct {
	bus.Bus
	m *mortal
}

type mortalKV struct {
	bus.KV
	m *mortal
}

func (b mortalBus) KV(ctx context.Context, bucket string) (bus.KV, error) {
	kv, err := b.Bus.KV(ctx, bucket)
	return mortalKV{kv, b.m}, err
}

func (k mortalKV) Swap(ctx context.Context, key string, old, value []byte) error {
	if k.m.dead.Load() {
		return errDied
	}
	return k.KV.Swap(ctx, key, old, value)
}

// live runs a process until it dies or has done all there is to do, and tells which.
func (b *bench) live(m *mortal) (died bool) {
	b.t.Helper()
	deps := b.deps
	deps.Store, deps.Bus = mortalStore{b.store, m}, mortalBus{b.bus, m}
	deps.Announce = func(ctx context.Context, at blob.Location) error {
		return m.step(func() error { return b.announce(ctx, at) })
	}
	_, stop := b.startWith(deps, b.provider)
	defer stop()
	select {
	case <-m.killed:
		return true
	case <-time.After(20 * time.Minute):
		return false
	}
}

// outcome is what a run left behind, without its id.
func (b *bench) outcome() (objects []string) {
	b.t.Helper()
	for _, key := range b.keys("interaction/") {
		at, ok := source.ParseKey(key)
		if !ok {
			b.t.Fatalf("object %d is no run's", len(objects))
		}
		objects = append(objects, at.Tenant+" "+at.Name)
	}
	slices.Sort(objects)
	return objects
}

// TestDiesAtEveryStep: an export is killed at each of its steps in turn, before and after the step has an effect, while its
// source splits a window and loses a job on the way. Whoever goes on leaves the same objects as an export that nobody
// killed: in one run, each announced, all in the sealed manifest, the audit log in order and the watermark where it belongs.
func TestDiesAtEveryStep(t *testing.T) {
	t.Parallel()
	prepare := func(b *bench) {
		b.settings.Lookback, b.settings.Schedule, b.settings.Resweeps = day+3*time.Hour, "0 2 1 1 *", nil
		b.provider.limit = 95 // full days are split
		wait(10 * day)
		b.provider.complete = time.Now()
	}
	var want []string
	var steps int64
	in(t, func(t *testing.T, b *bench) {
		prepare(b)
		m := newMortal(-1, false)
		b.live(m)
		want, steps = b.outcome(), m.steps.Load()
		checkAudit(b.t, b.log(), false)
	})
	if len(want) < 8 || steps < 60 {
		t.Fatalf("%d objects in %d steps", len(want), steps)
	}
	for _, after := range []bool{false, true} {
		t.Run(fmt.Sprintf("after the effect %v", after), func(t *testing.T) {
			t.Parallel()
			for n := int64(1); n <= steps; n++ {
				in(t, func(t *testing.T, b *bench) {
					prepare(b)
					now := time.Now().UTC()
					for at := n; b.live(newMortal(at, after)); at *= 2 { // the same place would kill it for ever
					}
					synctest.Wait()
					b.verify(n, want, now)
				})
				if t.Failed() {
					return
				}
			}
		})
	}
}

// TestDiesAndGetsOtherBytes: when records have changed by the time somebody goes on, what the dead process stored is not lost and
// not left out of the manifest.
func TestDiesAndGetsOtherBytes(t *testing.T) {
	t.Parallel()
	strays := 0
	for n := int64(5); n < 70; n += 2 {
		in(t, func(t *testing.T, b *bench) {
			b.settings.Lookback, b.settings.Schedule, b.settings.Resweeps = day+3*time.Hour, "0 2 1 1 *", nil
			wait(10 * day)
			now := time.Now()
			b.provider.complete = now
			died := b.live(newMortal(n, true))
			b.provider.set(func(p *provider) { p.version++; clear(p.jobs) })
			if died {
				b.live(newMortal(-1, false))
			}
			b.covers(now.Add(-day-3*time.Hour), now)
			m := b.manifests()
			if len(m) != 1 || len(m[0].Objects) != len(b.keys("interaction/")) {
				t.Errorf("killed at step %d: %d objects in the manifest, %d in the bucket", n, len(m[0].Objects), len(b.keys("interaction/")))
			}
			for _, ids := range b.delivered() {
				strays += ids - 1
			}
		})
	}
	if strays == 0 {
		t.Error("no record came in two versions: the test tries nothing")
	}
}

func (b *bench) verify(n int64, want []string, now time.Time) {
	b.t.Helper()
	if got := b.outcome(); !slices.Equal(got, want) {
		b.t.Errorf("killed at step %d: %d objects, want %d:\n%s\nwant\n%s", n, len(got), len(want), strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	manifests := b.manifests()
	if len(manifests) != 1 || !manifests[0].Sealed || manifests[0].Failed != 0 {
		b.t.Errorf("killed at step %d: manifests %+v, want one that is sealed", n, manifests)
		return
	}
	var keys []string
	for _, o := range manifests[0].Objects {
		keys = append(keys, o.Key)
	}
	if lie := b.keys("interaction/"); !slices.Equal(keys, lie) {
		b.t.Errorf("killed at step %d: %d objects in the manifest, %d in the bucket", n, len(keys), len(lie))
	}
	for _, key := range keys {
		if b.announced[key] == 0 {
			b.t.Errorf("killed at step %d: an object was never announced", n)
		}
	}
	if m := b.marks(); m.Watermark.Before(now) || !m.Watermark.Equal(m.Exported) {
		b.t.Errorf("killed at step %d: marks %+v, want a watermark at %v", n, m, now)
	}
	if left := b.keys("_exports/" + name + "/"); len(left) != 0 {
		b.t.Errorf("killed at step %d: %d journals are left", n, len(left))
	}
	checkAudit(b.t, b.log(), true)
}

// checkAudit fails unless the log tells of one run in the order in which things happen. What was done in the moment of a
// death may stand there twice.
func checkAudit(t *testing.T, log []audit.Entry, died bool) {
	t.Helper()
	begun, done := map[objref.Window]int{}, map[objref.Window]int{}
	stage := 0
	order := []string{export.RunRequested, export.RunPlanned, export.RunSealed, export.RunSettled}
	for _, e := range log {
		if at := slices.Index(order, e.Action); at >= 0 {
			if at < stage || at > stage+1 {
				t.Errorf("%s after %s", e.Action, order[stage])
			}
			stage = at
		}
		switch e.Action {
		case export.WindowBegun:
			begun[*e.Window]++
		case export.WindowDone, export.WindowSplit:
			if begun[*e.Window] == 0 {
				t.Errorf("%s without %s", e.Action, export.WindowBegun)
			}
			done[*e.Window]++
		}
	}
	if stage != len(order)-1 {
		t.Errorf("the log ends with %s", order[stage])
	}
	for w, n := range begun {
		if done[w] == 0 || !died && (n != 1 || done[w] != 1) {
			t.Errorf("window %v: begun %d times, done %d times", w, n, done[w])
		}
	}
}
