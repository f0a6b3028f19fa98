package cli

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/scan"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/detect/evaluate"
	"github.com/maskrail/maskrail/policies"
)

// TestScan: exit code, report and table, and no value in any.
func TestScan(t *testing.T) {
	t.Parallel()
	in := filepath.Join(t.TempDir(), "calls.parquet")
	if _, err := execute(t, "synth", "--rows", "300", "--out", in); err != nil {
		t.Fatal(err)
	}
	clean := file(t, "clean.csv", "a,b\n1,queue\n2,\n")
	table, err := execute(t, "scan", in)
	if !errors.Is(err, errFound) || app.IsUsage(err) {
		t.Errorf("%v: want something found", err)
	}
	for _, want := range []string{`! "phoneNumber"`, "300 rows, 20 fields"} {
		if !strings.Contains(table, want) {
			t.Errorf("%q is missing in\n%s", want, table)
		}
	}
	out, err := execute(t, "scan", "--json", "--classes", "phone,email,card,ssn", "--policy", file(t, "policy.yaml", string(policies.GuideInteraction)), in)
	if err != nil {
		t.Fatal(err)
	}
	var r struct {
		Files      []scan.Report
		Unexpected int64
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Files) != 1 || r.Files[0].Rows != 300 || r.Unexpected != 0 {
		t.Errorf("%+v", r)
	}
	if table, err = execute(t, "scan", clean); err != nil || !strings.Contains(table, "nothing found") {
		t.Errorf("%q, %v", table, err)
	}
	for _, wrong := range [][]string{{"scan"}, {"scan", "no-such-file"}, {"scan", "--classes", "shoe", clean}, {"scan", "--workers", "0", clean}} {
		if _, err := execute(t, wrong...); !app.IsUsage(err) {
			t.Errorf("%v: %v: want wrong usage", wrong, err)
		}
	}
}

func TestEval(t *testing.T) {
	t.Parallel()
	const text = `[{"full_text": "Łódź: write to jo@example.com", "masked": null, "spans": [
  {"entity_type": "MAIL", "entity_value": "jo@example.com", "start_position": 15, "end_position": 29}]},
 {"full_text": "nothing here", "spans": [{"entity_type": "NRP", "start_position": 0, "end_position": 7}]}]`
	spans, found := file(t, "spans.json", text), filepath.Join(t.TempDir(), "found.json")
	out, err := execute(t, "eval", "--spans", spans, "--map", "MAIL=email", "--out", found, "--json")
	if err != nil {
		t.Fatal(err)
	}
	var r evaluate.Result
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if r.Precision != 1 || r.Recall != 0.5 || r.Classes["email"].Found != 1 || r.Classes["NRP"].Missed != 1 {
		t.Errorf("%+v", r)
	}
	in, err := os.Open(found)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	samples, err := evaluate.Read(in)
	if err != nil || len(samples) != 2 || len(samples[0].Labels) != 1 || samples[0].Labels[0].Type != "MAIL" || samples[0].Labels[0].Start != 15 {
		t.Errorf("%+v, %v", samples, err)
	}
	table, err := execute(t, "eval", "--spans", spans)
	if err != nil || strings.Contains(table, "jo@example.com") || !strings.Contains(table, "MAIL") {
		t.Errorf("%v\n%s", err, table)
	}
	for _, wrong := range [][]string{{"eval"}, {"eval", "--spans", spans, "--map", "MAIL=shoe"}, {"eval", "--spans", spans, "--region", "ZZ"}} {
		if _, err := execute(t, wrong...); !app.IsUsage(err) {
			t.Errorf("%v: %v: want wrong usage", wrong, err)
		}
	}
	if _, err := execute(t, "eval", "--spans", file(t, "bad.json", `[{"full_text": 5}]`)); err == nil || !strings.Contains(err.Error(), "bad.json") {
		t.Errorf("%v: want the file's name", err)
	}
}
