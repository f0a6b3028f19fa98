package exporter_test

import (
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/genesyssim"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/synth"
	"github.com/maskrail/maskrail/services/exporter"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

func unclearTenant(t *testing.T) {
	for oddity, held := range map[string]string{
		synth.TenantByQueue:     "", // told by the queue
		synth.TenantByDivision:  "", // told by the division
		synth.TenantByDivisions: source.ClassTenantConflict,
		synth.TenantNowhere:     source.ClassTenantMissing,
		synth.TenantBlank:       source.ClassTenantBlank,
		synth.TenantUnknown:     source.ClassTenantUnknown,
		synth.TenantConflict:    source.ClassTenantConflict,
		synth.TenantCase:        source.ClassTenantKey,
	} {
		t.Run(oddity, func(t *testing.T) {
			t.Parallel()
			visit(t, time.Time{}, func(w *genesyssim.Config, s *exporter.Source) {
				w.Odd = []genesyssim.Oddity{{Tenant: oddity, Every: 4}}
				s.KnownTenants = synth.Tenants
				// The ids are of the seed alone.
				sim, err := genesyssim.New(*w)
				if err != nil {
					t.Fatal(err)
				}
				s.Queues, s.Divisions = sim.Queues(), sim.Divisions()
			}, func(c *centre) {
				c.export(c.day(2))
				want, odd := c.truth(c.day(2)), 0
				seen := map[string]int{}
				for _, r := range c.records() {
					talk, ok := want[r.id]
					reason := ""
					if ok && talk.Oddity != "" {
						reason = held
					}
					switch {
					case !ok:
						c.t.Error("a record does not belong there")
					case r.held != reason:
						c.t.Errorf("a %s with %q is held for %q, want %q", r.entity, talk.Oddity, r.held, reason)
					case r.held == "" && r.tenant != objref.Several && r.tenant != talk.Tenant:
						c.t.Errorf("a %s is %s's, want %s's", r.entity, r.tenant, talk.Tenant)
					case r.held != "" && r.entity != "conversation":
						c.t.Errorf("a %s is held", r.entity)
					}
					seen[r.entity+" "+r.id]++
				}
				for id, talk := range want {
					flat := 1
					if talk.Oddity != "" {
						odd++
						if held != "" {
							flat = 0
						}
					}
					if seen["conversation "+id] != 1 || seen["interaction "+id] != flat {
						c.t.Errorf("a conversation with %q lies there %d times, its projection %d times", talk.Oddity, seen["conversation "+id], seen["interaction "+id])
					}
				}
				rejected := c.messages(bus.Rejected)
				for _, m := range rejected {
					r, _, err := objref.Decode(m)
					if err != nil || r.Outcome == nil || r.Outcome.Reason.Class != held {
						c.t.Errorf("rejected for %+v, %v", r.Outcome, err)
					}
				}
				if odd == 0 || (len(rejected) > 0) != (held != "") {
					c.t.Errorf("%d are odd, %d objects rejected", odd, len(rejected))
				}
				c.onBus()
			})
		})
	}
}

// TestCustomAttributes: where the configuration says so, conversations whose records tell no tenant have it from their custom
// attributes, asked for at half the rate that the source may have.
func TestCustomAttributes(t *testing.T) {
	t.Parallel()
	visit(t, time.Time{}, func(w *genesyssim.Config, s *exporter.Source) {
		w.CustomKey, w.Odd = "owner", []genesyssim.Oddity{{Tenant: "nowhere", Every: 1}}
		s.CustomAttributes, s.CustomAttributeKey, s.RateLimit = true, "owner", 60
	}, func(c *centre) {
		began := time.Now()
		c.export(c.day(2))
		owner, n := map[string]string{}, 0
		for v := range c.sim.Conversations(c.day(3).From, c.day(2).To) {
			owner[v.ID] = v.Tenant
		}
		for _, r := range c.records() {
			if r.entity != "interaction" {
				continue
			}
			if n++; r.held != "" || !strings.Contains(r.body, `"tenant_id":"`+owner[r.id]+`","tenant_source":"custom-attribute"`) {
				t.Errorf("a conversation of %s is held for %q, or not his", owner[r.id], r.held)
			}
		}
		if took := time.Since(began); n < 30 || took < time.Duration(n-1)*2*time.Second {
			t.Errorf("%d interactions in %s", n, took)
		}
	})
}
