package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/stack"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/policies"
)

// used is a folder of which no more than the names tell that workers of two environments were there.
func used(t *testing.T) string {
	t.Helper()
	dir := stack.Dir(t.TempDir())
	for _, path := range []string{dir.Log("sandbox"), dir.Sandbox("sandbox"), dir.Log("second"), dir.Bucket("maskrail-masked/sandbox/call/_/0011.parquet")} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return string(dir)
}

// A name that was mistyped must not look like an environment in which all is well, nor make one.
func TestUnknownEnvironment(t *testing.T) {
	t.Parallel()
	dir, policy, key := used(t), file(t, "policy.yaml", string(policies.GuideInteraction)), rootKey(t)
	_, err := execute(t, "quarantine", "release", "--dir", dir, "--policy", policy, "--key-file", key, "--env", "sandbx", "--all")
	if !app.IsUsage(err) || !strings.Contains(err.Error(), "--env sandbx") || !strings.Contains(err.Error(), "sandbox, second") {
		t.Errorf("got: %v", err)
	}
}

// Whoever names servers that are not there is told so soon.
func TestNoServers(t *testing.T) {
	t.Parallel()
	_, err := execute(t, "quarantine", "ls", "--nats", "nats://127.0.0.1:1", "--s3", "http://127.0.0.1:1")
	if err == nil || !strings.Contains(err.Error(), "nats://127.0.0.1:1") || !strings.Contains(err.Error(), "no answer for 10s") {
		t.Errorf("got: %v", err)
	}
}
