package run_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/memblob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/bus/membus"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/run"
)

const raw = "maskrail-raw"

func object(n int) objref.Object {
	return objref.Object{Bucket: raw, Key: fmt.Sprintf("interaction/%d.csv", n), Version: fmt.Sprintf("etag:%032d", n), Bytes: 10}
}

func TestManifest(t *testing.T) {
	t.Parallel()
	ctx, store := t.Context(), memblob.New(raw)
	if _, err := run.Read(ctx, store, raw, "nothing"); !errors.Is(err, run.ErrNotFound) {
		t.Errorf("read of a run that is not there: %v, want ErrNotFound", err)
	}
	m := run.Manifest{Run: run.NewID(), Source: run.SourceExport, Objects: []objref.Object{object(1)},
		Window: &objref.Window{From: time.Unix(0, 0).UTC(), To: time.Unix(60, 0).UTC()}}
	for range 2 {
		if err := run.Write(ctx, store, raw, m); err != nil {
			t.Fatal(err)
		}
	}
	m.Objects, m.Sealed = append(m.Objects, object(2)), true
	for range 2 { // written again unchanged, as after a lost answer
		if err := run.Write(ctx, store, raw, m); err != nil {
			t.Fatal(err)
		}
	}
	got, err := run.Read(ctx, store, raw, m.Run)
	if err != nil || !slices.Equal(got.Objects, m.Objects) || !got.Sealed || got.Created.IsZero() {
		t.Errorf("read %+v, %v", got, err)
	}
	m.Objects = m.Objects[:1]
	if err := run.Write(ctx, store, raw, m); !errors.Is(err, run.ErrSealed) {
		t.Errorf("change of a sealed run: %v, want ErrSealed", err)
	}
	m.Sealed = false
	if err := run.Write(ctx, store, raw, m); !errors.Is(err, run.ErrSealed) {
		t.Errorf("a sealed run was opened again: %v, want ErrSealed", err)
	}
}

func TestDropManifestIsWrittenOnce(t *testing.T) {
	t.Parallel()
	ctx, store := t.Context(), memblob.New(raw)
	m := run.Drop(object(1))
	if err := run.Write(ctx, store, raw, m); err != nil {
		t.Fatal(err)
	}
	first, err := run.Read(ctx, store, raw, m.Run)
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Write(ctx, store, raw, m); err != nil {
		t.Fatal(err)
	}
	if second, err := run.Read(ctx, store, raw, m.Run); err != nil || !second.Created.Equal(first.Created) {
		t.Errorf("the second write replaced the first: %v", err)
	}
}

func TestRunIDs(t *testing.T) {
	t.Parallel()
	a, b := run.NewID(), run.NewID()
	if len(a) != 26 || a == b {
		t.Errorf("ids %s and %s", a, b)
	}
	for _, id := range []string{"", "..", "a/b", "../secret", "a.b", "-a", strings.Repeat("a", 129), "a b"} {
		if _, err := run.Read(t.Context(), memblob.New(raw), raw, id); !errors.Is(err, run.ErrNotFound) || id != "" && strings.Contains(err.Error(), id+":") {
			t.Errorf("id %q: %v, want ErrNotFound", id, err)
		}
	}
}

func TestDamagedManifest(t *testing.T) {
	t.Parallel()
	store := memblob.New(raw)
	for id, body := range map[string]string{"cut": `{"run":"cut","obj`, "other": `{"run":"else"}`} {
		if _, err := store.Put(t.Context(), blob.Location{Bucket: raw, Key: run.Prefix + id + ".json"}, strings.NewReader(body), int64(len(body)), blob.PutOptions{}); err != nil {
			t.Fatal(err)
		}
		if _, err := run.Read(t.Context(), store, raw, id); err == nil || errors.Is(err, run.ErrNotFound) {
			t.Errorf("%s: %v, want that it is damaged", id, err)
		}
	}
}

// end is the message that ends an object's way.
func end(t *testing.T, o objref.Object, env string, stage objref.Stage, out *objref.Outcome, in string) bus.Message {
	t.Helper()
	r := objref.Ref{Entity: "interaction", Environment: env, Run: in, Tenant: objref.Several, Rows: 7, Outcome: out,
		Object: objref.Object{Bucket: "maskrail-masked", Key: "masked/" + in, Version: "etag:1", SHA256: "00"}, Source: &o, Policy: "sha256:1", KeyEpoch: 3}
	if env == "" { // stopped by the exporter: there is no masked object yet
		r.Object, r.Source = o, nil
	}
	subject := r.Subject(stage)
	if stage == objref.AtDead {
		subject = objref.DeadSubject("masker", env)
	}
	m, err := objref.Encode(r, stage, subject, "/test")
	if err != nil {
		t.Fatal(err)
	}
	m.Header["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	return m
}

func TestProject(t *testing.T) {
	t.Parallel()
	const env = "sandbox-01"
	loaded := &objref.Outcome{State: objref.Loaded, Loaded: 7}
	skipped := &objref.Outcome{State: objref.Skipped, Skipped: 7}
	rejected := &objref.Outcome{State: objref.Rejected, Reason: &objref.Reason{Service: "masker", Class: "unknown-field", Field: "extra"}}
	dead := &objref.Outcome{State: objref.Dead, Reason: &objref.Reason{Service: "loader", Class: "internal"}}
	o := object(1)
	onItsWay := end(t, o, env, objref.AtMasked, nil, "r1")
	onItsWay.Subject = "maskrail.loaded." + env + ".x.y"
	tests := []struct {
		name string
		msgs []bus.Message
		want objref.State // "" for none
		run  string
	}{
		{"nothing", nil, "", ""},
		{"loaded", []bus.Message{end(t, o, env, objref.AtLoaded, loaded, "r1")}, objref.Loaded, "r1"},
		{"skipped", []bus.Message{end(t, o, env, objref.AtLoaded, skipped, "r1")}, objref.Skipped, "r1"},
		{"rejected", []bus.Message{end(t, o, env, objref.AtRejected, rejected, "r1")}, objref.Rejected, "r1"},
		{"dead", []bus.Message{end(t, o, env, objref.AtDead, dead, "r1")}, objref.Dead, "r1"},
		{"stopped by the exporter", []bus.Message{end(t, o, "", objref.AtRejected, rejected, "r1")}, objref.Rejected, "r1"},
		{"dead in the exporter", []bus.Message{end(t, o, "", objref.AtDead, dead, "r1")}, objref.Dead, "r1"},
		{"another environment", []bus.Message{end(t, o, "other", objref.AtLoaded, loaded, "r1")}, "", ""},
		{"released", []bus.Message{end(t, o, env, objref.AtRejected, rejected, "r1"), end(t, o, env, objref.AtLoaded, loaded, "r2")}, objref.Loaded, "r2"},
		{"rejected after it was loaded", []bus.Message{end(t, o, env, objref.AtLoaded, loaded, "r1"), end(t, o, env, objref.AtRejected, rejected, "r2")}, objref.Loaded, "r1"},
		{"dead after it was skipped", []bus.Message{end(t, o, env, objref.AtLoaded, skipped, "r1"), end(t, o, env, objref.AtDead, dead, "r2")}, objref.Skipped, "r1"},
		{"replayed", []bus.Message{end(t, o, env, objref.AtLoaded, loaded, "r1"), end(t, o, env, objref.AtLoaded, skipped, "r2")}, objref.Loaded, "r1"},
		{"reloaded", []bus.Message{end(t, o, env, objref.AtLoaded, loaded, "r1"), end(t, o, env, objref.AtLoaded, loaded, "r2")}, objref.Loaded, "r2"},
		{"not ended", []bus.Message{onItsWay}, "", ""},
		{"no reference", []bus.Message{{Subject: "maskrail.loaded." + env + ".x.y", Data: []byte("{}")}}, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := membus.New(bus.Streams(bus.Horizon))
				states, err := run.OpenStates(t.Context(), b)
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := withCancel(t)
				done := make(chan error, 1)
				start := func() { go func() { done <- run.Project(ctx, b, states, env) }() }
				start()
				for i, m := range tt.msgs {
					if err := b.Publish(t.Context(), m); err != nil {
						t.Fatal(err)
					}
					time.Sleep(time.Second) // the bubble's clock: one message is later than the other
					if i == 0 {             // a restart goes on where it was
						cancel()
						<-done
						ctx, cancel = withCancel(t)
						start()
					}
				}
				synctest.Wait()
				e, err := states.Get(t.Context(), env, o.Identity())
				switch {
				case tt.want == "":
					if !errors.Is(err, bus.ErrNotFound) {
						t.Errorf("state %s, %v, want none", e.State, err)
					}
				case err != nil || e.State != tt.want || e.Run != tt.run:
					t.Errorf("state %q of run %q, %v, want %q of %q", e.State, e.Run, err, tt.want, tt.run)
				case e.Trace != "0af7651916cd43dd8448eb211c80319c" || e.Entity != "interaction" || e.Rows != 7 || e.Time.IsZero():
					t.Errorf("entry %+v", e)
				}
				cancel()
				if err := <-done; !errors.Is(err, errStopped) {
					t.Errorf("project ends with %v, want the cause of its context", err)
				}
			})
		})
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	entry := func(s objref.State) *run.Entry {
		e := &run.Entry{State: s, Rows: 10, Trace: "t"}
		switch s {
		case objref.Loaded:
			e.Loaded = 10
		case objref.Skipped:
			e.Skipped = 10
		default:
			e.Reason = &objref.Reason{Class: "detector-hit", Field: "notes"}
		}
		return e
	}
	l, s, r, d := entry(objref.Loaded), entry(objref.Skipped), entry(objref.Rejected), entry(objref.Dead)
	tests := []struct {
		name   string
		states []*run.Entry // nil for an object on its way
		open   bool         // the run is not sealed
		failed int          // windows of an export that were given up
		want   int
	}{
		{"empty", nil, false, 0, http.StatusOK},
		{"not sealed", []*run.Entry{l}, true, 0, http.StatusAccepted},
		{"on its way", []*run.Entry{l, nil}, false, 0, http.StatusAccepted},
		{"rejected, others on their way", []*run.Entry{r, nil}, false, 0, http.StatusAccepted},
		{"all loaded", []*run.Entry{l, l}, false, 0, http.StatusOK},
		{"loaded and skipped", []*run.Entry{l, s}, false, 0, http.StatusOK},
		{"one rejected", []*run.Entry{l, r}, false, 0, http.StatusConflict},
		{"one dead", []*run.Entry{d, l}, false, 0, http.StatusConflict},
		{"windows given up", []*run.Entry{l}, false, 2, http.StatusConflict},
		{"windows given up, others on their way", []*run.Entry{nil}, false, 2, http.StatusAccepted},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			states, err := run.OpenStates(t.Context(), membus.New(nil))
			if err != nil {
				t.Fatal(err)
			}
			m := run.Manifest{Run: "r", Sealed: !tt.open, Failed: tt.failed}
			for i, e := range tt.states {
				m.Objects = append(m.Objects, object(i))
				if e != nil {
					if err := states.Put(t.Context(), "env", object(i).Identity(), *e); err != nil {
						t.Fatal(err)
					}
				}
			}
			rep, err := run.Status(t.Context(), m, states, "env")
			if err != nil {
				t.Fatal(err)
			}
			if rep.HTTPStatus() != tt.want || rep.Failed != tt.failed {
				t.Errorf("status %d, want %d", rep.HTTPStatus(), tt.want)
			}
			if rep.Loaded+rep.Skipped+rep.Rejected+rep.Dead+rep.Pending != len(tt.states) || rep.Objects != len(tt.states) {
				t.Errorf("objects do not add up: %+v", rep)
			}
			if len(rep.Stopped) != rep.Rejected+rep.Dead || int(rep.Rows) != 10*(rep.Objects-rep.Pending) || int(rep.RowsLoaded) != 10*rep.Loaded {
				t.Errorf("report %+v", rep)
			}
		})
	}
}

func TestStatesAreSeparate(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	states, err := run.OpenStates(ctx, membus.New(nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, env := range []string{"a", "ab", "a.b"} {
		if err := states.Put(ctx, env, object(1).Identity(), run.Entry{State: objref.Loaded, Run: env}); err != nil {
			t.Fatal(err)
		}
	}
	for _, env := range []string{"a", "ab", "a.b"} {
		n := 0
		err := states.All(ctx, env, func(id string, e run.Entry) error {
			if n++; e.Run != env || id != object(1).Identity() {
				t.Errorf("environment %s sees the entry of %s", env, e.Run)
			}
			return nil
		})
		if err != nil || n != 1 {
			t.Errorf("environment %s: %d entries, %v", env, n, err)
		}
		if known, err := states.Known(ctx, env); err != nil || len(known) != 1 || !known[object(1).Identity()] {
			t.Errorf("environment %s: known %v, %v", env, known, err)
		}
	}
}
