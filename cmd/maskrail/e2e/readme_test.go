package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The commands of the README's "Your own data" work as they stand there, in a folder like a fresh checkout.
func TestReadmeCommands(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(text), "## Your own data\n")
	_, section, ok2 := strings.Cut(section, "```\n")
	block, _, ok3 := strings.Cut(section, "```")
	if !ok || !ok2 || !ok3 || !strings.Contains(block, "bin/maskrail run") {
		t.Fatal("the README has no commands under Your own data")
	}
	dir := t.TempDir()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"bin": bin, "policies": filepath.Join(root, "policies")} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	block = strings.Replace(block, "make build\n", "bin/maskrail synth --rows 300 --out calls.parquet\n", 1) // the build is the test's own
	sh := exec.CommandContext(t.Context(), "sh", "-ec", block)
	sh.Dir = dir
	out, err := sh.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "300 loaded") {
		t.Errorf("%v\n%s", err, out)
	}
}
