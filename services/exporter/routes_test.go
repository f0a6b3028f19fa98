package exporter_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/run"
	"github.com/maskrail/maskrail/services/exporter"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// routed is a configuration with a route of every kind.
const routed = `
environments: [sandbox]
routes:
  - {prefix: connect/ctr/, entity: contact, format: json, timeOrdered: true, ignore: ["*_metadata.json", ".*"]}
  - {prefix: connect/ctr/acme/, entity: contact, tenant: acme}
  - {prefix: calls/, entity: interaction, tenant: "{tenant_id}"}
  - {prefix: calls/emea/, entity: interaction, tenant: "{tenant_id}", tenants: [acme, "4155550123", Müller & Söhne], format: csv, dialect: legacy}
  - {prefix: interaction/, format: parquet, ignore: [manifest.json]}
`

func routedBench(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	file := filepath.Join(t.TempDir(), "exporter.yaml")
	if err := os.WriteFile(file, []byte(routed), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(app.Load(file, &b.config), b.config.Validate()); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		key                             string
		entity, tenant, format, dialect string // of the reference
		reason                          string // class of the rejection instead
		ignored                         bool
	}{
		"firehose":                         {key: "connect/ctr/2026/03/09/13/ctr-1-2026-03-09-13-04-11-7c2f0d1e", entity: "contact", tenant: "_", format: "jsonl"},
		"a longer prefix wins":             {key: "connect/ctr/acme/2026/03/09/13/ctr-1", entity: "contact", tenant: "acme"},
		"sidecar":                          {key: "connect/ctr/2026/03/09/13/" + canary + "_metadata.json", ignored: true},
		"hidden":                           {key: "connect/ctr/2026/.part.crc", ignored: true},
		"ignored by another route":         {key: "connect/ctr/acme/" + canary + "_metadata.json", entity: "contact", tenant: "acme"},
		"partition":                        {key: "calls/tenant_id=acme/dt=2026-03-09/part-0.parquet", entity: "interaction", tenant: "acme"},
		"partition, deeper":                {key: "calls/dt=2026-03-09/tenant_id=globex/part-0.parquet", entity: "interaction", tenant: "globex"},
		"partition, encoded":               {key: "calls/tenant_id=A%20%26%20B%2FC/part-0", entity: "interaction", tenant: "A & B/C"},
		"a plus is a plus":                 {key: "calls/tenant_id=a+b/part-0", entity: "interaction", tenant: "a+b"},
		"no partition":                     {key: "calls/dt=2026-03-09/part-0.parquet", reason: source.ClassTenantMissing},
		"name of the object":               {key: "calls/dt=2026-03-09/tenant_id=acme", reason: source.ClassTenantMissing},
		"in other letters":                 {key: "calls/Tenant_Id=acme/part-0", reason: source.ClassTenantMissing},
		"partition without a value":        {key: "calls/tenant_id=/part-0", reason: source.ClassTenantMissing},
		"partition of nobody":              {key: "calls/tenant_id=__HIVE_DEFAULT_PARTITION__/part-0", reason: source.ClassTenantMissing},
		"two partitions":                   {key: "calls/tenant_id=acme/tenant_id=globex/part-0", reason: source.ClassTenantConflict},
		"broken encoding":                  {key: "calls/tenant_id=a%zz/part-0", reason: source.ClassTenantMalformed},
		"tenant of several":                {key: "calls/tenant_id=_/part-0", reason: source.ClassTenantMalformed},
		"blank tenant":                     {key: "calls/tenant_id=%20/part-0", reason: source.ClassTenantMalformed},
		"tenant like a phone":              {key: "calls/tenant_id=%2B1212" + canary[3:] + "/part-0", reason: source.ClassTenantMalformed},
		"tenant that is listed":            {key: "calls/emea/tenant_id=4155550123/calls", entity: "interaction", tenant: "4155550123", format: "csv", dialect: "legacy"},
		"listed and encoded":               {key: "calls/emea/tenant_id=M%C3%BCller%20&%20S%C3%B6hne/calls", entity: "interaction", tenant: "Müller & Söhne", format: "csv", dialect: "legacy"},
		"tenant that is not listed":        {key: "calls/emea/tenant_id=globex/calls", reason: source.ClassTenantUnknown},
		"format for an entity of the key":  {key: "interaction/a", entity: "interaction", tenant: "_", format: "parquet"},
		"no route":                         {key: "conversation/a.jsonl", entity: "conversation", tenant: "_"},
		"no route and no entity":           {key: "Conversation/a.jsonl", reason: exporter.ClassEntityName},
		"done":                             {key: "interaction/dt=1/_SUCCESS", ignored: true},
		"run of an export":                 {key: "interaction/run=" + exportRun + "/part-0.jsonl.zst", entity: "interaction", tenant: "_"},
		"run of an export, with an entity": {key: "calls/run=" + exportRun + "/tenant=acme/part-0.jsonl.zst", entity: "calls", tenant: "acme"},
		"run of an export, ignored":        {key: "interaction/run=" + exportRun + "/manifest.json", ignored: true},
	}
	for name, tt := range tests {
		for way, come := range ways {
			t.Run(name+", "+way, func(t *testing.T) {
				t.Parallel()
				in(t, func(t *testing.T) {
					b := routedBench(t)
					stop := b.start()
					defer stop()
					content := "{}"
					if strings.HasSuffix(tt.key, "_SUCCESS") {
						content = ""
					}
					o := b.put(tt.key, content)
					come(b, o)
					wait(2 * time.Hour)
					raw, rejected := b.messages(bus.Raw), b.messages(bus.Rejected)
					if len(b.messages(bus.Dead)) != 0 {
						t.Error("dead letters")
					}
					switch {
					case tt.ignored:
						if len(raw)+len(rejected) != 0 {
							t.Errorf("%d announced, %d rejected, want neither", len(raw), len(rejected))
						}
						return
					case tt.reason != "":
						if len(raw) != 0 || len(rejected) != 1 {
							t.Fatalf("%d announced, %d rejected, want one rejection", len(raw), len(rejected))
						}
						r, _, err := objref.Decode(rejected[0])
						if err != nil || r.Outcome.Reason.Class != tt.reason || r.Tenant != objref.Several {
							t.Errorf("rejected %+v, %v, want class %s", r.Outcome, err, tt.reason)
						}
						shown := rejected[0].Subject + r.Outcome.Reason.String()
						for _, value := range []string{"acme", "globex", "555", "zz"} {
							if strings.Contains(shown, value) {
								t.Errorf("a value of the key shows: %s", shown)
							}
						}
						return
					}
					if len(raw) == 0 || len(rejected) != 0 {
						t.Fatalf("%d announced, %d rejected, want an announcement", len(raw), len(rejected))
					}
					r, _, err := objref.Decode(raw[0])
					if err != nil || r.Entity != tt.entity || r.Tenant != tt.tenant || r.Object.Format != tt.format || r.Object.Dialect != tt.dialect || r.Object.Identity() != o.Identity() {
						t.Errorf("entity %s of tenant %s, format %q, dialect %q, %v", r.Entity, r.Tenant, r.Object.Format, r.Object.Dialect, err)
					}
					if slices.ContainsFunc(raw, func(m bus.Message) bool { return m.ID != raw[0].ID || m.Subject != r.Subject(objref.AtRaw) }) {
						t.Error("event and sweep disagree")
					}
				})
			})
		}
	}
}

// TestMendedRoute: an object that was parked for want of a route goes through when the route is there and the object is copied
// onto itself, although nothing about it is new.
func TestMendedRoute(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T) {
		b := routedBench(t)
		stop := b.start()
		o := b.put("calls/2026/part-0", "x")
		b.notify("s3:ObjectCreated:Put", o)
		wait(time.Hour)
		stop()
		if len(b.messages(bus.Raw)) != 0 || len(b.messages(bus.Rejected)) != 1 {
			t.Fatal("the object was not parked: the test proves nothing")
		}
		b.config.Routes = append(b.config.Routes, exporter.Route{Prefix: "calls/2026/", Entity: "interaction", Tenant: "acme", Format: "csv"})
		stop = b.start()
		defer stop()
		wait(time.Hour)
		b.notify("s3:ObjectCreated:Copy", b.put(o.Key, "x"))
		all := b.messages(bus.Raw)
		if len(all) != 1 {
			t.Fatalf("%d announcements, want one", len(all))
		}
		if r, _, err := objref.Decode(all[0]); err != nil || r.Tenant != "acme" || r.Object.Format != "csv" || r.Object.Identity() != o.Identity() {
			t.Errorf("tenant %s, format %s, %v", r.Tenant, r.Object.Format, err)
		}
	})
}

var exported = []exporter.Source{{Name: "prod", Type: run.SourceAnalytics, Region: "mypurecloud.de", ClientID: "c"}}

// TestPatternsBesideExports: a pattern that fits no object of a source, or lies in another folder, is one beside sources, too.
func TestPatternsBesideExports(t *testing.T) {
	t.Parallel()
	for folder, patterns := range map[string][]string{"interaction/": {"manifest.json", "*_metadata.json", ".*"}, "connect/": {"*"}, "interaction/old/": {"*.zst"}} {
		b := newBench(t, "sandbox")
		b.config.Sources, b.config.Routes = exported, []exporter.Route{{Prefix: folder, Entity: "interaction", Ignore: patterns}}
		if err := b.config.Validate(); err != nil {
			t.Errorf("%s: %v", folder, err)
		}
	}
}

// TestHiddenExport: where a pattern fits what a source delivers all the same, the window fails instead of being taken for
// exported: its objects would never be announced.
func TestHiddenExport(t *testing.T) {
	t.Parallel()
	visit(t, time.Time{}, nil, func(c *centre) {
		c.config.Routes = []exporter.Route{{Prefix: "interaction/", Ignore: []string{"1999*"}}}
		c.open()
		m := c.export(c.day(2))
		if m.Failed != 1 {
			t.Errorf("manifest %+v, want a window that failed", m)
		}
		for _, o := range m.Objects {
			if exporter.Entity(o.Key) == "interaction" {
				t.Error("a hidden object is said to be of the run")
			}
		}
	})
}

func TestRoutesThatCannotBe(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*exporter.Config)
		want   string
	}{
		"no folder":              {func(c *exporter.Config) { c.Routes[0].Prefix = "connect/ctr" }, "routes[0].prefix: want a folder"},
		"a folder of ours":       {func(c *exporter.Config) { c.Routes[1].Prefix = "_runs/" }, "routes[1].prefix: want a folder of the bucket"},
		"from the root":          {func(c *exporter.Config) { c.Routes[1].Prefix = "/calls/" }, "routes[1].prefix: want a folder of the bucket"},
		"twice":                  {func(c *exporter.Config) { c.Routes[1].Prefix = c.Routes[0].Prefix }, "routes[1].prefix: another route has it"},
		"entity":                 {func(c *exporter.Config) { c.Routes[2].Entity = "A" }, "routes[2].entity: want lower-case"},
		"entity not let through": {func(c *exporter.Config) { c.Entities = []string{"interaction"} }, "routes[0].entity: want one of entities"},
		"half a partition":       {func(c *exporter.Config) { c.Routes[2].Tenant = "{tenant" }, "routes[2].tenant: want a name, or {name}"},
		"partition in a name":    {func(c *exporter.Config) { c.Routes[2].Tenant = "x-{tenant}" }, "routes[2].tenant: want a name, or {name}"},
		"tenant of several":      {func(c *exporter.Config) { c.Routes[1].Tenant = "_" }, "routes[1].tenant: means several"},
		"tenant of two lines":    {func(c *exporter.Config) { c.Routes[1].Tenant = "a\nb" }, "routes[1].tenant: is no name"},
		"list without partition": {func(c *exporter.Config) { c.Routes[1].Tenants = []string{"acme"} }, "routes[1].tenants: are the values"},
		"empty name in the list": {func(c *exporter.Config) { c.Routes[3].Tenants = []string{"acme", ""} }, "routes[3].tenants: name 2"},
		"format":                 {func(c *exporter.Config) { c.Routes[0].Format = "xml" }, "routes[0].format: want csv, jsonl or parquet"},
		"dialect of json":        {func(c *exporter.Config) { c.Routes[0].Dialect = "legacy" }, "routes[0].dialect: is one of CSV"},
		"pattern":                {func(c *exporter.Config) { c.Routes[0].Ignore[1] = "[" }, "routes[0].ignore: pattern 2"},
		"exports":                {func(c *exporter.Config) { c.Sources, c.Routes[4].Ignore = exported, []string{"*.zst"} }, "routes[4].ignore: pattern 1 fits what sources export"},
		"exports by their time":  {func(c *exporter.Config) { c.Sources, c.Routes[4].Ignore = exported, []string{"x", "20*"} }, "routes[4].ignore: pattern 2 fits what sources export"},
		"exports, everywhere": {func(c *exporter.Config) {
			c.Sources, c.Routes[4].Prefix, c.Routes[4].Ignore = exported, "", []string{"*"}
		}, "routes[4].ignore: pattern 1 fits what sources export"},
		"pattern of a folder": {func(c *exporter.Config) { c.Routes[0].Ignore[0] = "tmp/*" }, "routes[0].ignore: pattern 1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := routedBench(t)
			tt.change(&b.config)
			if err := b.config.Validate(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}
