package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/stack"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/policies"
)

// execute runs a command line in this process.
func execute(t *testing.T, args ...string) (stdout string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	err = Execute(t.Context(), args, &out, &errs)
	return out.String(), err
}

func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// rootKey makes a key with the command that users have.
func rootKey(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "root.key")
	if _, err := execute(t, "keygen", "--out", path); err != nil {
		t.Fatal(err)
	}
	return path
}

// Wrong usage is told from failure, with a text that says what to do, and with --json as one JSON object that is all
// there is on standard output; nothing is started or made.
func TestWrongUsage(t *testing.T) {
	t.Parallel()
	plain, key, policy := file(t, "plain", ""), rootKey(t), file(t, "policy.yaml", string(policies.GuideInteraction))
	in := file(t, "in.csv", "interactionId,tenant_id\n")
	dir := filepath.Join(t.TempDir(), "data")
	with := func(name string, more ...string) []string {
		args := []string{name, "--policy", policy, "--key-file", key}
		if name != "mask" {
			args = append(args, "--dir", dir)
		}
		return append(args, more...)
	}
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"unknown command":            {[]string{"dmeo"}, "did you mean demo?"},
		"unknown command of a group": {[]string{"policy", "lnit"}, "did you mean lint?"},
		"unknown shell":              {[]string{"completion", "tcsh"}, "tcsh"},
		"unknown topic":              {[]string{"help", "nothing"}, "nothing"},
		"unknown flag":               {[]string{"demo", "--row", "5"}, "maskrail demo --help"},
		"number that is none":        {[]string{"demo", "--rows", "many"}, "--rows"},
		"flag that is missing":       {[]string{"mask", "--out", "x.csv", in}, "missing: --policy"},
		"flags that are missing":     {[]string{"trust", "add", dir}, "missing: --"},
		"number of words":            {[]string{"synth", "--rows", "many", "--out", "x.csv"}, `--rows "many": want a whole number`},
		"number below zero":          {[]string{"synth", "--seed=-1", "--out", "x.csv"}, "not negative"},
		"two keys at once":           {[]string{"keygen", "--out", "a", "--signing", "b"}, "--out and --signing exclude each other"},
		"policy that is not there":   {[]string{"policy", "lint", filepath.Join(dir, "p.yaml")}, "is not there: name a file that is"},
		"policy that is a folder":    {[]string{"policy", "explain", t.TempDir()}, "is a folder"},
		"file that is not there":     {with("mask", "--out", filepath.Join(filepath.Dir(in), "o.csv"), filepath.Join(dir, "in.csv")), "is not there: name a file that is"},
		"key that is not there": {[]string{"mask", "--policy", policy, "--key-file", filepath.Join(dir, "k"), "--out", filepath.Join(filepath.Dir(in), "o.csv"), in},
			"maskrail keygen --out"},
		"no rows":                     {[]string{"demo", "--rows", "0"}, "--rows 0"},
		"argument where none belongs": {[]string{"demo", "here"}, "here"},
		"folder that is a file":       {[]string{"demo", "--dir", plain}, "is a file, not a folder"},
		"folder below a file":         {[]string{"demo", "--dir", filepath.Join(plain, "x", "y")}, "is a file, not a folder"},
		"key that exists":             {[]string{"keygen", "--out", key}, "exists"},
		"empty name for the key":      {[]string{"keygen", "--out", ""}, "--out is empty"},
		"public key that exists":      {[]string{"keygen", "--signing", strings.TrimSuffix(file(t, "m.pem.pub", ""), ".pub")}, "m.pem.pub exists"},
		"folder of the key not there": {[]string{"keygen", "--out", filepath.Join(dir, "root.key")}, "folder is not there"},
		"no policy to lint":           {[]string{"policy", "lint"}, "policy file"},
		"two policies to lint":        {[]string{"policy", "lint", "a", "b"}, "alone"},
		"format that is none":         {[]string{"synth", "--out", "x.txt"}, ".parquet"},
		"kind of record that is none": {[]string{"synth", "--entity", "call", "--out", "x.csv"}, "conversation, interaction"},
		"notes that are none":         {[]string{"synth", "--notes", "long", "--out", "x.csv"}, "plain, rich"},
		"notes of conversations":      {[]string{"synth", "--entity", "conversation", "--notes", "rich", "--out", "x.jsonl"}, "--notes"},
		"nested rows as CSV":          {[]string{"synth", "--entity", "conversation", "--out", "x.csv"}, ".jsonl"},
		"folder of OUT not there":     {[]string{"synth", "--out", filepath.Join(dir, "x.csv")}, "folder is not there"},
		"no files":                    {with("run"), "arguments are missing"},
		"folder instead of a file":    {with("run", t.TempDir()), "is a folder"},
		"OUT is IN":                   {with("mask", "--out", in, in), "is the file to mask"},
		"no workers":                  {with("mask", "--workers", "0", "--out", in, in), "--workers 0"},
		"port that is none":           {with("up", "--s3-port", "-1"), "--s3-port -1"},
		"folder without history":      {with("replay"), "no history"},
		"time that runs backwards":    {with("replay", "--since", "1h", "--until", "2h"), "is not before"},
		"no source":                   {[]string{"export", "--dir", dir}, "source"},
		"span that runs backwards":    {with("export", "--source", "prod", "--from", "1h", "--to", "2h"), "is not before"},
		"skip without a reason":       {[]string{"export", "skip", "--dir", dir, "--source", "prod", "--from", "2h", "--to", "1h"}, "why"},
		"skip without an end":         {[]string{"export", "skip", "--dir", dir, "--source", "prod", "--from", "2h", "--why", "case 4711"}, "to"},
		"file without sources":        {with("export", "--source", "prod", "--sources", plain), "it names none"},
		"source of no type":           {with("export", "--source", "prod", "--sources", file(t, "s.yaml", "sources: [{name: prod}]")), "sources[0].type: want one of"},
		"sources that are not there":  {with("up", "--sources", filepath.Join(dir, "none.yaml")), "--sources"},
		"exports of no folder":        {[]string{"export", "status", "--dir", dir}, "no history"},
		"log of no folder":            {[]string{"audit", "--dir", dir}, "no history"},
		"entity that is none":         {with("run", "--entity", "invoice", in), "invoice"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stdout, err := execute(t, c.args...)
			if !app.IsUsage(err) || !strings.Contains(err.Error(), c.want) || stdout != "" {
				t.Errorf("want wrong usage with %q, got: %v\n%s", c.want, err, stdout)
			}
			stdout, err = execute(t, append(c.args, "--json")...)
			var report struct{ Error string }
			if jsonErr := json.Unmarshal([]byte(stdout), &report); jsonErr != nil || err == nil || report.Error == "" {
				t.Errorf("with --json: %v, %v\n%s", err, jsonErr, stdout)
			}
		})
	}
	t.Cleanup(func() {
		if _, err := os.Stat(dir); err == nil {
			t.Error("a command line that is wrong made the folder")
		}
	})
}

// --json with a key on standard output would be a key in a report.
func TestKeygenJSONNeedsFile(t *testing.T) {
	t.Parallel()
	if out, err := execute(t, "keygen", "--json"); !app.IsUsage(err) || strings.Contains(out, "maskrail-key") {
		t.Errorf("%v\n%s", err, out)
	}
}

// Every command that people call shows how, reports as JSON, and its line of the list is no sentence.
func TestCommandsAreConsistent(t *testing.T) {
	t.Parallel()
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			if sub.Hidden || sub.Name() == "completion" || sub.Name() == "help" {
				continue
			}
			if sub.HasSubCommands() {
				walk(sub)
				continue
			}
			if sub.Flags().Lookup("json") == nil {
				t.Errorf("%s has no --json", sub.CommandPath())
			}
			if sub.Name() != "version" && !strings.Contains(sub.Example, sub.CommandPath()) {
				t.Errorf("%s has no example", sub.CommandPath())
			}
			if strings.HasSuffix(sub.Short, ".") || sub.Short == "" {
				t.Errorf("%s: %q", sub.CommandPath(), sub.Short)
			}
		}
	}
	walk(newRoot(&terminal{}))
}

// A row that masking leaves out is told, and by which rule.
func TestMaskTellsWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	policy := file(t, "policy.yaml", `apiVersion: maskrail.io/v1
kind: Policy
metadata: {name: small, version: 1}
entity: interaction
key: [id]
tenant: {path: tenant_id, required: true}
fields:
  - {path: id, keep: true}
  - {path: tenant_id, keep: true}
`)
	in, out := file(t, "in.csv", "id,tenant_id\n1,acme\n1,acme\n2,acme\n"), filepath.Join(t.TempDir(), "out.csv")
	stdout, err := execute(t, "mask", "--policy", policy, "--key-file", rootKey(t), "--out", out, in)
	if err != nil || !strings.Contains(stdout, "3 rows in, 2 rows out") || !strings.Contains(stdout, "1 row left out: duplicate-key") {
		t.Errorf("%v\n%s", err, stdout)
	}
}

// A policy that the user changed stays, and one that is broken says how to get the demo's back.
func TestDemoKeepsChangedPolicy(t *testing.T) {
	t.Parallel()
	dir := stack.Dir(t.TempDir())
	if _, err := demoConfig(dir, policies.GuideInteraction); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(string(dir), "policy.yaml")
	changed := strings.Replace(string(policies.GuideInteraction), "version: 1", "version: 2", 1)
	if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := demoConfig(dir, policies.GuideInteraction); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != changed {
		t.Errorf("the changed policy is gone: %v", err)
	}
	if err := os.WriteFile(path, []byte("nonsense: true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := demoConfig(dir, policies.GuideInteraction); !app.IsUsage(err) || !strings.Contains(err.Error(), "delete") {
		t.Errorf("broken policy: %v", err)
	}
}
