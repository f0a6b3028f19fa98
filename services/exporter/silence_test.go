package exporter_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/audit"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/genesyssim"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/run"
	"github.com/maskrail/maskrail/libs/telemetry"
	"github.com/maskrail/maskrail/services/exporter"
	"github.com/maskrail/maskrail/services/exporter/internal/export"
)

// signature makes an address one that lets everybody in who knows it.
const signature = "X-Amz-Signature=5f1d0c77"

const (
	schemas          = "GET /api/v2/data/export/schemas"
	customAttributes = "GET /api/v2/conversations/*/customattributes"
)

// apis are operations of each type of source that fail together: most of them, and those alone that nobody comes to when another
// refuses.
var apis = map[string][][]string{
	run.SourceAnalytics: {{mint, availability, detailJobs, detailJob, results}, {customAttributes}},
	run.SourceExport:    {{mint, "POST /api/v2/data/export", "GET /api/v2/data/export", "GET /api/v2/data/export/*", "/analytics/tables/v2/interactions"}, {schemas}},
}

// troubles are all kinds of failures. What has a text says the secrets that the provider knows.
func troubles(told string) map[string]genesyssim.Fault {
	all := map[string]genesyssim.Fault{}
	for _, do := range genesyssim.Actions() {
		all[do] = genesyssim.Fault{Do: do, Message: told, Delay: time.Hour, Rows: 1, Bytes: 100, Status: http.StatusBadGateway,
			To: "http://127.0.0.1:3/download?" + signature}
	}
	for _, status := range []int{302, 400, 401, 403, 404, 409, 413, 422, 500, 503} {
		all[fmt.Sprintf("%s %d", genesyssim.Status, status)] = genesyssim.Fault{Do: genesyssim.Status, Status: status, Code: told, Message: told}
	}
	for _, after := range []string{"3", genesyssim.AfterDate + "3", genesyssim.AfterReset, genesyssim.AfterMessage, genesyssim.AfterNothing} {
		all[genesyssim.TooMany+" "+after] = genesyssim.Fault{Do: genesyssim.TooMany, After: after}
	}
	return all
}

// TestSilence: a token, the client's secret, a signed address and a telephone number in a filter show in no log, at its most
// talkative, no span, and nothing that the exporter writes down, whatever fails at the provider.
func TestSilence(t *testing.T) {
	t.Parallel()
	for kind, groups := range apis {
		for _, tenants := range [][]string{nil, {"acme", "globex"}} {
			if kind == run.SourceAnalytics && tenants != nil {
				continue // it has one way for all
			}
			for _, ops := range groups {
				for name := range troubles("") {
					t.Run(fmt.Sprintf("%s, %d tenants, %s of %s", kind, len(tenants), name, path.Base(ops[len(ops)-1])), func(t *testing.T) {
						t.Parallel()
						silent(t, kind, tenants, ops, name)
					})
				}
			}
		}
	}
}

// silent exports while the operations fail in one way.
func silent(t *testing.T, kind string, tenants, ops []string, trouble string) {
	var phone string
	visit(t, time.Time{}, func(w *genesyssim.Config, s *exporter.Source) {
		w.Every = 2 * time.Hour
		s.Type, s.Tenants, phone = kind, tenants, dial(t, *w, kind)
		if s.CustomAttributes = kind == run.SourceAnalytics; s.CustomAttributes {
			w.CustomKey, w.Odd = "tenant_id", []genesyssim.Oddity{{Tenant: "nowhere", Every: 1}}
		}
		s.Filters = []exporter.Filter{{Field: map[string]string{run.SourceAnalytics: "ani", run.SourceExport: "phoneNumber"}[kind], Value: phone}}
		fault := troubles(strings.Join([]string{phone, "simulated-secret", signature}, " "))[trouble]
		for _, fault.On = range ops { // more than once, and not for ever
			fault.Times = 2
			w.Faults = append(w.Faults, fault)
		}
	}, func(c *centre) {
		log := &lines{}
		c.logs, c.config.Policies = log, lenient(t)                             // so that schemas are asked for
		c.open()                                                                // the log is this one's
		c.notify("s3:ObjectCreated:Put", c.put("interaction/drop.jsonl", "{}")) // of which the log has a line
		c.ask(c.day(2))
		c.ask(objref.Window{From: c.now.AddDate(0, 0, -2), To: c.now.Add(-time.Hour)})
		wait(3 * time.Hour)
		c.stop()
		c.stop = func() {}
		if hits := c.sim.Hits(); !slices.ContainsFunc(hits, func(n int) bool { return n > 0 }) {
			c.t.Errorf("nothing has failed: %v", hits)
		}
		if found := c.shows(log, append(c.line.tokens(), "simulated-secret", phone, digits(phone), signature, "5f1d0c77", token,
			base64.StdEncoding.EncodeToString([]byte("maskrail:simulated-secret")))); found != "" {
			c.t.Error(found)
		}
	})
}

// lenient is a policy that stops no field of a schema.
func lenient(t *testing.T) *policy.Set {
	t.Helper()
	set, err := policy.Parse("policy.yaml", []byte(`apiVersion: maskrail.io/v1
kind: Policy
metadata: {name: lenient, version: 1}
entity: interaction
key: [interactionId]
unknown: drop
fields: [{path: interactionId, keep: true}, {path: tenant_id, keep: true}]
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// dial is the number of somebody whose conversation is exported.
func dial(t *testing.T, w genesyssim.Config, kind string) string {
	t.Helper()
	sim, err := genesyssim.New(w)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for i := range sim.Interactions(now.AddDate(0, 0, -2), now.AddDate(0, 0, -1)) {
		if kind == run.SourceExport && digits(i.PhoneNumber) != "" {
			return i.PhoneNumber
		}
	}
	ani := regexp.MustCompile(`"ani":"([^"]*\+[0-9]{9,15}[^"]*)"`)
	for c := range sim.Conversations(now.AddDate(0, 0, -2), now.AddDate(0, 0, -1)) {
		if m := ani.FindSubmatch(c.At(now)); m != nil && kind == run.SourceAnalytics {
			return string(m[1])
		}
	}
	t.Fatal("nobody has a number")
	return ""
}

// digits are those of a number that do not stand anywhere by chance.
func digits(phone string) string {
	return regexp.MustCompile(`[0-9]{7,15}`).FindString(phone)
}

// shows says where one of the secrets stands, "" for nowhere. It looks at the logs, at what was traced, and at what the exporter
// has written into the bucket beside the data.
func (c *centre) shows(log *lines, secrets []string) string {
	c.t.Helper()
	places := map[string]string{"the log": strings.Join(log.all, ""), "the spans": fmt.Sprintf("%+v", c.spans.all)}
	for _, prefix := range []string{export.Prefix, export.AuditPrefix, run.Prefix} {
		for o, err := range c.store.List(c.t.Context(), raw, prefix) {
			if err != nil {
				c.t.Fatal(err)
			}
			body, _, err := c.store.Get(c.t.Context(), blob.Location{Bucket: raw, Key: o.Key}, blob.Range{})
			if err != nil {
				c.t.Fatal(err)
			}
			places[prefix] += o.Key + c.text(body)
		}
	}
	for _, place := range []string{"the log", "the spans", export.AuditPrefix, run.Prefix} {
		if places[place] == "" {
			return "there is nothing to look at in " + place
		}
	}
	for place, text := range places {
		for _, s := range secrets {
			if i := strings.Index(text, s); i >= 0 {
				return fmt.Sprintf("%q stands in %s: %s", s, place, text[max(0, i-200):i+len(s)])
			}
		}
	}
	return ""
}

// TestSilenceIsHeard: what is said is found, in each place that is looked at.
func TestSilenceIsHeard(t *testing.T) {
	t.Parallel()
	for place, say := range map[string]func(c *centre, tel *telemetry.Telemetry, secret string){
		"the log": func(c *centre, tel *telemetry.Telemetry, secret string) {
			tel.Log().DebugContext(c.t.Context(), "asked", "with", secret)
		},
		"the spans": func(c *centre, tel *telemetry.Telemetry, secret string) {
			_, end := tel.Root(c.t.Context(), "ask "+secret)
			end(nil)
		},
		export.AuditPrefix: func(c *centre, _ *telemetry.Telemetry, secret string) {
			if err := audit.Open(c.store, raw, export.AuditPrefix).Append(c.t.Context(), audit.Entry{Actor: secret}); err != nil {
				c.t.Fatal(err)
			}
		},
	} {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			visit(t, time.Time{}, nil, func(c *centre) {
				log := &lines{}
				c.logs = log
				c.open()
				c.notify("s3:ObjectCreated:Put", c.put("interaction/drop.jsonl", "{}"))
				c.export(c.day(2))
				tokens := c.line.tokens()
				if len(tokens) == 0 {
					c.t.Fatal("no token was seen")
				}
				if found := c.shows(log, tokens); found != "" {
					c.t.Errorf("before it was said: %s", found)
				}
				tel, err := telemetry.New(c.t.Context(), c.watched(log))
				if err != nil {
					c.t.Fatal(err)
				}
				say(c, tel, tokens[0])
				if err := tel.Shutdown(c.t.Context()); err != nil {
					c.t.Fatal(err)
				}
				if found := c.shows(log, tokens); !strings.Contains(found, "stands in "+place) {
					c.t.Errorf("it is not found: %q", found)
				}
			})
		})
	}
}
