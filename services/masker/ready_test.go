package masker

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/policy"
)

// readyFolder holds the policies that come with the project; its testdata a sample for each, and what it becomes.
const readyFolder = "../../policies"

// readyPolicies are those of the folder, by name.
func readyPolicies(t *testing.T) map[string]*policy.Policy {
	t.Helper()
	paths, err := filepath.Glob(readyFolder + "/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no policies in %s: %v", readyFolder, err)
	}
	ready := map[string]*policy.Policy{}
	for _, path := range paths {
		set, err := policy.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		for p := range set.All() {
			if want := strings.TrimSuffix(filepath.Base(path), ".yaml"); p.Name != want {
				t.Errorf("%s: the policy calls itself %s", path, p.Name)
			}
			ready[p.Name] = p
		}
	}
	return ready
}

// readyData is a file of the policies' testdata, as golden names it.
func readyData(name string) string { return filepath.Join("..", readyFolder, "testdata", name) }

func readyFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", readyData(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func readyPlan(t *testing.T, p *policy.Policy) *Plan {
	t.Helper()
	plan, err := Compile(p, keys.Example(), "example")
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// TestReadyLint wants no finding that is an error.
func TestReadyLint(t *testing.T) {
	t.Parallel()
	for name, p := range readyPolicies(t) {
		for _, f := range policy.Lint(p) {
			if f.Severity == policy.LintError {
				t.Errorf("%s: %s", name, f)
			}
		}
	}
}

// TestReadyDigests pins what the policies mean. Masked objects are told apart by it: whoever changes a ready policy gives it
// another version, so that those who use it can see that.
func TestReadyDigests(t *testing.T) {
	t.Parallel()
	var lines []string
	for name, p := range readyPolicies(t) {
		lines = append(lines, fmt.Sprintf("%s version %d %s\n", name, p.Version, p.Digest()))
	}
	slices.Sort(lines)
	if golden(t, readyData("digests.golden"), []byte(strings.Join(lines, ""))); t.Failed() {
		t.Log("if a policy is to mean something else, raise metadata.version in it; Writer stays as it is")
	}
}

// TestReadyExamples runs the examples of the policies.
func TestReadyExamples(t *testing.T) {
	t.Parallel()
	for name, p := range readyPolicies(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := readyPlan(t, p)
			for _, f := range p.Fields {
				for _, e := range f.Examples {
					out, err := plan.Try(t.Context(), f.Path, e.In, e.With)
					if err != nil {
						t.Errorf("%s:%d: %s: %v", name, e.Line, f.Path, err)
					} else if got, want := shownText(out), shownText(e.Out); got != want {
						t.Errorf("%s:%d: %s: got %s, want %s", name, e.Line, f.Path, got, want)
					}
				}
			}
		})
	}
}

func shownText(v *string) string {
	if v == nil {
		return "null"
	}
	return fmt.Sprintf("%q", *v)
}

// TestReadyGenesysPaths holds the policy against the record's 210 values in release 188 of the platform's own client.
func TestReadyGenesysPaths(t *testing.T) {
	t.Parallel()
	want := strings.Fields(readyFile(t, "genesys-paths.txt"))
	var got []string
	for _, f := range readyPolicies(t)["genesys-conversation"].Fields {
		got = append(got, f.Path)
	}
	slices.Sort(got)
	got = slices.Compact(got)
	for _, path := range want {
		if !slices.Contains(got, path) {
			t.Errorf("the policy does not name %s", path)
		}
	}
	for _, path := range got {
		if !slices.Contains(want, path) {
			t.Errorf("no record has %s", path)
		}
	}
	if len(want) != 210 {
		t.Errorf("the list has %d paths, want 210", len(want))
	}
}

// TestReadySamples masks a record that has a value for every field of the policy, from JSON Lines to JSON Lines and to Parquet,
// and wants the same of both, and nothing that must not pass in either.
func TestReadySamples(t *testing.T) {
	t.Parallel()
	for name, p := range readyPolicies(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan, in := readyPlan(t, p), readyFile(t, name+".jsonl")
			sample := newReadySample(t, p, in)
			for _, f := range p.Fields {
				if !sample.seen[f.Path] {
					t.Errorf("the sample has no value at %s", f.Path)
				}
			}
			masked, result, err := run(t, plan, "in.jsonl", in, Options{Format: columnar.FormatJSONL})
			if err != nil {
				t.Fatal(err)
			}
			if result.RowsIn == 0 || len(result.Tenants) < 2 {
				t.Errorf("want rows of two tenants: %+v", result)
			}
			golden(t, readyData(name+".golden.jsonl"), []byte(masked))
			sample.leaks(t, masked)

			file, _, err := run(t, plan, "in.jsonl", in, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if text := readAsJSONL(t, file); text != masked {
				t.Errorf("the Parquet file says\n%s\nand the JSON Lines\n%s", text, masked)
			}
		})
	}
}

// readAsJSONL reads a Parquet file and writes its rows as JSON Lines.
func readAsJSONL(t *testing.T, file string) string {
	t.Helper()
	r, err := columnar.Open(strings.NewReader(file), columnar.Options{Format: columnar.FormatParquet})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out bytes.Buffer
	w, err := columnar.NewWriter(&out, r.Schema(), columnar.WriteOptions{Format: columnar.FormatJSONL})
	if err != nil {
		t.Fatal(err)
	}
	for {
		batch, err := r.Next(t.Context())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		err = w.Write(batch)
		batch.Release()
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// decodeLines reads JSON Lines, numbers as they are written.
func decodeLines(t *testing.T, text string) []map[string]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var records []map[string]any
	for {
		var record map[string]any
		err := d.Decode(&record)
		if errors.Is(err, io.EOF) {
			return records
		}
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, record)
	}
}
