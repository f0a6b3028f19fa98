package analytics

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/genesyssim"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// TestFaults: what goes wrong with a job is told as what the engine can do about it, and what mends itself is not told.
func TestFaults(t *testing.T) {
	t.Parallel()
	const (
		create  = "POST " + jobsPath
		status  = "GET " + jobsPath + "/*"
		results = "GET " + jobsPath + "/*/results"
	)
	tests := map[string]struct {
		fault genesyssim.Fault
		want  error
		noted string
	}{
		"the job fails":               {genesyssim.Fault{On: create, Do: genesyssim.Fail, Message: "+1 212 555 0147"}, source.ErrSplit, "job-created job-failed"},
		"the job fails later":         {genesyssim.Fault{On: status, Do: genesyssim.Fail, Nth: 2}, source.ErrSplit, "job-created job-failed"},
		"the job expires":             {genesyssim.Fault{On: status, Do: genesyssim.Expire, Nth: 2}, source.ErrRestart, "job-created job-lost"},
		"the job vanishes":            {genesyssim.Fault{On: status, Do: genesyssim.Vanish, Nth: 2}, source.ErrRestart, "job-created job-lost"},
		"it vanishes between pages":   {genesyssim.Fault{On: results, Do: genesyssim.Vanish, Nth: 2}, source.ErrRestart, "job-created job-lost"},
		"it expires between pages":    {genesyssim.Fault{On: results, Do: genesyssim.Expire, Nth: 2}, source.ErrRestart, "job-created job-lost"},
		"a cap on results":            {genesyssim.Fault{On: results, Do: genesyssim.Cap, Nth: 2, Rows: 30}, source.ErrSplit, "job-created job-failed"},
		"a cap on the interval":       {genesyssim.Fault{On: create, Do: genesyssim.Status, Status: 400, Code: "bad.request", Message: "The interval may not exceed 12h"}, source.ErrSplit, ""},
		"a cursor it does not take":   {genesyssim.Fault{On: results, Do: genesyssim.Status, Nth: 2, Status: 400, Code: "bad.request", Message: "Cursor +1 212 555 0147"}, source.ErrRestart, "job-created job-lost"},
		"a cursor that leads nowhere": {genesyssim.Fault{On: results, Do: genesyssim.Repeat, Nth: 2, Times: -1}, source.ErrRestart, "job-created job-lost"},
		"no permission":               {genesyssim.Fault{On: create, Do: genesyssim.Status, Status: 403, Code: "missing.permissions"}, source.ErrRefused, ""},
		"no permission for results":   {genesyssim.Fault{On: results, Do: genesyssim.Status, Status: 403, Code: "missing.permissions"}, source.ErrRefused, "job-created"},

		"a cursor that stands still once": {genesyssim.Fault{On: results, Do: genesyssim.Repeat, Nth: 2}, nil, "job-created job-done"},
		"an empty page with a cursor":     {genesyssim.Fault{On: results, Do: genesyssim.Empty, Nth: 2}, nil, "job-created job-done"},
		"an empty first page":             {genesyssim.Fault{On: results, Do: genesyssim.Empty}, nil, "job-created job-done"},
		"a conversation on two pages":     {genesyssim.Fault{On: results, Do: genesyssim.Duplicate, Nth: 2, Times: 2}, nil, "job-created job-done"},
		"a token that expires":            {genesyssim.Fault{On: results, Do: genesyssim.ExpireToken, Nth: 2}, nil, "job-created job-done"},
		"too many requests":               {genesyssim.Fault{On: results, Do: genesyssim.TooMany, Nth: 2, Times: 3}, nil, "job-created job-done"},
		"a page that is cut off":          {genesyssim.Fault{On: results, Do: genesyssim.Cut, Nth: 2}, nil, "job-created job-done"},
		"half a page, as if whole":        {genesyssim.Fault{On: results, Do: genesyssim.Truncate, Nth: 2}, nil, "job-created job-done"},
		"a page of a proxy":               {genesyssim.Fault{On: results, Do: genesyssim.HTML, Nth: 2, Status: 200}, nil, "job-created job-done"},
		"a page that is away":             {genesyssim.Fault{On: results, Do: genesyssim.Redirect, Nth: 2}, nil, "job-created job-done"},
		"a page of gzip":                  {genesyssim.Fault{On: results, Do: genesyssim.Zip, Nth: 2}, nil, "job-created job-done"},
		"a job that takes hours":          {genesyssim.Fault{On: status, Do: genesyssim.Stall, Delay: 11 * time.Hour}, nil, "job-created job-done"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			simulate(t, nil, func(o *org) {
				if err := o.sim.Inject(tt.fault); err != nil {
					o.Fatal(err)
				}
				task := source.Task{Window: o.day(3)}
				b := newBucket(o.T)
				err := o.export(b, task)
				if !errors.Is(err, tt.want) || tt.want == nil && err != nil {
					o.Fatalf("error %v, want %v", err, tt.want)
				}
				if b.noted() != tt.noted {
					o.Errorf("noted %s, want %s", b.noted(), tt.noted)
				}
				if err != nil {
					if strings.Contains(err.Error(), "555") {
						o.Errorf("the error shows what the provider says: %v", err)
					}
					return
				}
				o.same(b.flat(), o.truth(task.Window, o.now))
			})
		})
	}
}

// TestAfterALostJob: what a task with a lost job begins again has everything, under names of its own.
func TestAfterALostJob(t *testing.T) {
	t.Parallel()
	simulate(t, nil, func(o *org) {
		if err := o.sim.Inject(genesyssim.Fault{On: "GET " + jobsPath + "/*/results", Do: genesyssim.Vanish, Nth: 2}); err != nil {
			o.Fatal(err)
		}
		b := newBucket(o.T)
		task := source.Task{Window: o.day(3)}
		if err := o.export(b, task); !errors.Is(err, source.ErrRestart) || len(b.parts) == 0 {
			o.Fatalf("error %v, %d parts", err, len(b.parts))
		}
		first := b.parts
		b.parts, b.states = map[string]source.Part{}, nil
		if err := o.export(b, task); err != nil {
			o.Fatal(err)
		}
		o.same(b.flat(), o.truth(task.Window, o.now))
		for key := range b.parts {
			if _, twice := first[key]; twice {
				o.Errorf("two jobs have put %s", key)
			}
		}
		if b.noted() != "job-created job-lost job-created job-done" {
			o.Errorf("noted %s", b.noted())
		}
	})
}

func TestPatience(t *testing.T) {
	t.Parallel()
	simulate(t, nil, func(o *org) {
		if err := o.sim.Inject(genesyssim.Fault{On: "GET " + jobsPath + "/*", Do: genesyssim.Stall, Delay: 48 * time.Hour}); err != nil {
			o.Fatal(err)
		}
		b := newBucket(o.T)
		err := o.export(b, source.Task{Window: o.day(3)})
		if took := time.Since(o.now); !errors.Is(err, source.ErrRestart) || took < patience || took > patience+time.Minute {
			o.Errorf("given up after %s: %v", took, err)
		}
		if n := o.sim.Requests()["DELETE "+jobsPath+"/{job}"]; n != 1 || b.noted() != "job-created job-lost" {
			o.Errorf("the job is deleted %d times, noted %s", n, b.noted())
		}
	})
}

// TestAbandon: the job is taken back, whether it is there or not, and a task that left none asks for nothing.
func TestAbandon(t *testing.T) {
	t.Parallel()
	simulate(t, nil, func(o *org) {
		b := newBucket(o.T)
		ctx, cancel := contextThatEnds(o)
		b.arm(cancel, 4, false) // the state with the job is saved
		if err := o.src.Export(ctx, source.Task{Window: o.day(3)}, b); err == nil {
			o.Fatal("the task has not ended")
		}
		deleted := func() int { return o.sim.Requests()["DELETE "+jobsPath+"/{job}"] }
		if deleted() != 0 {
			o.Error("a task that ends has deleted its job")
		}
		for range 2 {
			if err := o.src.Abandon(o.Context(), source.Task{State: b.state()}); err != nil {
				o.Error(err)
			}
		}
		if err := o.sim.Inject(genesyssim.Fault{On: "DELETE " + jobsPath + "/*", Do: genesyssim.Vanish}); err != nil {
			o.Fatal(err)
		}
		if err := o.src.Abandon(o.Context(), source.Task{State: b.state()}); err != nil || deleted() != 3 {
			o.Errorf("a job that is gone: %v, %d deletions", err, deleted())
		}
		for _, state := range []string{"", `{"asked":"2026-03-09T13:17:45Z"}`, `{"job":"7","done":true}`, "nonsense"} {
			if err := o.src.Abandon(o.Context(), source.Task{State: []byte(state)}); err != nil || deleted() != 3 {
				o.Errorf("%q: %v, %d deletions", state, err, deleted())
			}
		}
		if err := o.export(b, source.Task{Window: o.day(3)}); !errors.Is(err, source.ErrRestart) {
			o.Errorf("the task goes on with a job that was taken back: %v", err)
		}
	})
}

// TestLargePages: a page that is too large comes in smaller ones. A record of more than anybody can hold stops the task.
func TestLargePages(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		bytes      int // by which the first record of each page is larger
		page, held int64
		want       error
	}{
		"10 MB":                      {10 << 20, source.MaxRecord, source.MaxHeld, nil},
		"pages that are too":         {1 << 20, 5 << 18, source.MaxHeld, nil},
		"more than anybody can hold": {1 << 20, 1 << 18, 1 << 19, source.ErrRefused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			simulate(t, nil, func(o *org) {
				if err := o.sim.Inject(genesyssim.Fault{On: "GET " + jobsPath + "/*/results", Do: genesyssim.Big, Bytes: tt.bytes, Times: -1}); err != nil {
					o.Fatal(err)
				}
				o.src.PageSize = 100 // a single page
				o.src.pageBytes, o.src.heldBytes, o.src.partBytes = tt.page, tt.held, 2<<20
				b := newBucket(o.T)
				task := source.Task{Window: o.day(3)}
				if err := o.export(b, task); !errors.Is(err, tt.want) || tt.want == nil && err != nil {
					o.Fatalf("error %v, want %v", err, tt.want)
				}
				if tt.want == nil {
					o.same(b.flat(), o.truth(task.Window, o.now))
				}
			})
		})
	}
}

// TestLargeRecord: a record that is too large for any reader, or a text of which is, is held, whole and alone. The others come, and
// behind it in large pages again.
func TestLargeRecord(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		bytes int
		page  int64
	}{
		"a record that is": {1 << 20, 1 << 19},
		"a text that is":   {source.MaxText + 1, source.MaxRecord},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			simulate(t, nil, func(o *org) {
				o.src.PageSize, o.src.pageBytes = 100, tt.page
				truth := o.truth(o.day(3), o.now)
				large := slices.Sorted(maps.Keys(truth))[0]
				text := `{"large":"` + strings.Repeat("x", tt.bytes) + `",`
				o.ways.next = &rewriter{next: o.ways.next, change: func(_ int, records []json.RawMessage) []json.RawMessage {
					for i, r := range records {
						if c, _ := parse(r); c.id == large {
							records[i] = append(json.RawMessage(text), r[1:]...)
						}
					}
					return records
				}}
				b := o.must(source.Task{Window: o.day(3)})
				delete(truth, large)
				o.same(b.flat(), truth)
				held := b.lines(Conversation, true)
				if len(held) != 1 || !bytes.HasPrefix(held[0], []byte(text)) || !json.Valid(held[0]) {
					o.Fatalf("%d records are held", len(held))
				}
				for _, p := range b.parts {
					if p.Held != nil && (p.Rows != 1 || p.Held.Class != source.ClassMalformed || p.Held.Detail != errLong.Error()) {
						o.Errorf("it is held in a part of %d for %+v", p.Rows, p.Held)
					}
				}
				if n := o.sim.Requests()["GET "+jobsPath+"/{job}/results"]; n > 15 {
					o.Errorf("%d requests for %d records", n, len(truth))
				}
			})
		})
	}
}

// TestParts: a page whose records fill several parts is the same records.
func TestParts(t *testing.T) {
	t.Parallel()
	simulate(t, nil, func(o *org) {
		o.src.partBytes = 40 << 10
		b := o.must(source.Task{Window: o.day(3)})
		o.same(b.flat(), o.truth(o.day(3), o.now))
		for key, p := range b.parts {
			if len(p.Body) > 80<<10 {
				o.Errorf("%s has %d bytes", key, len(p.Body))
			}
		}
		if len(b.parts) < 20 {
			o.Errorf("%d parts", len(b.parts))
		}
	})
}

// TestRequests: nothing is asked twice that needs to be asked once.
func TestRequests(t *testing.T) {
	t.Parallel()
	simulate(t, nil, func(o *org) {
		b := o.must(source.Task{Window: o.day(3)})
		asked, pages := o.sim.Requests(), (len(b.flat())+24)/25
		if n := asked["GET "+jobsPath+"/{job}/results"]; n < pages || n > pages+1 || asked["POST "+jobsPath] != 1 {
			o.Errorf("%d pages for %d conversations, %d jobs", n, len(b.flat()), asked["POST "+jobsPath])
		}
	})
}
