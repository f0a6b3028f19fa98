package genesyssim_test

import (
	"net/http"
	"testing"

	"github.com/maskrail/maskrail/libs/genesyssim"
)

// TestCustomAttributes: they name the tenant of every conversation, whatever its record says.
func TestCustomAttributes(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *genesyssim.Config) {
		c.CustomKey, c.Odd = "owner", []genesyssim.Oddity{{Tenant: "nowhere", Every: 2}}
	})
	odd := 0
	for c := range b.sim.Conversations(from, from.AddDate(0, 0, 1)) {
		type listing struct {
			Results []struct {
				ConversationID   string
				CustomAttributes map[string]string
			}
		}
		l := read[listing](t, b.call(http.StatusOK, http.MethodGet, "/api/v2/conversations/"+c.ID+"/customattributes", nil))
		if len(l.Results) != 1 || l.Results[0].ConversationID != c.ID || l.Results[0].CustomAttributes["owner"] != c.Tenant {
			t.Fatalf("%+v, want the tenant %s", l, c.Tenant)
		}
		if c.Oddity != "" {
			odd++
		}
	}
	if odd < 20 {
		t.Errorf("only %d conversations say their tenant nowhere else", odd)
	}
	b.call(http.StatusNotFound, http.MethodGet, "/api/v2/conversations/d0000000-0000-4000-8000-000000000001/customattributes", nil)
}

// TestNoCustomAttributes: without a key there are none, and without the permission nobody is told.
func TestNoCustomAttributes(t *testing.T) {
	t.Parallel()
	for status, change := range map[int]func(*genesyssim.Config){
		http.StatusNotFound: func(*genesyssim.Config) {},
		http.StatusForbidden: func(c *genesyssim.Config) {
			c.CustomKey = "owner"
			c.Clients = []genesyssim.Client{{ID: "maskrail", Secret: "simulated-secret", Without: []string{genesyssim.PermissionCustom}}}
		},
	} {
		b := setup(t, change)
		for c := range b.sim.Conversations(from, from.AddDate(0, 0, 1)) {
			b.call(status, http.MethodGet, "/api/v2/conversations/"+c.ID+"/customattributes", nil)
			break
		}
	}
}
