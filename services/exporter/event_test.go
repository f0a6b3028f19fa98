package exporter_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/run"
	"github.com/maskrail/maskrail/services/exporter"
)

func TestEvents(t *testing.T) {
	t.Parallel()
	const key = "interaction/tenant=acme/a b+c%d ü " + canary + ".csv"
	tests := []struct {
		name string
		do   func(*bench)
		want []string // of RAW
	}{
		{"created", func(b *bench) { b.notify("s3:ObjectCreated:Put", b.put(key, "x")) }, []string{key}},
		{"created, as AWS says it", func(b *bench) { b.notifyAWS(b.put(key, "x")) }, []string{key}},
		{"completed from parts", func(b *bench) { b.notify("s3:ObjectCreated:CompleteMultipartUpload", b.put(key, "x")) }, []string{key}},
		{"told of twice", func(b *bench) {
			o := b.put(key, "x")
			b.notify("s3:ObjectCreated:Put", o)
			b.notifyAWS(o)
		}, []string{key}},
		{"overwritten before it was looked at", func(b *bench) {
			old := b.put(key, "x")
			now := b.put(key, "y")
			b.notify("s3:ObjectCreated:Put", old)
			b.notify("s3:ObjectCreated:Put", now)
		}, []string{key}},
		{"overwritten afterwards", func(b *bench) {
			b.notify("s3:ObjectCreated:Put", b.put(key, "x"))
			b.notify("s3:ObjectCreated:Put", b.put(key, "y"))
		}, []string{key, key}},
		{"gone", func(b *bench) {
			b.notify("s3:ObjectCreated:Put", objref.Object{Bucket: raw, Key: key, ETag: "0"})
		}, nil},
		{"removed", func(b *bench) { b.notify("s3:ObjectRemoved:Delete", b.put("_"+key, "x")) }, nil},
		{"another bucket", func(b *bench) { b.notify("s3:ObjectCreated:Put", b.putIn("other", key, "x")) }, nil},
		{"a key of ours", func(b *bench) { b.notify("s3:ObjectCreated:Put", b.put("_runs/x.json", "{}")) }, nil},
		{"a folder's marker", func(b *bench) { b.notify("s3:ObjectCreated:Put", b.put("interaction/", "")) }, nil},
		{"test event", func(b *bench) { b.publish(`{"Service":"S3","Event":"s3:TestEvent","Bucket":"b"}`) }, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in(t, func(t *testing.T) {
				b := newBench(t, "sandbox")
				b.config.Sweep = 24 * time.Hour // events alone
				stop := b.start()
				defer stop()
				tt.do(b)
				wait(time.Hour)
				var want []string
				for _, k := range tt.want {
					want = append(want, "maskrail.raw.interaction._ "+k)
				}
				if got := b.announced(bus.Raw); !slices.Equal(got, want) {
					t.Errorf("announced %q, want %q", got, want)
				}
				for _, s := range []string{bus.Rejected, bus.Dead, bus.Replay} {
					if m := b.messages(s); len(m) != 0 {
						t.Errorf("%d messages in %s", len(m), s)
					}
				}
			})
		})
	}
}

func TestReferenceAndManifest(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T) {
		b := newBench(t, "sandbox")
		stop := b.start()
		o := b.put("interaction/a.csv", "hello")
		b.notify("s3:ObjectCreated:Put", o)
		stop()
		m := b.messages(bus.Raw)[0]
		r, stage, err := objref.Decode(m)
		if err != nil || stage != objref.AtRaw {
			t.Fatalf("stage %s, %v", stage, err)
		}
		want := objref.Ref{Entity: "interaction", Tenant: objref.Several, Run: objref.DropRun(o), Object: o}
		if g, w := fmt.Sprintf("%#v", r), fmt.Sprintf("%#v", want); g != w || r.Object.Bytes != 5 || r.Object.SHA256 == "" {
			t.Errorf("reference\n%s, want\n%s", g, w)
		}
		if m.ID != want.MessageID(objref.AtRaw) || m.Header["traceparent"] == "" {
			t.Errorf("message id %s with headers %v", m.ID, m.Header)
		}
		manifest, err := run.Read(t.Context(), b.store, raw, r.Run)
		if err != nil || !manifest.Sealed || manifest.Source != run.SourceDrop || !slices.Equal(manifest.Objects, []objref.Object{o}) {
			t.Errorf("manifest %+v, %v", manifest, err)
		}
		// The event's span is the parent of the announcement's, and points to the one who dropped the object.
		var linked bool
		for _, s := range b.spans.all {
			if j, _ := json.Marshal(s); strings.Contains(string(j), "a.csv") {
				t.Errorf("span %s shows the key", s.Name)
			}
			if strings.HasPrefix(s.Name, "process ") {
				linked = linked || slices.Contains(s.Links, "0af7651916cd43dd8448eb211c80319c:b7ad6b7169203331")
			}
		}
		if !linked {
			t.Error("no span has a link to the one in the object's metadata")
		}
	})
}

func TestKeysThatNameNoEntity(t *testing.T) {
	t.Parallel()
	tests := []struct{ key, class string }{
		{canary + ".csv", exporter.ClassNoEntity},
		{"/" + canary, exporter.ClassNoEntity},
		{"interaction", exporter.ClassNoEntity},
		{canary + "/a.csv", exporter.ClassEntityName},
		{"tel" + canary + "/a.csv", exporter.ClassEntityName},
		{"Alice Smith/" + canary, exporter.ClassEntityName},
		{"ünter/" + canary, exporter.ClassEntityName},
		{strings.Repeat("a", 64) + "/" + canary, exporter.ClassEntityName},
		{"alice/" + canary, exporter.ClassUnknownEntity},
	}
	for _, byEvent := range []bool{true, false} {
		for _, tt := range tests {
			t.Run(fmt.Sprintf("%s, event %v", tt.class, byEvent), func(t *testing.T) {
				t.Parallel()
				in(t, func(t *testing.T) {
					b := newBench(t, "sandbox", "second")
					b.config.Entities = []string{"interaction", "conversation"}
					stop := b.start()
					defer stop()
					o := b.put(tt.key, "x")
					if byEvent {
						b.notify("s3:ObjectCreated:Put", o)
					}
					wait(48 * time.Hour) // what is parked stays parked
					all := b.messages(bus.Rejected)
					if len(all) != 1 || len(b.messages(bus.Raw))+len(b.messages(bus.Replay))+len(b.messages(bus.Dead)) != 0 {
						t.Fatalf("%d messages in REJECTED, %d in RAW, %d in REPLAY, %d in DEAD, want one in REJECTED",
							len(all), len(b.messages(bus.Raw)), len(b.messages(bus.Replay)), len(b.messages(bus.Dead)))
					}
					r, _, err := objref.Decode(all[0])
					if err != nil {
						t.Fatal(err)
					}
					if r.Outcome.Reason.Class != tt.class || r.Outcome.Reason.Service != exporter.Name || r.Object.Identity() != o.Identity() {
						t.Errorf("reason %+v", *r.Outcome.Reason)
					}
					if shown := all[0].Subject + r.Outcome.Reason.String(); strings.Contains(shown, canary) || strings.Contains(strings.ToLower(shown), "alice") {
						t.Errorf("subject or reason shows the key: %s", shown)
					}
				})
			})
		}
	}
}

func TestUnknownNotificationIsDead(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T) {
		b := newBench(t, "sandbox")
		stop := b.start()
		defer stop()
		o := b.put("interaction/"+canary, "x")
		b.publish(`{"detail":{"object":{"key":"` + o.Key + `"}}}`)
		dead := b.messages(bus.Dead)
		if len(dead) != 1 || strings.Contains(string(dead[0].Data), canary) {
			t.Fatalf("%d dead letters", len(dead))
		}
		wait(2 * b.config.Sweep)
		if got := b.announced(bus.Raw); len(got) != 1 {
			t.Errorf("the sweep announced %q, want the object of the notification", got)
		}
	})
}

func TestStoreThatFails(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T) {
		b := newBench(t, "sandbox")
		o := b.put("interaction/a.csv", "x")
		away := &blackout{Store: b.store}
		away.out.Store(true)
		b.store = away
		stop := b.start()
		defer stop()
		b.notify("s3:ObjectCreated:Put", o)
		wait(6 * time.Hour)
		if n := len(b.messages(bus.Raw)) + len(b.messages(bus.Dead)); n != 0 {
			t.Errorf("%d messages while the store is away", n)
		}
		away.out.Store(false)
		wait(10 * time.Minute)
		if got := b.announced(bus.Raw); len(got) != 1 {
			t.Errorf("announced %q after the store came back", got)
		}
		if _, err := b.store.Head(t.Context(), blob.Location{Bucket: raw, Key: run.Prefix + objref.DropRun(o) + ".json"}); err != nil {
			t.Errorf("manifest: %v", err)
		}
	})
}
