package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/follow"
	"github.com/maskrail/maskrail/libs/objref"
)

func TestReportForPeople(t *testing.T) {
	t.Parallel()
	stages := []follow.Stage{{Stage: "export"}, {Stage: "mask"}, {Stage: "validate"}, {Stage: "load"}}
	refused := ObjectReport{Object: "0123456789ab", State: objref.Rejected, Rejects: 1,
		Reason: &objref.Reason{Class: "unknown-field", Field: "segment", Detail: "name it"}}
	for name, c := range map[string]struct {
		report     Report
		want, lack []string
	}{
		"loaded": {Report{Loaded: 1, Stages: stages, Sandbox: "/x/sandbox.duckdb", Table: "interaction",
			Objects: []ObjectReport{{File: "a.csv", State: objref.Loaded, Loaded: 1}}},
			[]string{"export", "1 row: 1 loaded, 0 skipped", "/x/sandbox.duckdb"}, []string{"refused", "left out", "a.csv"}},
		"one refused": {Report{Loaded: 4, Stages: stages, Sandbox: "/x/sandbox.duckdb",
			Objects: []ObjectReport{{File: "a.csv", State: objref.Loaded, Loaded: 4}, refused}},
			[]string{"4 rows: 4 loaded", "1 of 2 objects refused", "object 0123456789ab: rejected: unknown-field: segment: name it"}, []string{"5 rows"}},
		"rows left out": {Report{Loaded: 2, Stages: stages,
			Objects: []ObjectReport{{File: "a.csv", State: objref.Loaded, Loaded: 2, Rejects: 1}}},
			[]string{"3 rows: 2 loaded", "1 left out by the policy", "a.csv: 1 row left out"}, []string{"refused", "sandbox"}},
		"interrupted": {Report{Stages: stages, Sandbox: "/x/sandbox.duckdb", Objects: []ObjectReport{{File: "a.csv"}}},
			[]string{"a.csv: not finished"}, []string{"0 rows", "export", "sandbox"}},
		"replay from masked": {Report{Loaded: 2, Stages: stages, over: 2, Objects: []ObjectReport{{State: objref.Loaded}}},
			[]string{"validate", "load"}, []string{"export", "  mask"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			c.report.print(&terminal{out: &out})
			for _, w := range c.want {
				if !strings.Contains(out.String(), w) {
					t.Errorf("lacks %q:\n%s", w, out.String())
				}
			}
			for _, w := range c.lack {
				if strings.Contains(out.String(), w) {
					t.Errorf("should not say %q:\n%s", w, out.String())
				}
			}
		})
	}
}

func TestClip(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "", "señor": "señor", "señora": "seño…"} {
		if got := clip(text, 5); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
