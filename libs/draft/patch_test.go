package draft_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/classify"
	"github.com/maskrail/maskrail/libs/draft"
	"github.com/maskrail/maskrail/libs/drift"
	"github.com/maskrail/maskrail/libs/policy"
)

const head = `# Above everything.
apiVersion: maskrail.io/v1
kind: Policy
metadata: {name: calls, version: 7}  # who
entity: interaction
key: [id]
`

const fields = `
unknown: quarantine
fields:
  # The key.
  - {path: id, keep: true}
  - {path: "p[].name", redact: {}}  # a person {or two}
  - path: phoneNumber   # in block style
    redact:
      with: "[MASKED]"

  # What comes last.
  - {path: notes,
     drop: true}
`

func proposals(t *testing.T, fields ...drift.Field) []draft.Proposal {
	t.Helper()
	var out []draft.Proposal
	for _, f := range fields {
		p, ok := draft.For(f, false)
		if !ok {
			t.Fatalf("no proposal for %+v", f)
		}
		out = append(out, p)
	}
	return out
}

func unknown(path string, class classify.Class, confidence float64) drift.Field {
	return drift.Field{Path: path, Kind: drift.Unknown, Opinion: &classify.Opinion{Class: class, Confidence: confidence, Reason: classify.ByBoth}}
}

// TestPatch: git applies the patch and what comes out is what was announced, comments and all.
func TestPatch(t *testing.T) {
	t.Parallel()
	mobile := unknown("p[].mobile", classify.Phone, 0.97)
	odd := unknown(`p[]["Odd: \"Key\" ü"]`, classify.Unsure, 0)
	renamed := drift.Field{Path: "phone_number", Kind: drift.Renamed, Policy: "phoneNumber"}
	renamedFlow := drift.Field{Path: "p[].fullName", Kind: drift.Renamed, Policy: "p[].name"}
	for name, c := range map[string]struct {
		file   string
		fields []drift.Field
		want   []string // lines of the patched file
	}{
		"one":                {head + fields, []drift.Field{mobile}, []string{`  - {path: "p[].mobile", token: {domain: phone, format: phone, scope: environment}}  # phone 0.97 by name+values`, "metadata: {name: calls, version: 8}  # who"}},
		"at the end":         {head + fields, []drift.Field{unknown("status", classify.Category, 0.85)}, []string{"  - {path: status, keep: true}  # category 0.85 by name+values"}},
		"unsure":             {head + fields, []drift.Field{unknown("status", classify.Category, 0.7)}, []string{"  - {path: status, redact: {}}  # category 0.70 by name+values"}},
		"odd names":          {head + fields, []drift.Field{odd, unknown("y", classify.Unsure, 0), unknown("_1", classify.Flag, 0.9)}, []string{`  - {path: "y", redact: {}}  # nobody knows what this is`}},
		"renamed in a block": {head + fields, []drift.Field{renamed}, []string{"    aliases: [phone_number]  # renamed: lies where phoneNumber is gone"}},
		"renamed in braces":  {head + fields, []drift.Field{renamedFlow, mobile}, []string{`  - {path: "p[].name", aliases: [fullName], redact: {}}  # a person {or two}`}},
		"one more name": {head + "fields:\n  - {path: id, aliases: [uid], keep: true}\n  - {aliases: [], redact: {}, path: 'x'}\n",
			[]drift.Field{{Path: "_ID", Kind: drift.Renamed, Policy: "id"}, {Path: "X", Kind: drift.Renamed, Policy: "x"}}, []string{"  - {path: id, aliases: [_ID, uid], keep: true}", "  - {aliases: [X], redact: {}, path: 'x'}"}},
		"no fields yet": {head + "fields: []\n", []drift.Field{unknown("id", classify.UUID, 0.9)}, []string{"fields:"}},
		"no line break": {head + strings.TrimSuffix(fields, "\n"), []drift.Field{unknown("status", classify.Flag, 0.9)}, []string{"     drop: true}"}},
		"many places":   {head + fields, []drift.Field{mobile, renamed, unknown("a", classify.Flag, 0.9), unknown("p[].s[].x", classify.Email, 0.9)}, nil},
		"second of two": {strings.Replace(head+fields, "interaction", "first", 1) + "---\n" + head + fields, []drift.Field{mobile}, nil},
		"indented less": {head + "fields:\n- {path: id, keep: true}\n", []drift.Field{unknown("a", classify.Flag, 0.9)}, []string{"- {path: a, keep: true}  # flag 0.90 by name+values"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "no fields yet" {
				c.file = strings.Replace(c.file, "key: [id]\n", "", 1)
			}
			patched, diff, err := draft.Patch("policy.yaml", []byte(c.file), map[string][]draft.Proposal{"interaction": proposals(t, c.fields...)}, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range c.want {
				if !strings.Contains("\n"+string(patched), "\n"+line+"\n") {
					t.Errorf("lacks %q:\n%s", line, patched)
				}
			}
			for _, l := range strings.Split(c.file, "\n") {
				if strings.HasPrefix(strings.TrimSpace(l), "#") && !strings.Contains(string(patched), l+"\n") {
					t.Errorf("lost %q", l)
				}
			}
			for _, tool := range [][]string{{"git", "apply", "--whitespace=error-all"}, {"patch", "-s", "-p1"}} {
				if _, err := exec.LookPath(tool[0]); err != nil && tool[0] != "git" {
					continue
				}
				dir := t.TempDir()
				path := filepath.Join(dir, "policy.yaml")
				if err := os.WriteFile(path, []byte(c.file), 0o600); err != nil {
					t.Fatal(err)
				}
				cmd := exec.CommandContext(t.Context(), tool[0], tool[1:]...)
				cmd.Dir, cmd.Stdin = dir, strings.NewReader(diff)
				cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("%s: %v: %s\n%s", tool[0], err, out, diff)
				}
				if got, err := os.ReadFile(path); err != nil || string(got) != string(patched) {
					t.Errorf("%s made\n%s\nwant\n%s", tool[0], got, patched)
				}
			}
			if _, err := policy.Parse("policy.yaml", patched, nil); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestPatchRefuses(t *testing.T) {
	t.Parallel()
	add := proposals(t, unknown("a", classify.Flag, 0.9))
	for name, file := range map[string]string{
		"a list in brackets": head + "fields: [{path: id, keep: true}]\n",
		"another entity":     strings.Replace(head+fields, "interaction", "other", 1),
		"no policy":          "{",
	} {
		if _, _, err := draft.Patch("policy.yaml", []byte(file), map[string][]draft.Proposal{"interaction": add}, nil); err == nil {
			t.Errorf("%s: patched", name)
		}
	}
	for _, f := range []drift.Field{{Path: "a", Kind: drift.Vanished}, {Path: "a", Kind: drift.Retyped}, {Path: "at position 3", Kind: drift.Unknown, Hidden: true}} {
		if p, ok := draft.For(f, true); ok {
			t.Errorf("proposal %+v for %+v", p, f)
		}
	}
}
