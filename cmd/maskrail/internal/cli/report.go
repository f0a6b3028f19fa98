package cli

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/follow"
	"github.com/maskrail/maskrail/libs/objref"
)

// Report is what a command that moves objects ends with.
type Report struct {
	Run     string `json:"run"`
	Rows    int64  `json:"rows"`    // rows of the files: loaded + skipped + rejected
	Loaded  int64  `json:"loaded"`  // rows that this run put into the sandbox
	Skipped int64  `json:"skipped"` // rows that were there already
	// Rejected are rows that were refused: those of refused objects, and those a policy lets the masker drop and count.
	// A refused object whose rows could not be counted counts as one.
	Rejected int64          `json:"rejected"`
	Sandbox  string         `json:"sandbox"` // DuckDB file; empty on servers that run elsewhere
	Table    string         `json:"table"`
	Raw      string         `json:"raw"`    // folder of the raw bucket, or its address
	Masked   string         `json:"masked"` // folder of the masked bucket, or its address
	Trace    string         `json:"trace"`  // trace id of the first object
	Seconds  float64        `json:"seconds"`
	Stages   []follow.Stage `json:"stages"`
	Objects  []ObjectReport `json:"objects"`
	DryRun   bool           `json:"dryRun,omitempty"` // objects are those that would be replayed
	Again    *Report        `json:"again,omitempty"`
	Error    string         `json:"error,omitempty"`

	over int // stages that were over before the objects set out
}

// ObjectReport is how one object ended.
type ObjectReport struct {
	Object  string         `json:"object"` // short id, as in logs and traces
	File    string         `json:"file,omitempty"`
	State   objref.State   `json:"state,omitempty"` // empty: not settled
	Rows    int64          `json:"rows"`
	Loaded  int64          `json:"loaded"`
	Skipped int64          `json:"skipped"`
	Rejects int64          `json:"rejects,omitempty"`
	Reason  *objref.Reason `json:"reason,omitempty"`
	Masked  string         `json:"masked,omitempty"` // key in the masked bucket
	Trace   string         `json:"trace,omitempty"`
}

// report sums up what became of objects that set out from a stage; "" is the bucket.
func (s *session) report(id, table string, from objref.Stage, objects []follow.Object, names map[string]string) Report {
	buckets := s.stack.Buckets()
	r := Report{Run: id, Sandbox: s.cfg.Dir.Sandbox(s.cfg.Environment), Table: table,
		Raw: s.cfg.Dir.Bucket(buckets.Raw), Masked: s.cfg.Dir.Bucket(buckets.Masked),
		Seconds: follow.Seconds(time.Since(s.started)), Stages: follow.Stages(s.started, from, objects), Objects: []ObjectReport{},
		over: follow.Before(from)}
	if s.cfg.Remote.NATS != "" {
		r.Sandbox, r.Raw, r.Masked = "", "s3://"+buckets.Raw, "s3://"+buckets.Masked
	}
	for _, o := range objects {
		or := ObjectReport{Object: o.Raw.ShortID(), File: names[o.Raw.Identity()], Rows: o.Rows, Rejects: o.Rejects, Trace: o.Trace}
		if o.Masked != nil {
			or.Masked = o.Masked.Key
		}
		if r.Trace == "" {
			r.Trace = o.Trace
		}
		if o.Outcome != nil {
			or.State, or.Loaded, or.Skipped, or.Reason = o.Outcome.State, o.Outcome.Loaded, o.Outcome.Skipped, o.Outcome.Reason
			switch o.Outcome.State {
			case objref.Rejected, objref.Dead:
				or.Rejects = max(1, o.Rows+o.Rejects)
			}
		}
		r.Loaded += or.Loaded
		r.Skipped += or.Skipped
		r.Rejected += or.Rejects
		r.Objects = append(r.Objects, or)
	}
	r.Rows = r.Loaded + r.Skipped + r.Rejected
	return r
}

// Refused says whether an object was stopped.
func (r Report) Refused() bool { return r.refused() > 0 }

// refused is how many objects were stopped.
func (r Report) refused() int {
	n := 0
	for _, o := range r.Objects {
		if o.stopped() {
			n++
		}
	}
	return n
}

func (o ObjectReport) stopped() bool { return o.State == objref.Rejected || o.State == objref.Dead }

func (r Report) print(t *terminal) {
	ended, dropped := 0, int64(0)
	for _, o := range r.Objects {
		if o.State != "" {
			ended++
		}
		if !o.stopped() {
			dropped += o.Rejects
		}
	}
	if ended > 0 {
		r.printStages(t)
		line := fmt.Sprintf("%s: %d loaded, %d skipped (already there)", count(r.Loaded+r.Skipped+dropped, "row"), r.Loaded, r.Skipped)
		if dropped > 0 {
			line += fmt.Sprintf(", %d left out by the policy", dropped)
		}
		if n := r.refused(); n > 0 {
			line += fmt.Sprintf(", %d of %s refused", n, count(int64(len(r.Objects)), "object"))
		}
		t.say("\n%s, in %.1f s", line, r.Seconds)
	}
	for _, o := range r.Objects {
		switch {
		case o.Reason != nil:
			t.say("%s: %s: %s", o.name(), o.State, o.Reason)
		case o.State == "":
			t.say("%s: not finished", o.name())
		case o.Rejects > 0:
			t.say("%s: %s left out by the policy", o.name(), count(o.Rejects, "row"))
		}
	}
	if r.Loaded+r.Skipped > 0 && r.Sandbox != "" {
		t.say("sandbox %s, table %s", shown(r.Sandbox), r.Table)
	}
}

func (r Report) printStages(t *terminal) {
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "stage\tobjects\trows\tseconds\t")
	for _, s := range r.Stages[r.over:] {
		fmt.Fprintf(w, "%s\t%d\t%d\t%.2f\t\n", s.Stage, s.Objects, s.Rows, s.Seconds)
	}
	w.Flush()
}

// name is the file, or the short id of an object whose file is not known: its key may hold what nobody should read.
func (o ObjectReport) name() string {
	if o.File == "" {
		return "object " + o.Object
	}
	return o.File
}

// count is a number of things in words: "1 row", "2 rows".
func count(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
