package genesyssim_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/genesyssim"
)

// members are the names at the paths of all conversations that a job returns, and the types of their values.
func members(conversations []any, at string) map[string]string {
	found := map[string]string{}
	var walk func(v any, path []string)
	walk = func(v any, path []string) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e, path)
			}
		case map[string]any:
			if len(path) > 0 && path[0] != "" {
				walk(v[path[0]], path[1:])
				return
			}
			for name, m := range v {
				if m != nil {
					found[name] = strings.TrimPrefix(fmt.Sprintf("%T", m), "map[string]")
				}
			}
		}
	}
	walk(conversations, strings.Split(at, "."))
	return found
}

// week is a page with the conversations of the first days, with all that came to them later.
func (b *bench) week() []any {
	b.Helper()
	body := b.call(200, http.MethodGet, jobs+"/"+b.job(nil, from, from.AddDate(0, 0, 4))+"/results", nil)
	return read[struct{ Conversations []any }](b, body).Conversations
}

func TestReleases(t *testing.T) {
	t.Parallel()
	releases := genesyssim.Releases()
	if releases[0] != "2020-02" || releases[len(releases)-1] != "2026-04" {
		t.Fatal(releases)
	}
	type row struct {
		at, name    string
		first, last string // releases that have it; last "" is for ever
		kind        string
	}
	rows := []row{
		{"participants.sessions", "ani", "2020-02", "", "string"},
		{"participants.sessions", "flowOutType", "2020-03", "", "string"},
		{"participants.sessions", "destinationAddresses", "2021-09", "", "[]interface {}"},
		{"participants.sessions", "cc", "2022-10", "", "[]interface {}"},
		{"participants.sessions", "monitoredSessionId", "2020-02", "2020-11", "string"},
		{"participants.sessions", "bullseyeRing", "2021-03", "2021-03", "float64"},
		{"participants.sessions", "routingRing", "2021-04", "", "float64"},
		{"participants.sessions", "journeyActionMapVersion", "2020-02", "2021-03", "string"},
		{"participants.sessions", "journeyActionMapVersion", "2021-04", "", "float64"},
		{"participants.sessions", "routingRule", "2021-03", "2021-03", "float64"},
		{"participants.sessions", "routingRule", "2021-04", "2023-05", ""},
		{"participants.sessions", "routingRule", "2023-07", "", "string"},
		{"participants.sessions", "skillExpressionId", "2026-04", "", "string"},
		{"", "externalTag", "2021-04", "", "string"},
		{"", "externalTag", "2020-02", "2021-03", ""},
		{"", "accessAttributes", "2026-04", "", "[]interface {}"},
	}
	for _, release := range []string{"2020-02", "2020-03", "2020-11", "2021-03", "2021-04", "2021-09", "2022-10", "2023-05", "2023-07", "2026-04"} {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			b := setup(t, func(config *genesyssim.Config) {
				config.Drift.Release, config.Every, config.Count = release, 10*time.Minute, 250
			})
			week := b.week()
			for _, r := range rows {
				want := r.kind
				if release < r.first || r.last != "" && release > r.last {
					continue
				}
				if got := members(week, r.at)[r.name]; got != want {
					t.Errorf("%s is %q and not %q", r.name, got, want)
				}
			}
		})
	}
}

func TestUpgrade(t *testing.T) {
	t.Parallel()
	upgrade := from.AddDate(0, 0, 8)
	b := setup(t, func(c *genesyssim.Config) {
		c.Count = 120
		c.Drift = genesyssim.Drift{Release: "2020-02", Upgrades: []genesyssim.Upgrade{{At: upgrade, Release: "2021-03"}, {At: upgrade.AddDate(0, 0, 1)}}}
	})
	for _, want := range []string{"", "float64", "string"} {
		if got := members(b.week(), "participants.sessions")["routingRule"]; got != want {
			t.Errorf("at %s it is %q and not %q", b.Now(), got, want)
		}
		b.Forward(24 * time.Hour)
		b.token = b.mint()
	}
	same := setup(t, func(c *genesyssim.Config) { c.Count = 60 })
	newest := setup(t, func(c *genesyssim.Config) { c.Drift.Release, c.Count = "2026-04", 60 })
	if !reflect.DeepEqual(same.week(), newest.week()) {
		t.Error("the newest release is not what stands without a release")
	}
}

func TestChangesOfConversations(t *testing.T) {
	t.Parallel()
	const ani = "participants[].sessions[].ani"
	for _, c := range []struct {
		change genesyssim.Change
		at     string
		want   map[string]string
	}{
		{genesyssim.Change{Path: ani, Do: "remove"}, "participants.sessions", map[string]string{"ani": ""}},
		{genesyssim.Change{Path: ani, Do: "rename", To: "caller"}, "participants.sessions", map[string]string{"ani": "", "caller": "string"}},
		{genesyssim.Change{Path: "participants[].sessions[].lineInfo", Do: "add", Like: "ani"}, "participants.sessions", map[string]string{"ani": "string", "lineInfo": "string"}},
		{genesyssim.Change{Path: "participants[].segmentTier", Do: "add"}, "participants", map[string]string{"segmentTier": "string"}},
		{genesyssim.Change{Path: ani, Do: "list"}, "participants.sessions", map[string]string{"ani": "[]interface {}"}},
		{genesyssim.Change{Path: ani, Do: "object"}, "participants.sessions", map[string]string{"ani": "interface {}"}},
		{genesyssim.Change{Path: ani, Do: "number"}, "participants.sessions", map[string]string{"ani": "float64"}},
		{genesyssim.Change{Path: "mediaStatsMinConversationMos", Do: "text"}, "", map[string]string{"mediaStatsMinConversationMos": "string"}},
		{genesyssim.Change{Path: "participants[].sessions[].flow.flowName", Do: "remove"}, "participants.sessions.flow", map[string]string{"flowName": "", "flowType": "string"}},
	} {
		t.Run(c.change.Do+" "+c.change.Path, func(t *testing.T) {
			t.Parallel()
			c.change.Entity, c.change.At = "conversation", from.AddDate(0, 0, 8)
			b := setup(t, func(config *genesyssim.Config) {
				config.Drift.Changes, config.Count = []genesyssim.Change{c.change}, 60
			})
			before := members(b.week(), c.at)
			b.Forward(24 * time.Hour)
			b.token = b.mint()
			after := members(b.week(), c.at)
			for name, kind := range c.want {
				if after[name] != kind {
					t.Errorf("%s is %q and not %q; it was %q", name, after[name], kind, before[name])
				}
			}
			if fmt.Sprint(before) == fmt.Sprint(after) {
				t.Error("nothing changed")
			}
		})
	}
}

func TestChangesOfInteractions(t *testing.T) {
	t.Parallel()
	change := from.AddDate(0, 0, 7)
	for _, c := range []struct {
		name   string
		change genesyssim.Change
		field  string
		kind   string // in the schema, "" is gone
		like   string
	}{
		{"innocent name", genesyssim.Change{Path: "customerSegment", Do: "add", Like: "phoneNumber"}, "customerSegment", "STRING", "phoneNumber"},
		{"constant", genesyssim.Change{Path: "tier", Do: "add"}, "tier", "STRING", ""},
		{"removed", genesyssim.Change{Path: "externalId", Do: "remove"}, "externalId", "", ""},
		{"renamed", genesyssim.Change{Path: "phoneNumber", Do: "rename", To: "contact"}, "contact", "STRING", ""},
		{"to text", genesyssim.Change{Path: "durationMs", Do: "text"}, "durationMs", "STRING", ""},
		{"time to number", genesyssim.Change{Path: "startTime", Do: "number"}, "startTime", "INTEGER", ""},
		{"text to number", genesyssim.Change{Path: "agentId", Do: "number"}, "agentId", "INTEGER", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.change.Entity, c.change.At = "interaction", change
			b := setup(t, func(config *genesyssim.Config) {
				config.Drift = genesyssim.Drift{Changes: []genesyssim.Change{c.change}, SchemaLag: time.Hour}
			})
			type schemas struct {
				Schemas []struct {
					Version string
					Fields  []struct{ Name, Type string }
				}
			}
			kind := func() string {
				s := read[schemas](t, b.call(200, http.MethodGet, exports+"/schemas", nil)).Schemas[0]
				i := slices.IndexFunc(s.Fields, func(f struct{ Name, Type string }) bool { return f.Name == c.field })
				if i < 0 {
					return s.Version
				}
				return s.Version + " " + s.Fields[i].Type
			}
			before := kind() // lags behind
			rows := b.rows(b.export(order(map[string]any{"format": "PARQUET"})))
			b.Forward(time.Hour)
			if after := kind(); strings.HasPrefix(before, "189") || after != strings.TrimSuffix("189 "+c.kind, " ") {
				t.Errorf("the schema says %q, then %q", before, after)
			}
			if _, there := rows[0][c.field]; there != (c.kind != "") {
				t.Errorf("the first row has it: %v", there)
			}
			if c.like != "" && rows[0][c.field] != rows[0][c.like] {
				t.Errorf("%q and not %q", rows[0][c.field], rows[0][c.like])
			}
		})
	}
}
