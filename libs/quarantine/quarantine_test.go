package quarantine_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maskrail/maskrail/libs/blob/memblob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/bus/membus"
	"github.com/maskrail/maskrail/libs/drift"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/quarantine"
	"github.com/maskrail/maskrail/libs/run"
)

type bench struct {
	quarantine.Store
	t   *testing.T
	bus *membus.Bus
}

func setup(t *testing.T) *bench {
	t.Helper()
	b := membus.New(bus.Streams(bus.Horizon))
	return &bench{quarantine.Store{Bus: b, Blobs: memblob.New("raw", "quarantine"), Quarantine: "quarantine", Environment: "sandbox"}, t, b}
}

func object(n int) objref.Object {
	return objref.Object{Bucket: "raw", Key: fmt.Sprintf("interaction/+1415555%04d.csv", n), Version: fmt.Sprintf("etag:%d", n)}
}

// end publishes how an object ended in a run.
func (b *bench) end(n int, in string, state objref.State, reason *objref.Reason) {
	b.t.Helper()
	r := objref.Ref{Entity: "interaction", Environment: "sandbox", Run: in, Tenant: "acme", Object: object(n), Outcome: &objref.Outcome{State: state, Reason: reason}}
	at := map[objref.State]objref.Stage{objref.Rejected: objref.AtRejected, objref.Dead: objref.AtDead, objref.Loaded: objref.AtLoaded}[state]
	if state == objref.Loaded {
		raw := r.Object
		r.Source, r.Policy, r.Object = &raw, "sha256:1", objref.Object{Bucket: "masked", Key: "k", Version: "v", SHA256: "00"}
	}
	m, err := objref.Encode(r, at, r.Subject(at), "/test")
	if err == nil {
		err = b.bus.Publish(b.t.Context(), m)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) list() map[string]quarantine.Item {
	b.t.Helper()
	items, err := b.List(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	out := map[string]quarantine.Item{}
	for _, i := range items {
		out[i.ID] = i
	}
	return out
}

func reason(class, field string) *objref.Reason {
	return &objref.Reason{Service: "masker", Class: class, Field: field}
}

func TestLifeInQuarantine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		states, err := run.OpenStates(t.Context(), b.bus)
		if err != nil {
			t.Fatal(err)
		}
		go func() { _ = run.Project(t.Context(), b.bus, states, "sandbox") }()
		status := func() int {
			synctest.Wait()
			r, err := run.Status(t.Context(), run.Manifest{Run: "r1", Sealed: true, Objects: []objref.Object{object(1), object(2)}}, states, "sandbox")
			if err != nil {
				t.Fatal(err)
			}
			return r.HTTPStatus()
		}
		b.end(1, "r1", objref.Rejected, reason("unknown-field", `"segment", p[]."x"`))
		b.end(2, "r1", objref.Loaded, nil)
		b.end(3, "r1", objref.Dead, reason("permanent", ""))
		items := b.list()
		one := items[object(1).Identity()]
		if len(items) != 2 || !one.Waits() || one.Reason.Class != "unknown-field" || one.Tenant != "acme" || one.Times != 1 || one.Last.IsZero() {
			t.Fatalf("%+v", items)
		}
		if status() != http.StatusConflict {
			t.Errorf("status %d with an object refused", status())
		}
		time.Sleep(time.Minute)
		if err := b.Release(t.Context(), []quarantine.Item{one}, "r2", "ana"); err != nil {
			t.Fatal(err)
		}
		if got := b.list()[one.ID]; got.State != objref.Released || got.Waits() || status() != http.StatusAccepted {
			t.Errorf("%+v, status %d", got, status())
		}
		sent := 0
		err = b.bus.Read(t.Context(), bus.Query{Stream: bus.Replay}, func(m bus.Message) error {
			sent++
			ref, at, err := objref.Decode(m)
			if err != nil || at != objref.AtRaw || ref.Object != object(1) || ref.Run != "r2" || ref.Outcome != nil || m.Subject != "maskrail.replay.sandbox.raw.interaction.acme" {
				t.Errorf("%v: %+v on %s", err, ref, m.Subject)
			}
			return nil
		})
		if err != nil || sent != 1 {
			t.Errorf("%d references sent, %v", sent, err)
		}
		time.Sleep(time.Minute)
		b.end(1, "r2", objref.Rejected, reason("unknown-field", `"other"`)) // refused again
		if got := b.list()[one.ID]; !got.Waits() || got.Times != 2 || got.Reason.Field != `"other"` || status() != http.StatusConflict {
			t.Errorf("%+v, status %d", got, status())
		}
		time.Sleep(time.Minute)
		if err := b.Discard(t.Context(), []quarantine.Item{b.list()[one.ID]}, "ana"); err != nil {
			t.Fatal(err)
		}
		if got := b.list()[one.ID]; got.State != objref.Discarded || status() != http.StatusOK {
			t.Errorf("%+v, status %d", got, status())
		}
		time.Sleep(time.Minute)
		if err := b.Release(t.Context(), []quarantine.Item{b.list()[one.ID]}, "r3", "olu"); err != nil {
			t.Fatal(err)
		}
		b.end(1, "r3", objref.Loaded, nil)
		if got := b.list()[one.ID]; got.State != objref.Loaded || status() != http.StatusOK {
			t.Errorf("%+v, status %d", got, status())
		}
		var log []string
		for r, err := range b.Audit(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			log = append(log, fmt.Sprintf("%s %s by %s for %s", r.Action, r.Object, r.By, r.Reason.Class))
		}
		id := object(1).ShortID()
		want := fmt.Sprintf("released %s by ana for unknown-field, discarded %s by ana for unknown-field, released %s by olu for unknown-field", id, id, id)
		if got := strings.Join(log, ", "); got != want {
			t.Errorf("audit log: %s", got)
		}
	})
}

// TestDecisionsAgain: of decisions that follow one another closely the last one counts.
func TestDecisionsAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		b.end(1, "r1", objref.Rejected, reason("unknown-field", "segment"))
		id := object(1).Identity()
		for n := range 3 {
			time.Sleep(time.Second)
			if err := b.Discard(t.Context(), []quarantine.Item{b.list()[id]}, "ana"); err != nil {
				t.Fatal(err)
			}
			if got := b.list()[id].State; got != objref.Discarded {
				t.Errorf("round %d: discarded, and is %s", n, got)
			}
			time.Sleep(time.Second)
			if err := b.Release(t.Context(), []quarantine.Item{b.list()[id]}, fmt.Sprintf("r%d", n+2), "olu"); err != nil {
				t.Fatal(err)
			}
			if got := b.list()[id].State; got != objref.Released {
				t.Errorf("round %d: released, and is %s", n, got)
			}
		}
	})
}

func TestSelect(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.end(1, "r", objref.Rejected, reason("unknown-field", `"segment"`))
	b.end(2, "r", objref.Rejected, reason("detector-hit", "notes"))
	report := drift.Report{Environment: "sandbox", Object: object(3).Identity(), Policy: "sha256:0123456789abcdef0123", Fields: []drift.Field{{Path: "deep[].cc[]", Kind: drift.Unknown, Waits: true}}}
	key, err := report.Write(t.Context(), b.Blobs, "quarantine")
	if err != nil {
		t.Fatal(err)
	}
	why := reason("unknown-field", "many")
	why.Report = key
	b.end(3, "r", objref.Rejected, why)
	items, err := b.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		filter quarantine.Filter
		want   int
		err    error
	}{
		"all":                  {quarantine.Filter{}, 3, nil},
		"reason":               {quarantine.Filter{Reason: "detector-hit"}, 1, nil},
		"field of the reason":  {quarantine.Filter{Field: "segment"}, 1, nil},
		"field of the report":  {quarantine.Filter{Field: "deep[].cc[]"}, 1, nil},
		"tenant":               {quarantine.Filter{Tenant: "acme"}, 3, nil},
		"another tenant":       {quarantine.Filter{Tenant: "globex"}, 0, nil},
		"entity":               {quarantine.Filter{Entity: "conversation"}, 0, nil},
		"identity":             {quarantine.Filter{IDs: []string{object(1).Identity()}}, 1, nil},
		"short id":             {quarantine.Filter{IDs: []string{object(1).ShortID(), object(2).ShortID()}}, 2, nil},
		"beginning":            {quarantine.Filter{IDs: []string{object(1).ShortID()[:8]}}, 1, nil},
		"id that is not there": {quarantine.Filter{IDs: []string{"zzz"}}, 0, quarantine.ErrNotFound},
		"every id":             {quarantine.Filter{IDs: []string{""}}, 0, quarantine.ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := b.Select(t.Context(), items, c.filter)
			if !errors.Is(err, c.err) || len(got) != c.want {
				t.Errorf("%d items, %v", len(got), err)
			}
		})
	}
}
