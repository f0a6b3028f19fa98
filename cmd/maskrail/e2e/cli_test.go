package e2e

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A file that one environment has goes into another by run alone, with and without a stack that runs: no event tells of
// an object that lies in the bucket already.
func TestRunIntoSecondEnvironment(t *testing.T) {
	t.Parallel()
	key, policy, dir := keyFile(t), write(t, "policy.yaml", smallPolicy), t.TempDir()
	in := write(t, "in.csv", goodCSV)
	run := func(env string) report {
		return maskrail(t, "run", "--policy", policy, "--key-file", key, "--dir", dir, "--env", env, "--json", in).ok(t).report(t)
	}
	if r := run("sandbox"); r.Loaded != 2 {
		t.Fatalf("first environment: %+v", r)
	}
	if r := run("second"); r.Loaded != 2 {
		t.Errorf("second environment: %+v", r)
	}
	u := startUp(t, "--policy", policy, "--key-file", key, "--dir", dir)
	if r := run("third"); r.Loaded != 2 {
		t.Errorf("third environment, beside up: %+v", r)
	}
	u.stop(t)
	for _, env := range []string{"sandbox", "second", "third"} {
		if got := one(t, filepath.Join(dir, env+".duckdb"), "SELECT count(*) FROM interaction"); got != "2" {
			t.Errorf("%s holds %s rows", env, got)
		}
	}
}

// Ctrl-C loses nothing, and the same command goes on at once: a message that was in a worker's hands would otherwise
// come again only when the server's patience ends.
func TestInterruptedDemoGoesOn(t *testing.T) {
	t.Parallel()
	const rows = "150000"
	dir := filepath.Join(t.TempDir(), "demo")
	var out, errs strings.Builder
	first := exec.CommandContext(t.Context(), filepath.Join(bin, "maskrail"), "demo", "--rows", rows, "--dir", dir)
	first.Stdout, first.Stderr = &out, &errs
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for dropped := false; !dropped; {
		select {
		case <-tick.C:
			there, err := filepath.Glob(filepath.Join(dir, "s3", "maskrail-raw", "interaction", "*", "*.parquet"))
			if err != nil {
				t.Fatal(err)
			}
			dropped = len(there) > 0
		case <-t.Context().Done():
			t.Fatal("the object was never dropped")
		}
	}
	if err := first.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait() // the exit code says it
	if first.ProcessState.ExitCode() != 1 || !strings.Contains(errs.String(), "the same command goes on") || strings.Contains(out.String(), "0 rows") {
		t.Errorf("interrupted: code %d\n%s\n%s", first.ProcessState.ExitCode(), out.String(), errs.String())
	}
	r := maskrail(t, "demo", "--rows", rows, "--dir", dir, "--json").ok(t).report(t)
	if r.Loaded+r.Skipped != 150_000 || r.Again == nil || r.Again.Skipped != 150_000 {
		t.Errorf("again: %+v", r)
	}
	if r.Seconds > 28 { // the server's patience is 30 s
		t.Errorf("going on took %.1f s", r.Seconds)
	}
	if got := one(t, filepath.Join(dir, "sandbox.duckdb"), "SELECT count(DISTINCT interactionId) FROM interaction"); got != rows {
		t.Errorf("rows in the sandbox: %s", got)
	}
}

// Objects are reported in the order of the files, each with the id that logs and traces have; a dry run names them
// too, and changes nothing.
func TestReportNamesObjects(t *testing.T) {
	t.Parallel()
	key, policy, dir := keyFile(t), write(t, "policy.yaml", smallPolicy), t.TempDir()
	base := []string{"--policy", policy, "--key-file", key, "--dir", dir, "--json"}
	var files []string
	for i, name := range []string{"c.csv", "a.csv", "call +14155550142 ü.csv", "b.csv"} {
		files = append(files, write(t, name, strings.ReplaceAll(goodCSV, "i-", fmt.Sprintf("%d-", i))))
	}
	type object struct{ Object, File string }
	var run, dry struct {
		Objects []object
		DryRun  bool
	}
	maskrail(t, append(append([]string{"run"}, base...), files...)...).ok(t).into(t, &run)
	ids := map[string]bool{}
	for i, o := range run.Objects {
		ids[o.Object] = true
		if len(o.Object) != 12 || o.File != files[i] {
			t.Errorf("object %d: %+v", i, o)
		}
	}
	before := tree(t, filepath.Join(dir, "s3"))
	maskrail(t, append(append([]string{"replay"}, base...), "--env", "second", "--dry-run")...).ok(t).into(t, &dry)
	if !dry.DryRun || len(dry.Objects) != len(files) {
		t.Fatalf("dry run: %+v", dry)
	}
	for _, o := range dry.Objects {
		if !ids[o.Object] {
			t.Errorf("dry run: object %s is none of the run's %v", o.Object, ids)
		}
	}
	for name := range tree(t, filepath.Join(dir, "s3", "maskrail-masked")) {
		if _, ok := before["maskrail-masked/"+name]; !ok {
			t.Errorf("the dry run wrote %s", name)
		}
	}
}

// into reads the last line of --json output.
func (r result) into(t *testing.T, v any) {
	t.Helper()
	lines := strings.Split(strings.TrimRight(r.stdout, "\n"), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), v); err != nil {
		t.Fatalf("%v: %s", err, r.stdout)
	}
}
