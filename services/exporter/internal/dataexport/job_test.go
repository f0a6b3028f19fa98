package dataexport_test

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maskrail/maskrail/libs/genesyssim"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/services/exporter/internal/dataexport"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

const (
	create = "POST /api/v2/data/export"
	status = "GET /api/v2/data/export/*"
)

func TestExport(t *testing.T) {
	t.Parallel()
	small := func(c *genesyssim.Config, _ *dataexport.Config) { c.Jobs.ObjectRows = 20 }
	tests := map[string]struct {
		change change
		want   func(genesyssim.Interaction) bool
	}{
		"what customers began": {small, inbound},
		"everything":           {func(_ *genesyssim.Config, c *dataexport.Config) { c.Filters = []dataexport.Filter{} }, func(genesyssim.Interaction) bool { return true }},
		"one of several values": {func(_ *genesyssim.Config, c *dataexport.Config) {
			c.Filters = []dataexport.Filter{{Field: "channel", Operator: "IN", Values: []string{"voice", "email"}}}
		}, func(r genesyssim.Interaction) bool { return r.Channel == "voice" || r.Channel == "email" }},
		"a window with no rows": {func(_ *genesyssim.Config, c *dataexport.Config) {
			c.Filters = []dataexport.Filter{{Field: "direction", Operator: "EQ", Values: []string{"NONE"}}}
		}, func(genesyssim.Interaction) bool { return false }},
		"named fields": {func(_ *genesyssim.Config, c *dataexport.Config) { c.Fields = []string{"interactionId", "direction"} }, inbound},
		"a token taken back": {func(c *genesyssim.Config, _ *dataexport.Config) {
			c.Faults = []genesyssim.Fault{{On: status, Do: genesyssim.ExpireToken, Nth: 2}}
		}, inbound},
		"a token of two seconds": {func(c *genesyssim.Config, _ *dataexport.Config) {
			c.Clients = []genesyssim.Client{{ID: "maskrail", Secret: "simulated-secret", Lifetime: 2 * time.Second}}
		}, inbound},
		"a provider with moods": {func(c *genesyssim.Config, _ *dataexport.Config) {
			for i, do := range []string{genesyssim.HTML, genesyssim.Reset, genesyssim.Cut, genesyssim.Truncate, genesyssim.TooMany} {
				c.Faults = append(c.Faults, genesyssim.Fault{On: status, Do: do, Nth: i + 1})
			}
			c.Faults = append(c.Faults, genesyssim.Fault{On: "POST /oauth/token", Do: genesyssim.TooMany, After: "3"}, genesyssim.Fault{On: create, Do: genesyssim.TooMany, After: "date+4"})
		}, inbound},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b, s := setup(t, tt.change), newSink()
				if err := b.source.Export(t.Context(), b.task(), s); err != nil {
					t.Fatal(err)
				}
				if want, got := b.truth(tt.want), b.rows(s); !maps.Equal(want, got) {
					t.Errorf("%d rows, want %d", len(got), len(want))
				}
				if want := []string{source.JobCreated, source.JobDone}; !slices.Equal(s.notes, want) {
					t.Errorf("noted %v, want %v", s.notes, want)
				}
				for key := range s.adopted {
					if !strings.HasPrefix(key, "interaction/run="+runID+"/19991231T000000000Z-20000101T000000000Z/") {
						t.Errorf("an object lies at %s", key)
					}
				}
			})
		})
	}
}

// TestOrder: the request is the guide's.
func TestOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		b.window.From = b.window.To.Add(-604800 * time.Second)
		var sent string
		b.seen = func(r *http.Request, body []byte) {
			if r.Method+" "+r.URL.Path == create {
				sent = string(body)
			}
		}
		if err := b.source.Export(t.Context(), b.task(), newSink()); err != nil {
			t.Fatal(err)
		}
		const want = `{"entityType":"interaction","dateRange":{"type":"FIFO","windowSizeSeconds":604800,"endTime":"2000-01-01T00:00:00.000Z"},` +
			`"destination":{"type":"AWS_S3","bucketName":"raw","region":"us-east-1","keyPrefix":"interaction/run=` + runID + `/19991225T000000000Z-20000101T000000000Z/"},` +
			`"filters":[{"field":"direction","operator":"EQ","value":"INBOUND"}],"format":"JSON_LINES"}`
		if sent != want {
			t.Errorf("sent\n%s\nwant\n%s", sent, want)
		}
	})
}

// TestJobEnds: what the engine is told when a job does not come to its end, and what stands in the audit log then.
func TestJobEnds(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault genesyssim.Fault
		want  error
		note  string
	}{
		"failed when it was made":   {genesyssim.Fault{On: create, Do: genesyssim.Fail, Message: "+14155550142 is at fault"}, source.ErrSplit, source.JobFailed},
		"failed later":              {genesyssim.Fault{On: status, Do: genesyssim.Fail, Nth: 2}, source.ErrSplit, source.JobFailed},
		"failed half-way":           {genesyssim.Fault{On: create, Do: genesyssim.Partial}, source.ErrSplit, source.JobFailed},
		"expired":                   {genesyssim.Fault{On: status, Do: genesyssim.Expire, Nth: 2}, source.ErrRestart, source.JobLost},
		"vanished":                  {genesyssim.Fault{On: status, Do: genesyssim.Vanish, Nth: 2}, source.ErrRestart, source.JobLost},
		"stuck":                     {genesyssim.Fault{On: status, Do: genesyssim.Stall, Delay: 48 * time.Hour}, source.ErrSplit, source.JobDeleted},
		"slow":                      {genesyssim.Fault{On: status, Do: genesyssim.Stall, Delay: 5 * time.Hour}, nil, source.JobDone},
		"not allowed":               {genesyssim.Fault{On: create, Do: genesyssim.Status, Status: 403, Code: "missing.permissions"}, source.ErrRefused, ""},
		"a window that is too long": {genesyssim.Fault{On: create, Do: genesyssim.Status, Status: 400, Code: "bad.request", Message: "The range may not exceed 7 days"}, source.ErrSplit, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b, s := setup(t, func(c *genesyssim.Config, _ *dataexport.Config) {
					c.Jobs.ObjectRows = 20
					c.Faults = []genesyssim.Fault{tt.fault}
				}), newSink()
				err := b.source.Export(t.Context(), b.task(), s)
				if !errors.Is(err, tt.want) || err != nil && strings.Contains(err.Error(), "5550142") {
					t.Errorf("error is %v, want %v", err, tt.want)
				}
				if (tt.note == "") != (len(s.notes) == 0) || tt.note != "" && s.notes[len(s.notes)-1] != tt.note {
					t.Errorf("noted %v, want %q at the end", s.notes, tt.note)
				}
				if tt.want != nil && len(s.adopted) > 0 {
					t.Error("objects of a job that did not complete were adopted")
				}
			})
		})
	}
}

// TestKilled: whenever the process dies, the next one delivers all, and the provider was asked for one job.
func TestKilled(t *testing.T) {
	t.Parallel()
	for kill := 1; ; kill++ {
		calls := 0
		ok := t.Run("", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := setup(t, func(c *genesyssim.Config, _ *dataexport.Config) { c.Jobs.ObjectRows = 50 })
				s, task := newSink(), b.task()
				s.kill = kill
				err := b.source.Export(t.Context(), task, s)
				calls = s.calls
				if errors.Is(err, errKilled) {
					time.Sleep(time.Minute)
					s.kill, task.State = 0, s.state
					err = b.source.Export(t.Context(), task, s)
				}
				if err != nil {
					t.Fatal(err)
				}
				if want, got := b.truth(inbound), b.rows(s); !maps.Equal(want, got) {
					t.Errorf("%d rows, want %d", len(got), len(want))
				}
				if n := b.sim.Requests()[create]; n != 1 {
					t.Errorf("%d jobs were ordered", n)
				}
				if i := slices.IndexFunc(s.notes, func(n string) bool { return n == source.JobCreated || n == source.JobAdopted }); i != 0 || s.notes[len(s.notes)-1] != source.JobDone {
					t.Errorf("noted %v", s.notes)
				}
			})
		})
		if !ok || calls < kill { // it was never killed: all points were tried
			if kill < 6 {
				t.Errorf("killed at %d points only", kill-1)
			}
			return
		}
	}
}

// TestOrphan: an order whose answer is lost left a job, which is found by its prefix.
func TestOrphan(t *testing.T) {
	t.Parallel()
	lost := func(c *genesyssim.Config, _ *dataexport.Config) {
		c.Faults = []genesyssim.Fault{{On: create, Do: genesyssim.Lost, Times: -1}}
	}
	t.Run("adopted", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b, s := setup(t, lost), newSink()
			task := b.task()
			if err := b.source.Export(t.Context(), task, s); err == nil || errors.Is(err, source.ErrRefused) || s.state == nil {
				t.Fatalf("error is %v with state %s", err, s.state)
			}
			task.State = s.state
			if err := b.source.Export(t.Context(), task, s); err != nil {
				t.Fatal(err)
			}
			if want := []string{source.JobAdopted, source.JobDone}; !slices.Equal(s.notes, want) || b.sim.Requests()[create] != 1 {
				t.Errorf("noted %v, want %v", s.notes, want)
			}
			if !maps.Equal(b.truth(inbound), b.rows(s)) {
				t.Error("rows are missing")
			}
		})
	})
	t.Run("ordered twice", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b, s := setup(t, lost), newSink()
			_ = b.source.Export(t.Context(), b.task(), s)
			_ = b.source.Export(t.Context(), b.task(), s) // without the state
			task := b.task()
			task.State = s.state
			if err := b.source.Export(t.Context(), task, s); err != nil {
				t.Fatal(err)
			}
			if want := []string{source.JobAdopted, source.JobDeleted, source.JobDone}; !slices.Equal(s.notes, want) {
				t.Errorf("noted %v, want %v", s.notes, want)
			}
		})
	})
	t.Run("of another window", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b, s := setup(t, lost), newSink()
			_ = b.source.Export(t.Context(), b.task(), s)
			task := b.task()
			task.State, task.Window.From = s.state, task.Window.From.Add(time.Hour)
			_ = b.source.Export(t.Context(), task, s)
			if n := b.sim.Requests()[create]; n != 2 || len(s.notes) > 0 {
				t.Errorf("%d orders, noted %v: another window's job was adopted", n, s.notes)
			}
		})
	})
	t.Run("deleted", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b, s := setup(t, lost), newSink()
			task := b.task()
			_ = b.source.Export(t.Context(), task, s)
			task.State = s.state
			if err := b.source.Abandon(t.Context(), task); err != nil || b.sim.Requests()["DELETE /api/v2/data/export/{job}"] != 1 {
				t.Errorf("the orphan is still there, %v", err)
			}
		})
	})
}

func TestAbandon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s := setup(t), newSink()
		task := b.task()
		if err := b.source.Abandon(t.Context(), task); err != nil || len(b.sim.Requests()) > 0 {
			t.Errorf("a task that never began: %v, %v", err, b.sim.Requests())
		}
		s.kill = 4 // with the job's id saved
		if err := b.source.Export(t.Context(), task, s); !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		task.State = s.state
		for range 2 {
			if err := b.source.Abandon(t.Context(), task); err != nil {
				t.Error(err)
			}
		}
		if err := b.source.Export(t.Context(), task, newSink()); !errors.Is(err, source.ErrRestart) {
			t.Errorf("error is %v, want that the job is gone", err)
		}
	})
}

func TestWrongTask(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		tests := map[string]struct {
			change func(*source.Task)
			want   error
		}{
			"no run":            {func(t *source.Task) { t.Run = "" }, source.ErrRefused},
			"no window":         {func(t *source.Task) { t.Window = objref.Window{} }, source.ErrRefused},
			"nobody's rows":     {func(t *source.Task) { t.Tenants = []string{} }, source.ErrRefused},
			"a blank tenant":    {func(t *source.Task) { t.Tenants = []string{"acme", " "} }, source.ErrRefused},
			"a strange state":   {func(t *source.Task) { t.State = []byte(`{"cursor":1}`) }, source.ErrRestart},
			"half a state":      {func(t *source.Task) { t.State = []byte(`{`) }, source.ErrRestart},
			"half, of tenants'": {func(t *source.Task) { t.State, t.Tenants = []byte(`{`), []string{"acme"} }, source.ErrRestart},
		}
		for name, tt := range tests {
			task := b.task()
			tt.change(&task)
			if err := b.source.Export(t.Context(), task, newSink()); !errors.Is(err, tt.want) {
				t.Errorf("%s: error is %v, want %v", name, err, tt.want)
			}
		}
		if n := b.sim.Requests()[create]; n != 0 {
			t.Errorf("%d jobs were ordered", n)
		}
	})
}

// TestStrangeJob: a job that does not do what was ordered is not taken for one that is done.
func TestStrangeJob(t *testing.T) {
	t.Parallel()
	const prefix = "interaction/run=" + runID + "/19991231T000000000Z-20000101T000000000Z/"
	tests := map[string]struct {
		says string
		want error
	}{
		"as ordered":         {`{"id":"1","state":"COMPLETED","recordCount":2,"objects":[{"bucketName":"raw","key":"` + prefix + `x","recordCount":2}]}`, nil},
		"another bucket":     {`{"id":"1","state":"COMPLETED","recordCount":2,"objects":[{"bucketName":"masked","key":"` + prefix + `x","recordCount":2}]}`, source.ErrRefused},
		"another prefix":     {`{"id":"1","state":"COMPLETED","recordCount":2,"objects":[{"bucketName":"raw","key":"interaction/x","recordCount":2}]}`, source.ErrRefused},
		"rows are missing":   {`{"id":"1","state":"COMPLETED","recordCount":3,"objects":[{"bucketName":"raw","key":"` + prefix + `x","recordCount":2}]}`, source.ErrRestart},
		"an object is":       {`{"id":"1","state":"COMPLETED","recordCount":2,"objects":[]}`, source.ErrRestart},
		"an id that is none": {`{"id":"../1","state":"COMPLETED"}`, errAny},
		"a state of its own": {`{"id":"1","state":"DREAMING"}`, errAny},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b, s := setup(t), newSink()
				b.source = b.make(answerText(tt.says), dataexport.Config{Bucket: "raw", Region: "us-east-1"})
				err := b.source.Export(t.Context(), b.task(), s)
				if !errors.Is(err, tt.want) && (tt.want != errAny || err == nil) {
					t.Errorf("error is %v, want %v", err, tt.want)
				}
				if (err == nil) != (len(s.adopted) == 1) || (err == nil) != slices.Contains(s.notes, source.JobDone) {
					t.Errorf("%d objects were adopted, noted %v", len(s.adopted), s.notes)
				}
				if errors.Is(err, source.ErrRefused) && s.state != nil {
					t.Errorf("the next try would ask for the same job: %s", s.state)
				}
			})
		})
	}
}

var errAny = errors.New("any error")
