package cli

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/canary"
	"github.com/maskrail/maskrail/libs/drift"
	"github.com/maskrail/maskrail/libs/run"
	"github.com/maskrail/maskrail/services/validator"
)

// TestLifecycleRules: the rules of the page are JSON, on prefixes that the page tells of, and none takes what has no age.
func TestLifecycleRules(t *testing.T) {
	t.Parallel()
	page := documents(t)[repository+"/docs/buckets.md"]
	for _, prefix := range []string{canary.Prefix, drift.Prefix, run.Prefix, validator.GroupsPrefix, "_audit/", "_exports/", "_environments/", "_sketch/"} {
		if !strings.Contains(page, "`"+prefix+"`") {
			t.Errorf("the page says nothing of %s", prefix)
		}
	}
	var prefixes []string
	for _, m := range regexp.MustCompile("(?s)```json\n(.*?)```").FindAllStringSubmatch(page, -1) {
		var rules struct {
			Rules []struct {
				ID, Status string
				Filter     struct{ Prefix string }
				Expiration struct{ Days int }
			}
		}
		if err := json.Unmarshal([]byte(m[1]), &rules); err != nil {
			t.Fatal(err)
		}
		for _, r := range rules.Rules {
			if r.ID == "" || r.Status != "Enabled" || r.Expiration.Days < 7 || !strings.Contains(page, "`"+r.Filter.Prefix+"`") {
				t.Errorf("rule %+v", r)
			}
			prefixes = append(prefixes, r.Filter.Prefix)
		}
	}
	kept := []string{"", "_", canary.Prefix, "_audit/", "_exports/", "_environments/"}
	if len(prefixes) != 4 || slices.ContainsFunc(prefixes, func(p string) bool { return slices.Contains(kept, p) }) {
		t.Errorf("rules for %q", prefixes)
	}
}
