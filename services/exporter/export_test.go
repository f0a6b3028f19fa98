package exporter_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/run"
	"github.com/maskrail/maskrail/services/exporter"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

const exportRun = "01JQ8Z3V5T7M9K2N4P6R8S0W1X"

// ways are how the exporter comes upon an object.
var ways = map[string]func(*bench, objref.Object){
	"event": func(b *bench, o objref.Object) { b.notify("s3:ObjectCreated:Put", o) },
	"sweep": func(b *bench, _ objref.Object) { wait(b.config.Sweep + eventLag) },
	"both": func(b *bench, o objref.Object) {
		wait(b.config.Sweep + eventLag)
		b.notifyAWS(o)
		b.notify("s3:ObjectCreated:Put", o)
	},
}

// TestObjectsOfARun: who sees the object makes no difference to its reference, and only a drop gets a manifest.
func TestObjectsOfARun(t *testing.T) {
	t.Parallel()
	const rest = "/part-" + canary + ".jsonl.zst"
	tests := map[string]struct {
		key, entity, tenant string
		drop                bool
	}{
		"of several tenants":     {"interaction/run=" + exportRun + rest, "interaction", objref.Several, false},
		"of one tenant":          {"conversation/run=" + exportRun + "/tenant=A=20=26=20B" + rest, "conversation", "A & B", false},
		"of the provider":        {"interaction/run=" + exportRun + "/a/b" + rest, "interaction", objref.Several, false},
		"a folder of somebody's": {"interaction/run=2026-03-09" + rest, "interaction", objref.Several, true},
		"another spelling":       {"interaction/run=" + exportRun + "/tenant=A%20B" + rest, "interaction", objref.Several, true},
	}
	for name, tt := range tests {
		for way, come := range ways {
			t.Run(name+", "+way, func(t *testing.T) {
				t.Parallel()
				in(t, func(t *testing.T) {
					b := newBench(t, "sandbox")
					stop := b.start()
					defer stop()
					o := b.put(tt.key, "{}")
					come(b, o)
					all := b.messages(bus.Raw)
					if len(all) != 1 {
						t.Fatalf("%d announcements, want one", len(all))
					}
					want := objref.Ref{Entity: tt.entity, Run: exportRun, Tenant: tt.tenant, Object: o}
					if tt.drop {
						want.Run = objref.DropRun(o)
					}
					r, _, err := objref.Decode(all[0])
					if g, w := fmt.Sprintf("%#v", r), fmt.Sprintf("%#v", want); err != nil || g != w || r.Object.Key != o.Key {
						t.Errorf("reference %s, want %s, %v", g, w, err)
					}
					if all[0].ID != want.MessageID(objref.AtRaw) || all[0].Subject != want.Subject(objref.AtRaw) {
						t.Errorf("message %s on %s", all[0].ID, all[0].Subject)
					}
					manifests := 0
					for range b.store.List(t.Context(), raw, run.Prefix) {
						manifests++
					}
					if (manifests == 1) != tt.drop {
						t.Errorf("%d manifests", manifests)
					}
				})
			})
		}
	}
}

// TestHeldObjects: what a source wants to be looked at is parked by whoever sees it first, once, in its own run.
func TestHeldObjects(t *testing.T) {
	t.Parallel()
	conflict := objref.Reason{Class: source.ClassTenantConflict, Field: "attributes.tenant_id", Detail: "3 conversations name two tenants", Count: 3}
	tests := map[string]struct {
		key      string
		metadata map[string]string
		want     objref.Reason
	}{
		"of a run":         {"conversation/run=" + exportRun + "/held.jsonl.zst", source.HoldMetadata(conflict), conflict},
		"of a tenant":      {"conversation/run=" + exportRun + "/tenant=acme/held.jsonl.zst", source.HoldMetadata(conflict), conflict},
		"another class":    {"conversation/run=" + exportRun + "/held.jsonl.zst", map[string]string{"maskrail-held": canary, "maskrail-held-detail": canary}, objref.Reason{Class: source.ClassHeld, Detail: "whoever stored the object wants it to be looked at"}},
		"of a drop":        {"conversation/held.jsonl", source.HoldMetadata(conflict), objref.Reason{Class: source.ClassTenantConflict, Detail: "a record names more than one tenant"}},
		"tenant's no name": {"conversation/run=" + exportRun + "/tenant=212-555-0147/part.jsonl.zst", nil, objref.Reason{Class: source.ClassTenantMalformed, Detail: "the tenant in the key looks like a value of class phone"}},
	}
	for name, tt := range tests {
		for way, come := range ways {
			t.Run(name+", "+way, func(t *testing.T) {
				t.Parallel()
				in(t, func(t *testing.T) {
					b := newBench(t, "sandbox", "second")
					stop := b.start()
					defer stop()
					stored, err := b.store.Put(t.Context(), blob.Location{Bucket: raw, Key: tt.key}, strings.NewReader("{}"), 2, blob.PutOptions{Metadata: tt.metadata})
					if err != nil {
						t.Fatal(err)
					}
					o := objref.From(stored)
					come(b, o)
					wait(48 * time.Hour) // what is parked stays parked
					all := b.messages(bus.Rejected)
					if len(all) != 1 || len(b.messages(bus.Raw))+len(b.messages(bus.Replay))+len(b.messages(bus.Dead)) != 0 {
						t.Fatalf("%d messages in REJECTED, %d in RAW, want one in REJECTED alone", len(all), len(b.messages(bus.Raw)))
					}
					r, _, err := objref.Decode(all[0])
					if err != nil {
						t.Fatal(err)
					}
					tt.want.Service = exporter.Name
					if *r.Outcome.Reason != tt.want || r.Entity != "conversation" || r.Object.Identity() != o.Identity() {
						t.Errorf("reason %+v of entity %s, want %+v", *r.Outcome.Reason, r.Entity, tt.want)
					}
					if want := exportRun; r.Run != want && tt.key != "conversation/held.jsonl" {
						t.Errorf("run %s, want %s", r.Run, want)
					}
					if strings.Contains(all[0].Subject+r.Outcome.Reason.String(), "555") {
						t.Errorf("subject or reason shows a value: %s", all[0].Subject)
					}
				})
			})
		}
	}
}

// TestHeldOfAnotherEntity: what is held is parked for the reason of its holder, also where nobody takes its entity: a source
// holds conversations although interactions alone are wanted.
func TestHeldOfAnotherEntity(t *testing.T) {
	t.Parallel()
	for first, entity := range map[string]string{"conversation": "conversation", "2125550147": "_"} {
		t.Run(entity, func(t *testing.T) {
			t.Parallel()
			heldOf(t, first, entity)
		})
	}
}

// heldOf parks an object whose key begins with first, and wants it to be of the entity.
func heldOf(t *testing.T, first, entity string) {
	in(t, func(t *testing.T) {
		b := newBench(t, "sandbox")
		b.config.Entities = []string{"interaction"}
		stop := b.start()
		defer stop()
		hold := source.HoldMetadata(objref.Reason{Class: source.ClassTenantBlank})
		key := first + "/run=" + exportRun + "/held.jsonl.zst"
		if _, err := b.store.Put(t.Context(), blob.Location{Bucket: raw, Key: key}, strings.NewReader("{}"), 2, blob.PutOptions{Metadata: hold}); err != nil {
			t.Fatal(err)
		}
		wait(48 * time.Hour)
		all := b.messages(bus.Rejected)
		if len(all) != 1 {
			t.Fatalf("%d messages in REJECTED", len(all))
		}
		if r, _, err := objref.Decode(all[0]); err != nil || r.Outcome.Reason.Class != source.ClassTenantBlank || r.Run != exportRun || r.Entity != entity {
			t.Errorf("%v of %s, %v: want the class %s of %s", r.Outcome, r.Entity, err, source.ClassTenantBlank, entity)
		}
	})
}

// TestTenantsThatAreListed: an operator's word that somebody is a tenant counts more than what his name looks like.
func TestTenantsThatAreListed(t *testing.T) {
	t.Parallel()
	const account = "212-555-0147"
	for name, list := range map[string]func(*exporter.Source){
		"wanted": func(s *exporter.Source) { s.Tenants = []string{account} },
		"known":  func(s *exporter.Source) { s.KnownTenants = []string{account} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in(t, func(t *testing.T) {
				b := newBench(t, "sandbox")
				secret := filepath.Join(t.TempDir(), "secret")
				if err := os.WriteFile(secret, []byte("s"), 0o600); err != nil {
					t.Fatal(err)
				}
				s := exporter.Source{
					Name: "prod", Type: run.SourceAnalytics, API: "http://127.0.0.1:1", Login: "http://127.0.0.1:1", ClientID: "c",
					ClientSecretFile: secret, Schedule: new(""),
				}
				list(&s)
				b.config.Sources = []exporter.Source{s}
				stop := b.start()
				defer stop()
				b.put(source.Place{Entity: "interaction", Run: exportRun, Tenant: account, Name: "a.jsonl"}.Key(), "{}")
				wait(5 * time.Minute)
				if raw, rejected := len(b.messages(bus.Raw)), len(b.messages(bus.Rejected)); raw != 1 || rejected != 0 {
					t.Errorf("%d announced, %d rejected", raw, rejected)
				}
			})
		})
	}
}

// TestKilledBetweenManifestAndAnnouncement: an exporter that was killed when the manifest was there and nothing on the bus, or
// when the event was not acknowledged yet, leaves nothing that the next one does otherwise.
func TestKilledBetweenManifestAndAnnouncement(t *testing.T) {
	t.Parallel()
	for way, come := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			in(t, func(t *testing.T) {
				b := newBench(t, "sandbox")
				o := b.put("interaction/a.csv", "x")
				if err := run.Write(t.Context(), b.store, raw, run.Drop(o)); err != nil {
					t.Fatal(err)
				}
				before, err := run.Read(t.Context(), b.store, raw, objref.DropRun(o))
				if err != nil {
					t.Fatal(err)
				}
				for range 2 {
					stop := b.start()
					come(b, o)
					stop()
				}
				all := b.messages(bus.Raw)
				if len(all) != 1 {
					t.Fatalf("%d announcements, want one", len(all))
				}
				r, _, err := objref.Decode(all[0])
				after, readErr := run.Read(t.Context(), b.store, raw, objref.DropRun(o))
				if err != nil || readErr != nil || r.Run != before.Run || !after.Created.Equal(before.Created) {
					t.Errorf("run %s, manifest of %s, want %s of %s", r.Run, after.Created, before.Run, before.Created)
				}
			})
		})
	}
}
