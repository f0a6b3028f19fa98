package exporter_test

import (
	"slices"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/memblob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/run"
)

// TestVersions: in a bucket with versioning every version that an event tells of is announced, in whatever order the
// events come, and a sweep adds the newest. Nothing comes of what was deleted.
func TestVersions(t *testing.T) {
	t.Parallel()
	const key = "interaction/latest.jsonl"
	tests := []struct {
		name  string
		do    func(b *bench, old, now objref.Object)
		sweep bool
		want  []int // versions that are announced
	}{
		{"in order", func(b *bench, old, now objref.Object) { b.created(old, now) }, false, []int{0, 1}},
		{"the newer one first", func(b *bench, old, now objref.Object) { b.created(now, old) }, false, []int{0, 1}},
		{"several times", func(b *bench, old, now objref.Object) { b.created(now, old, now, old, old) }, false, []int{0, 1}},
		{"the newer event is lost", func(b *bench, old, _ objref.Object) { b.created(old) }, true, []int{0, 1}},
		{"all events are lost", func(*bench, objref.Object, objref.Object) {}, true, []int{1}},
		{"deleted before the event", func(b *bench, old, now objref.Object) {
			_ = b.store.Delete(b.t.Context(), blob.Location{Bucket: raw, Key: key})
			b.created(old, now)
		}, true, nil},
		{"the old version is gone", func(b *bench, old, now objref.Object) {
			_ = b.store.Delete(b.t.Context(), old.Location())
			b.created(old, now)
		}, true, []int{1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in(t, func(t *testing.T) {
				b := newBench(t, "sandbox")
				b.store = memblob.NewVersioned(raw)
				stop := b.start()
				defer stop()
				versions := []objref.Object{b.put(key, "one"), b.put(key, "two")}
				tt.do(b, versions[0], versions[1])
				if tt.sweep {
					wait(b.config.Sweep + eventLag)
				}
				var got, want []string
				for _, m := range b.messages(bus.Raw) {
					r, _, err := objref.Decode(m)
					if err != nil || r.Run != objref.DropRun(r.Object) {
						t.Fatalf("run %s, %v", r.Run, err)
					}
					got = append(got, r.Object.Version)
					if _, err := run.Read(t.Context(), b.store, raw, r.Run); err != nil {
						t.Error(err)
					}
				}
				for _, v := range tt.want {
					want = append(want, versions[v].Version)
				}
				slices.Sort(got)
				if !slices.Equal(got, want) {
					t.Errorf("announced %q, want %q", got, want)
				}
				wait(time.Second)
				if n := len(b.messages(bus.Rejected)) + len(b.messages(bus.Dead)); n != 0 {
					t.Errorf("%d objects parked", n)
				}
			})
		})
	}
}

// created publishes an event of each object.
func (b *bench) created(objects ...objref.Object) {
	b.t.Helper()
	for _, o := range objects {
		b.notify("s3:ObjectCreated:Put", o)
	}
}
