package e2e

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/canary"
)

func TestDemo(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "demo")
	first := maskrail(t, "demo", "--rows", "5000", "--dir", dir, "--json").ok(t).report(t)
	if first.Rows != 5000 || first.Loaded != 5000 || first.Skipped != 0 || first.Rejected != 0 {
		t.Errorf("first drop: %+v", first)
	}
	if first.Again == nil || first.Again.Loaded != 0 || first.Again.Skipped != 5000 {
		t.Errorf("second drop: %+v", first.Again)
	}
	if first.Sandbox != filepath.Join(dir, "sandbox.duckdb") || first.Table != "interaction" || len(first.Trace) != 32 || first.Run == "" {
		t.Errorf("report: %+v", first)
	}
	if got := one(t, first.Sandbox, "SELECT count(*) || '/' || count(DISTINCT interactionId) FROM interaction"); got != "5000/5000" {
		t.Errorf("rows in the sandbox: %s", got)
	}
	if got := one(t, first.Sandbox, "SELECT count(*) FROM maskrail_ledger"); got != "1" {
		t.Errorf("rows in the ledger: %s", got)
	}
	for i, stage := range []string{"export", "mask", "validate", "load"} {
		if s := first.Stages[i]; s.Stage != stage || s.Objects != 1 || s.Rows != 5000 {
			t.Errorf("stage %d: %+v", i, s)
		}
	}

	masked := tree(t, first.Masked)
	second := maskrail(t, "demo", "--rows", "5000", "--dir", dir, "--json").ok(t).report(t)
	if second.Loaded != 0 || second.Skipped != 5000 || second.Rejected != 0 {
		t.Errorf("second demo in the same folder: %+v", second)
	}
	if again := tree(t, first.Masked); !maps.Equal(masked, again) {
		t.Error("the second demo changed the masked bucket")
	}
}

func TestDemoShowsPeopleWhatHappened(t *testing.T) {
	t.Parallel()
	out := maskrail(t, "demo", "--rows", "500", "--dir", filepath.Join(t.TempDir(), "demo")).ok(t).stdout
	for _, want := range []string{"export", "mask", "validate", "load", "500 loaded", "@masked.invalid", "+999", "User_", "SELECT", "0 loaded, 500 skipped"} {
		if !strings.Contains(out, want) {
			t.Errorf("output lacks %q:\n%s", want, out)
		}
	}
}

// The same rows give the same tokens, whatever the format; and the same bytes, whatever the folder.
func TestRunFormats(t *testing.T) {
	t.Parallel()
	key, policy := keyFile(t), policyFile(t)
	var sandboxes []string
	for _, name := range []string{"in.parquet", "in.csv", "in.jsonl.gz", "in.csv.zst"} {
		in := synth(t, name, 2000, 7)
		r := maskrail(t, "run", "--policy", policy, "--key-file", key, "--env", "sandbox", "--dir", t.TempDir(), "--json", in).ok(t).report(t)
		if r.Loaded != 2000 || r.Rejected != 0 {
			t.Fatalf("%s: %+v", name, r)
		}
		sandboxes = append(sandboxes, r.Sandbox)
	}
	const rows = `SELECT * FROM (SELECT interactionId, tenant_id, phoneNumber, emailAddress, externalId, firstName, lastName,
		cardNumber, ssn, CAST(dateOfBirth AS VARCHAR), notes FROM interaction) ORDER BY interactionId`
	want := query(t, sandboxes[0], rows)
	for i, s := range sandboxes[1:] {
		got := query(t, s, rows)
		if len(got) != len(want) {
			t.Fatalf("file %d: %d rows, want %d", i+1, len(got), len(want))
		}
		for j := range got {
			if strings.Join(got[j], "\x00") != strings.Join(want[j], "\x00") {
				t.Fatalf("file %d row %d differs from Parquet's:\n%v\n%v", i+1, j, got[j], want[j])
			}
		}
	}
}

func TestSameKeySameBytes(t *testing.T) {
	t.Parallel()
	key, in := keyFile(t), synth(t, "in.parquet", 3000, 3)
	var trees []map[string]string
	for range 2 {
		r := maskrail(t, "run", "--policy", policyFile(t), "--key-file", key, "--dir", t.TempDir(), "--json", in).ok(t).report(t)
		objects := tree(t, r.Masked)
		for name := range objects {
			if !strings.HasSuffix(name, ".parquet") || strings.HasPrefix(name, canary.Prefix) {
				delete(objects, name) // attestations are signed with keys of the folder, and canaries named by them
			}
		}
		if len(objects) != 1 {
			t.Fatalf("masked objects: %v", objects)
		}
		trees = append(trees, objects)
	}
	if !maps.Equal(trees[0], trees[1]) {
		t.Errorf("masked objects differ: %v", trees)
	}
}
