package validator

import (
	"encoding/json"
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/run"
	"github.com/maskrail/maskrail/libs/stage"
)

// quasiWorld has a policy that wants two rows of a tenant alike in line and dob.
func quasiWorld(t *testing.T) *world {
	w := setup(t)
	w.use(strings.Replace(string(readFile(t, "testdata/policy.yaml")), "fields:", "quasi: {columns: [line, dob], k: 2}\nfields:", 1))
	return w
}

// of makes an object of one raw object of a run.
func (w *world) of(source string, lines ...string) *object {
	o := w.goodAt(source)
	o.rows = nil
	for i, line := range lines {
		row := sample(i, "acme")
		row[o.at("line")] = line
		o.rows = append(o.rows, row)
	}
	o.count()
	raw := objref.Object{Bucket: "maskrail-raw", Key: "interaction/" + source, Version: "etag:" + source, SHA256: digest(nil)}
	o.ref.Source, o.masked.Source.Identity = &raw, raw.Identity()
	return o
}

func TestQuasi(t *testing.T) {
	t.Parallel()
	w := quasiWorld(t)
	out, err := w.validate(t.Context(), w.put(w.of("alike", "a", "b", "a", "b", "b")))
	if err != nil {
		t.Fatal(err)
	}
	w.proven(out[0])
	want := &Anonymity{Columns: []string{"line", "dob"}, K: 2, Objects: 1, Tenants: []TenantsAnonymity{{"acme", 5, 2, 2, 0}}}
	if report := w.reportOn(out[0]); !reflect.DeepEqual(report.Quasi, want) {
		t.Errorf("the report says %+v", report.Quasi)
	}
	reason, report := w.refused(w.put(w.of("alone", "a", "b", "a")))
	if reason.Class != ClassQuasi || reason.Count != 1 || report.Quasi.Tenants[0].Below != 1 {
		t.Errorf("refused as %v, %+v", reason, report.Quasi)
	}
}

func (w *world) reportOn(in objref.Ref) (r Report) {
	w.t.Helper()
	body := w.read(masked, in.Object.Key+ReportSuffix)
	if err := json.Unmarshal(body, &r); err != nil {
		w.t.Fatal(err)
	}
	return r
}

// TestQuasiOfARun: rows that are alone in their object are not alone in the run, which is judged when all of it is there.
func TestQuasiOfARun(t *testing.T) {
	t.Parallel()
	w := quasiWorld(t)
	first, second, third := w.of("first", "a", "b"), w.of("second", "b", "a", "c", "c"), w.of("third", "x")
	m := run.Manifest{Run: first.ref.Run, Source: run.SourceExport, Objects: []objref.Object{*first.ref.Source, *second.ref.Source, *third.ref.Source,
		{Bucket: "maskrail-raw", Key: "conversation/other", Version: "etag:1"}}}
	w.manifest(m)
	one, two := w.put(first), w.put(second)
	w.waits(one, "not sealed")
	m.Sealed = true
	w.manifest(m)
	w.waits(one, "not all")
	w.waits(two, "not all")
	third.rows[0][third.at("notes")] = "call " + leaked // its rows count for nobody
	bad := w.put(third)
	w.refused(bad)
	w.waits(two, "not all") // nobody knows yet that it ended
	states, err := run.OpenStates(t.Context(), w.bus)
	if err != nil {
		t.Fatal(err)
	}
	if err := states.Put(t.Context(), env, third.ref.Source.Identity(), run.Entry{State: objref.Rejected}); err != nil {
		t.Fatal(err)
	}
	for _, in := range []objref.Ref{one, two} {
		out, err := w.validate(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		if q := w.reportOn(out[0]).Quasi; q.Objects != 2 || q.Tenants[0] != (TenantsAnonymity{"acme", 6, 3, 2, 0}) {
			t.Errorf("the run has %+v", q)
		}
	}
}

func (w *world) manifest(m run.Manifest) {
	w.t.Helper()
	if err := run.Write(w.t.Context(), w.store, "maskrail-raw", m); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) waits(in objref.Ref, why string) {
	w.t.Helper()
	_, err := w.validate(w.t.Context(), in)
	if d, ok := stage.Delay(err); !ok || d != runWait || !strings.Contains(err.Error(), why) {
		w.t.Fatalf("want a wait because %s, got %v", why, err)
	}
}

func TestGroupsCodec(t *testing.T) {
	t.Parallel()
	g := groups{}
	g.add("acme", groupID{1}, 5)
	g.add("acme", groupID{2}, 1)
	g.add("", groupID{1}, 300)
	b := g.encode()
	got, ok := decodeGroups(b)
	if !ok || !maps.EqualFunc(got, g, maps.Equal) {
		t.Errorf("got %v, want %v", got, g)
	}
	for i := range b {
		if _, ok := decodeGroups(b[:i]); ok {
			t.Errorf("%d of %d bytes are taken for whole", i, len(b))
		}
	}
	if _, ok := decodeGroups(append(b, 0)); ok {
		t.Error("what follows is not noticed")
	}
}

func FuzzDecodeGroups(f *testing.F) {
	g := groups{}
	g.add("acme", groupID{1}, 5)
	f.Add(g.encode())
	f.Add([]byte{255, 255, 255, 255, 255, 255, 255, 255, 255, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		g, ok := decodeGroups(b)
		if !ok {
			return
		}
		again, ok := decodeGroups(g.encode())
		if !ok || !maps.EqualFunc(again, g, maps.Equal) {
			t.Errorf("%v is written so that it is read as %v", g, again)
		}
	})
}
