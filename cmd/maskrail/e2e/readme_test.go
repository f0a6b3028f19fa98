package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The commands of the README work as they stand there, in a folder like a fresh checkout.
func TestReadmeCommands(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	for heading, want := range map[string][]string{
		"Your own data":      {"300 loaded"},
		"From Genesys Cloud": {"genesys-analytics exports those that have ended", "data-export exports those that callers began", "exported again: 0 loaded"},
	} {
		t.Run(heading, func(t *testing.T) {
			t.Parallel()
			_, section, ok := strings.Cut(string(text), "## "+heading+"\n")
			_, section, ok2 := strings.Cut(section, "```\n")
			block, _, ok3 := strings.Cut(section, "```")
			if !ok || !ok2 || !ok3 || !strings.Contains(block, "bin/maskrail ") {
				t.Fatal("there are no commands")
			}
			dir := t.TempDir()
			for link, to := range map[string]string{"bin": bin, "policies": filepath.Join(root, "policies")} {
				if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
					t.Fatal(err)
				}
			}
			block = strings.Replace(block, "make build\n", "bin/maskrail synth --rows 300 --out calls.parquet\n", 1) // the build is the test's own
			sh := exec.CommandContext(t.Context(), "sh", "-ec", block)
			sh.Dir = dir
			out, err := sh.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			for _, words := range want {
				if !strings.Contains(string(out), words) {
					t.Errorf("the output has no %q:\n%s", words, out)
				}
			}
		})
	}
}
