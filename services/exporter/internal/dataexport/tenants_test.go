package dataexport_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maskrail/maskrail/libs/genesyssim"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/synth"
	"github.com/maskrail/maskrail/services/exporter/internal/dataexport"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

const table = "GET /analytics/tables/v2/interactions"

// rowsOf are the ids in the parts of a tenant.
func (b *bench) rowsOf(s *sink, tenant string) map[string]bool {
	b.Helper()
	ids := map[string]bool{}
	for _, p := range s.parts {
		if p.Tenant != tenant {
			continue
		}
		if n := collect(b.T, bytes.NewReader(p.Body), ids); n != p.Rows || p.Format != "jsonl" || p.Entity != "interaction" || p.Held != nil {
			b.Errorf("part %s has %d rows, and %d lines", p.Name, p.Rows, n)
		}
	}
	return ids
}

func (b *bench) truthOf(tenant string) map[string]bool {
	return b.truth(func(r genesyssim.Interaction) bool { return inbound(r) && r.TenantID == tenant })
}

// TestTenants: each tenant's rows, all of them and nobody else's, by queries that all say whose rows are wanted.
func TestTenants(t *testing.T) {
	t.Parallel()
	tests := map[string]change{
		"as it is": func(*genesyssim.Config, *dataexport.Config) {},
		"columns without the tenant": func(_ *genesyssim.Config, c *dataexport.Config) {
			c.Fields = []string{"interactionId", "direction"}
		},
		"with faults": func(c *genesyssim.Config, _ *dataexport.Config) {
			for i, do := range []string{genesyssim.Reset, genesyssim.Lost, genesyssim.Cut, genesyssim.HTML, genesyssim.TooMany, genesyssim.ExpireToken} {
				c.Faults = append(c.Faults, genesyssim.Fault{On: table, Do: do, Nth: 1 + i})
			}
		},
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b, s := setup(t, func(c *genesyssim.Config, _ *dataexport.Config) { c.Every = time.Minute }, change), newSink()
				b.seen = func(r *http.Request, body []byte) {
					if r.URL.Path != "/analytics/tables/v2/interactions" {
						return
					}
					var q struct {
						Filter struct {
							Type       string
							Predicates []struct {
								Type, FieldName, Operator string
								Values                    []string
							}
						}
					}
					if err := json.Unmarshal(body, &q); err != nil || q.Filter.Type != "AND" || !slices.ContainsFunc(q.Filter.Predicates, func(p struct {
						Type, FieldName, Operator string
						Values                    []string
					}) bool {
						return p.Type == "CUSTOM_DIMENSION" && p.FieldName == "tenant_id" && p.Operator == "EQUALS" && len(p.Values) == 1
					}) {
						t.Errorf("a query does not say whose rows are wanted: %s", body)
					}
				}
				task := b.task()
				task.Tenants = []string{synth.Tenants[0], synth.Tenants[1], synth.Tenants[0]}
				if err := b.source.Export(t.Context(), task, s); err != nil {
					t.Fatal(err)
				}
				for _, tenant := range synth.Tenants {
					want := b.truthOf(tenant)
					if !slices.Contains(task.Tenants, tenant) {
						want = map[string]bool{}
					} else if len(want) < 100 {
						t.Fatalf("%d rows are no test", len(want))
					}
					if got := b.rowsOf(s, tenant); !maps.Equal(got, want) {
						t.Errorf("%d rows of a tenant, want %d", len(got), len(want))
					}
				}
				if len(b.rowsOf(s, objref.Several)) > 0 || b.sim.Requests()[create] > 0 {
					t.Error("rows were held, or a job ordered")
				}
			})
		})
	}
}

// TestTenantsKilled: whenever the process dies, the next one goes on, and all rows are there.
func TestTenantsKilled(t *testing.T) {
	t.Parallel()
	for kill := 1; ; kill++ {
		calls := 0
		ok := t.Run("", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, s := setup(t, func(c *genesyssim.Config, _ *dataexport.Config) { c.Every = 2 * time.Minute }), newSink()
				task := b.task()
				task.Tenants = synth.Tenants
				s.kill = kill
				err := b.source.Export(t.Context(), task, s)
				calls = s.calls
				if errors.Is(err, errKilled) {
					s.kill, task.State = 0, s.state
					err = b.source.Export(t.Context(), task, s)
				}
				if err != nil {
					t.Fatal(err)
				}
				for _, tenant := range synth.Tenants {
					if !maps.Equal(b.rowsOf(s, tenant), b.truthOf(tenant)) {
						t.Error("rows of a tenant are missing")
					}
				}
			})
		})
		if !ok || calls < kill {
			if kill < 2*len(synth.Tenants) {
				t.Errorf("killed at %d points only", kill-1)
			}
			return
		}
	}
}

// TestFiftyTenants: against the provider's limit of 100 requests a second, 50 tenants are read within 10 % of the ideal
// time, and no request is refused.
func TestFiftyTenants(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var tenants []string
		for i := range 50 {
			tenants = append(tenants, fmt.Sprintf("tenant-%02d", i))
		}
		b, s := setup(t, func(c *genesyssim.Config, d *dataexport.Config) {
			c.Tenants, c.Every, d.Filters = tenants, 12*time.Second, []dataexport.Filter{}
		}), newSink()
		task := b.task()
		task.Tenants = tenants
		start := time.Now()
		if err := b.source.Export(t.Context(), task, s); err != nil {
			t.Fatal(err)
		}
		took, requests := time.Since(start), b.sim.Requests()[table]
		if ideal := time.Duration(requests) * time.Second / 100; took > ideal+ideal/10 {
			t.Errorf("%d requests took %v, the ideal is %v", requests, took, ideal)
		}
		truth := map[string]map[string]bool{}
		for r := range b.sim.Interactions(b.window.From, b.window.To) {
			if r.End.Before(b.window.To) {
				if truth[r.TenantID] == nil {
					truth[r.TenantID] = map[string]bool{}
				}
				truth[r.TenantID][r.InteractionID] = true
			}
		}
		pages := 0
		for _, tenant := range tenants {
			if !maps.Equal(b.rowsOf(s, tenant), truth[tenant]) {
				t.Error("rows of a tenant are missing")
			}
			pages += len(truth[tenant])/100 + 1 // of 100 rows at most, the last one not full
		}
		if requests != pages || pages < 90 {
			t.Errorf("%d requests for %d pages: some were refused", requests, pages)
		}
	})
}

// TestStrange: rows that the provider gives though they were not asked for are kept, held, and nobody's.
func TestStrange(t *testing.T) {
	t.Parallel()
	rows := map[string]bool{ // whether it is acme's
		`{"interactionId":"1","tenant_id":"acme"}`:                           true,
		`{"interactionId":"2","tenant_id":"\u0061cme"}`:                      true,
		`{"interactionId":"3","tenant_id":"globex"}`:                         false,
		`{"interactionId":"4","tenant_id":"Acme"}`:                           false,
		`{"interactionId":"5","tenant_id":"acme "}`:                          false,
		`{"interactionId":"6","tenant_id":null}`:                             false,
		`{"interactionId":"7"}`:                                              false,
		`{"interactionId":"8","Tenant_ID":"acme"}`:                           false,
		`{"interactionId":"9","tenant_id":"acme","tenant_id":"globex"}`:      false,
		`{"interactionId":"10","tenant_id":["acme"]}`:                        false,
		`{"interactionId":"11","nested":{"tenant_id":"acme"}}`:               false,
		`{"interactionId":"12","nested":{"tenant_id":1},"tenant_id":"acme"}`: true,
	}
	synctest.Test(t, func(t *testing.T) {
		b, s := setup(t), newSink()
		b.source = b.make(answerText(`{"rows":[`+strings.Join(slices.Sorted(maps.Keys(rows)), ",\n")+`]}`), dataexport.Config{Bucket: "raw", Region: "us-east-1"})
		task := b.task()
		task.Tenants = []string{"acme"}
		if err := b.source.Export(t.Context(), task, s); err != nil {
			t.Fatal(err)
		}
		if len(s.parts) != 2 {
			t.Fatalf("%d parts, want one of the tenant and one that is held", len(s.parts))
		}
		for _, p := range s.parts {
			for line := range strings.Lines(string(p.Body)) {
				if mine := rows[strings.TrimSuffix(line, "\n")]; mine != (p.Tenant == "acme") || mine != (p.Held == nil) {
					t.Errorf("%s is in the wrong part", line)
				}
			}
			if p.Tenant != "acme" && (p.Tenant != objref.Several || source.HoldMetadata(*p.Held)["maskrail-held-detail"] == "") {
				t.Error("what is held does not say why")
			}
		}
	})
}

// TestLargeRow: a row that no reader takes is kept, held and alone, and the others of its page come.
func TestLargeRow(t *testing.T) {
	t.Parallel()
	for name, notes := range map[string]string{
		"a record": strings.Repeat("x", source.MaxRecord), "a text": strings.Repeat("x", source.MaxText+1), "a text of escapes": strings.Repeat(`\"`, source.MaxText/2+1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b, s := setup(t), newSink()
				large := `{"interactionId":"2","tenant_id":"acme","notes":"` + notes + `"}`
				b.source = b.make(answerText(`{"rows":[{"interactionId":"1","tenant_id":"acme"},`+large+`]}`), dataexport.Config{Bucket: "raw", Region: "us-east-1"})
				task := b.task()
				task.Tenants = []string{"acme"}
				if err := b.source.Export(t.Context(), task, s); err != nil {
					t.Fatal(err)
				}
				held := 0
				for _, p := range s.parts {
					if p.Tenant != "acme" || p.Rows != 1 || p.Held != nil && (p.Held.Class != source.ClassMalformed || p.Held.Count != 1) {
						t.Errorf("part %s: %d rows, held for %+v", p.Name, p.Rows, p.Held)
					}
					if p.Held != nil {
						held++
						if string(p.Body) != large+"\n" {
							t.Error("what is held is not the row")
						}
					}
				}
				if held != 1 || len(s.parts) != 2 {
					t.Errorf("%d parts, %d of them held", len(s.parts), held)
				}
			})
		})
	}
}

// TestCursor: a cursor that comes again, or that the provider forgot, restarts the task instead of looping or losing rows.
func TestCursor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s := setup(t), newSink()
		task := b.task()
		task.Tenants = []string{"acme"}
		config := dataexport.Config{Bucket: "raw", Region: "us-east-1"}
		b.source = b.make(answerText(`{"rows":[],"nextCursor":"x"}`), config)
		if err := b.source.Export(t.Context(), task, s); !errors.Is(err, source.ErrRestart) {
			t.Errorf("error is %v, want a restart", err)
		}
		b = setup(t)
		task.State = []byte(`{"tenants":{"acme":{"cursor":"forgotten","parts":1}}}`)
		if err := b.source.Export(t.Context(), task, s); !errors.Is(err, source.ErrRestart) || errors.Is(err, source.ErrRefused) {
			t.Errorf("error is %v, want a restart", err)
		}
	})
}

// answerText is a provider that gives every request a token or the text.
type answerText string

func (a answerText) RoundTrip(r *http.Request) (*http.Response, error) {
	text := string(a)
	if r.URL.Path == "/oauth/token" {
		text = `{"access_token":"x","token_type":"bearer","expires_in":3600}`
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text))}, nil
}

// pages is a provider with many rows of one tenant; it counts the pages that it gave.
type pages struct{ total, given int }

func (p *pages) RoundTrip(r *http.Request) (*http.Response, error) {

	if r.URL.Path == "/oauth/token" {
		return answerText("").RoundTrip(r)
	}
	p.given++
	at, _ := strconv.Atoi(r.URL.Query().Get("cursor"))
	rows := make([]string, 100)
	for i := range rows {
		rows[i] = fmt.Sprintf(`{"interactionId":"%d-%d","tenant_id":"acme"}`, at, i)
	}
	text := `{"rows":[` + strings.Join(rows, ",") + `]`
	if at++; at < p.total {
		text += fmt.Sprintf(`,"nextCursor":"%d"`, at)
	}
	return answerText(text + "}").RoundTrip(r)
}

// TestParts: many rows of a tenant become several parts, and after a crash the reading goes on behind the last one that was
// stored.
func TestParts(t *testing.T) {
	t.Parallel()
	for kill := range 7 { // three parts, each stored and then saved
		t.Run("", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b, s, p := setup(t), newSink(), &pages{total: 250}
				b.source = b.make(p, dataexport.Config{Bucket: "raw", Region: "us-east-1"})
				task := b.task()
				task.Tenants = []string{"acme"}
				s.kill = kill
				err := b.source.Export(t.Context(), task, s)
				if kill > 0 && errors.Is(err, errKilled) {
					s.kill, task.State = 0, s.state
					err = b.source.Export(t.Context(), task, s)
				}
				if err != nil {
					t.Fatal(err)
				}
				if got := b.rowsOf(s, "acme"); len(got) != 25_000 || len(s.parts) != 3 {
					t.Errorf("%d rows in %d parts", len(got), len(s.parts))
				}
				if p.given > 350 {
					t.Errorf("%d pages were read, of 250", p.given)
				}
			})
		})
	}
}
