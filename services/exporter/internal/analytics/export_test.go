package analytics

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/genesyssim"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

func TestExport(t *testing.T) {
	t.Parallel()
	simulate(t, nil, func(o *org) {
		w := o.day(3)
		b := o.must(source.Task{Run: "run", Window: w})
		want := o.truth(w, o.now)
		o.same(b.flat(), want)
		if b.noted() != "job-created job-done" {
			o.Errorf("noted %s", b.noted())
		}
		// The records are as they were delivered.
		records := map[string][]byte{}
		for _, line := range b.lines(Conversation, false) {
			c, _ := parse(line)
			records[c.id] = line
		}
		for id, c := range want {
			if !bytes.Equal(records[id], c.At(o.now)) {
				o.Fatal("a record was changed")
			}
		}
		if len(records) != len(want) || len(b.lines(Conversation, true)) != 0 {
			o.Errorf("%d records of %d conversations", len(records), len(want))
		}
		for key, p := range b.parts {
			if !strings.Contains(key, "/19991229T000000000Z-19991230T000000000Z-") || p.Tenant != objref.Several {
				o.Errorf("part %s of %s", key, p.Tenant)
			}
		}
		// A task that is done is done.
		if before := b.taken(); o.export(b, source.Task{Run: "run", Window: w}) != nil || b.taken() != before {
			o.Error("a task that was done has done something")
		}
	})
}

// TestWindows: windows side by side deliver every conversation that has ended, in one of them, however long it took and
// wherever in the day it began.
func TestWindows(t *testing.T) {
	t.Parallel()
	var midnight time.Time
	simulate(t, func(world *genesyssim.Config, _ *Config) {
		midnight = world.From.AddDate(0, 0, 3)
		world.Also = []genesyssim.Special{
			{Start: midnight.Add(-10 * time.Millisecond), Lasts: time.Minute}, // 23:59:59.990
			{Start: midnight.Add(-10 * time.Millisecond), Lasts: 96 * time.Hour},
			{Start: midnight, Lasts: time.Hour},
			{Start: midnight.Add(-time.Hour), Lasts: time.Hour - time.Millisecond},
			{Start: midnight.Add(time.Hour), Lasts: 100 * 24 * time.Hour}, // still open
		}
	}, func(o *org) {
		got := map[string]interaction{}
		for day := 7; day >= 1; day-- {
			for id, i := range o.must(source.Task{Window: o.day(day)}).flat() {
				if _, twice := got[id]; twice {
					o.Errorf("conversation %s is in two windows", id)
				}
				got[id] = i
			}
		}
		o.same(got, o.truth(objref.Window{From: o.now.AddDate(0, 0, -7), To: o.now}, o.now))
	})
}

// TestSeam: what ends on the very millisecond between two windows is in at least one.
func TestSeam(t *testing.T) {
	t.Parallel()
	simulate(t, func(world *genesyssim.Config, _ *Config) {
		midnight := world.From.AddDate(0, 0, 3)
		world.Count, world.Every = 1, time.Hour
		world.Also = []genesyssim.Special{{Start: midnight.Add(-time.Hour), Lasts: time.Hour}}
	}, func(o *org) {
		both := len(o.must(source.Task{Window: o.day(5)}).flat()) + len(o.must(source.Task{Window: o.day(4)}).flat())
		if both == 0 {
			o.Error("it is in neither window")
		}
	})
}

// TestOpen: a conversation that goes on is left for the window in which it ends, or taken in the one in which it began when
// that is wanted, and again when it has ended.
func TestOpen(t *testing.T) {
	t.Parallel()
	for _, open := range []bool{false, true} {
		simulate(t, func(world *genesyssim.Config, c *Config) {
			c.Open = open
			world.Count, world.Every = 1, time.Hour
			world.Also = []genesyssim.Special{{Start: world.From.AddDate(0, 0, 6).Add(time.Hour), Lasts: 30 * time.Hour}}
		}, func(o *org) {
			begun := o.must(source.Task{Window: o.day(1)}).flat()
			if len(begun) == 1 != open {
				o.Errorf("open is %v: %d interactions", open, len(begun))
			}
			for _, i := range begun {
				if i.EndTime != "" || i.DurationMs != nil {
					o.Errorf("it has ended: %+v", i)
				}
			}
			time.Sleep(24 * time.Hour)
			if ended := o.must(source.Task{Window: o.day(0)}).flat(); len(ended) != 1 {
				o.Errorf("%d interactions when it has ended", len(ended))
			}
		})
	}
}

func TestPageBoundaries(t *testing.T) {
	t.Parallel()
	for _, count := range []int64{0, 1, 24, 25, 26, 50, 51} {
		simulate(t, func(world *genesyssim.Config, c *Config) {
			world.From, world.Every = world.From.AddDate(0, 0, 4), time.Minute
			world.Count = max(count, 1)
		}, func(o *org) {
			w := objref.Window{From: o.now.AddDate(0, 0, -3), To: o.now}
			if count == 0 {
				w = objref.Window{From: o.now.AddDate(0, 0, -20), To: o.now.AddDate(0, 0, -19)}
			}
			b := o.must(source.Task{Window: w})
			if count == 0 {
				if len(b.parts) != 0 || b.noted() != "job-created job-done" {
					o.Errorf("an empty window has %d parts, noted %s", len(b.parts), b.noted())
				}
				return
			}
			o.same(b.flat(), o.truth(w, o.now))
		})
	}
}

// TestWrite: entities that are not wanted are not there, and conversations that are held are there in any case.
func TestWrite(t *testing.T) {
	t.Parallel()
	for _, write := range [][]string{{Conversation}, {Interaction}, {Conversation, Interaction}} {
		simulate(t, func(world *genesyssim.Config, c *Config) {
			world.Odd = []genesyssim.Oddity{{Tenant: "nowhere", Every: 10}}
			c.Write = write
		}, func(o *org) {
			b := o.must(source.Task{Window: o.day(3)})
			for _, entity := range []string{Conversation, Interaction} {
				if there := len(b.lines(entity, false)) > 0; there != slices.Contains(write, entity) {
					o.Errorf("write %v: %s is there: %v", write, entity, there)
				}
			}
			if len(b.lines(Conversation, true)) == 0 || len(b.lines(Interaction, true)) != 0 {
				o.Errorf("write %v: held ones are not there as conversations", write)
			}
		})
	}
}

// TestAvailable: nothing is asked for that the provider does not have yet, also when it goes back.
func TestAvailable(t *testing.T) {
	t.Parallel()
	simulate(t, func(world *genesyssim.Config, _ *Config) { world.Lag = 6 * time.Hour }, func(o *org) {
		if err := o.sim.Inject(genesyssim.Fault{On: "GET " + jobsPath + "/availability", Do: genesyssim.Earlier, Nth: 2, Delay: time.Hour}); err != nil {
			o.Fatal(err)
		}
		for _, want := range []time.Duration{6 * time.Hour, 7 * time.Hour, 6 * time.Hour} {
			at, err := o.src.Available(o.Context())
			if late := o.now.Sub(at); err != nil || late < want-time.Second || late > want || at.Location() != time.UTC {
				o.Errorf("available until %s ago, %v, want %s", late, err, want)
			}
		}
		if schemas, err := o.src.Schemas(o.Context()); err != nil || schemas != nil {
			o.Errorf("schemas %v, %v", schemas, err)
		}
	})
}

// TestTenants: conversations of a tenant are those whose tenant is told to be it, from wherever, and the records that do not
// say it themselves lie in objects of that tenant alone. One that cannot be told holds nothing but itself.
func TestTenants(t *testing.T) {
	t.Parallel()
	odd := []genesyssim.Oddity{
		{Tenant: "queue", Every: 7}, {Tenant: "division", Every: 11}, {Tenant: "divisions", Every: 13}, {Tenant: "nowhere", Every: 17},
		{Tenant: "blank", Every: 19}, {Tenant: "unknown", Every: 23}, {Tenant: "conflict", Every: 29}, {Tenant: "case", Every: 31},
	}
	classes := map[string]string{
		"divisions": source.ClassTenantConflict, "nowhere": source.ClassTenantMissing, "blank": source.ClassTenantBlank, "unknown": source.ClassTenantUnknown, "conflict": source.ClassTenantConflict, "case": source.ClassTenantKey,
	}
	sources := map[string]string{"": FromAttribute, "queue": FromQueue, "division": FromDivision}
	configure := func(world *genesyssim.Config, c *Config) {
		world.Every, world.Odd = 5*time.Minute, odd
		known, err := genesyssim.New(*world)
		if err != nil {
			t.Fatal(err)
		}
		c.Tenants = Tenants{Known: []string{"acme", "globex", "initech"}, Queues: known.Queues(), Divisions: known.Divisions()}
	}
	simulate(t, configure, func(o *org) {
		w := o.day(3)
		truth := o.truth(w, o.now)
		b := o.must(source.Task{Window: w})
		flat, held := b.flat(), map[string]string{}
		for _, p := range b.parts {
			if p.Held == nil {
				continue
			}
			for line := range bytes.Lines(p.Body) {
				c, _ := parse(line)
				held[c.id] = p.Held.Class
			}
			if p.Held.Count != p.Rows || p.Held.Detail == "" || !strings.HasSuffix(p.Name, "-"+p.Held.Class) {
				o.Errorf("part %s is held for %+v", p.Name, p.Held)
			}
		}
		seen := map[string]int{}
		for id, c := range truth {
			seen[c.Oddity]++
			if want, odd := classes[c.Oddity]; odd {
				if _, there := flat[id]; there || held[id] != want {
					o.Errorf("oddity %q: held as %q, want %q", c.Oddity, held[id], want)
				}
				continue
			}
			if i := flat[id]; i.TenantID != c.Tenant || i.TenantSource != sources[c.Oddity] {
				o.Errorf("oddity %q: %q from %q, want %q from %q", c.Oddity, i.TenantID, i.TenantSource, c.Tenant, sources[c.Oddity])
			}
		}
		if len(seen) != len(odd)+1 || len(flat)+len(held) != len(truth) {
			o.Errorf("%v oddities, %d interactions and %d held of %d", seen, len(flat), len(held), len(truth))
		}
		for key, p := range b.parts {
			if p.Entity != Conversation || p.Held != nil {
				continue
			}
			for line := range bytes.Lines(p.Body) {
				c, _ := parse(line)
				if found := flat[c.id].TenantSource; (found == FromAttribute) == strings.HasSuffix(key, "-"+source.Tag(p.Tenant)) {
					o.Errorf("a conversation whose tenant is told by %s lies in %s", found, key)
				}
			}
		}
		for _, tenants := range [][]string{{"acme"}, {"globex", "initech"}, {}} {
			some := o.must(source.Task{Window: w, Tenants: tenants}).flat()
			want := 0
			for id, i := range flat {
				if slices.Contains(tenants, i.TenantID) {
					want++
					if some[id].TenantID != i.TenantID {
						o.Errorf("%s is missing among those of %v", id, tenants)
					}
				}
			}
			if len(some) != want {
				o.Errorf("%d interactions of %v, want %d", len(some), tenants, want)
			}
		}
	})
}

func TestFilters(t *testing.T) {
	t.Parallel()
	simulate(t, func(_ *genesyssim.Config, c *Config) {
		c.Filters = []Filter{{"originatingDirection", "outbound"}, {"mediaType", "voice"}}
	}, func(o *org) {
		flat := o.must(source.Task{Window: o.day(3)}).flat()
		for _, i := range flat {
			if i.Direction != "OUTBOUND" || i.Channel != "voice" {
				o.Errorf("%s, %s", i.Direction, i.Channel)
			}
		}
		if len(flat) == 0 {
			o.Error("nothing is left")
		}
	})
}
