package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/policies"
)

// The samples of the ready policies go the whole way: the validator finds nothing in them, and the sandbox takes their rows.
func TestReadyPolicies(t *testing.T) {
	t.Parallel()
	key := keyFile(t)
	// One contact is there twice, and the newer copy counts.
	copies := map[string]int64{"amazon-connect-ctr": 1}
	for _, name := range policies.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, _ := policies.Find(name)
			sample := filepath.Join("..", "..", "..", "policies", "testdata", name+".jsonl")
			rows, err := os.ReadFile(sample)
			if err != nil {
				t.Fatal(err)
			}
			r := maskrail(t, "run", "--policy", write(t, "policy.yaml", string(text)), "--key-file", key, "--dir", t.TempDir(), "--json", sample).ok(t).report(t)
			if want := int64(strings.Count(string(rows), "\n")) - copies[name]; want < 1 || r.Loaded != want {
				t.Errorf("want %d rows in the sandbox: %+v", want, r)
			}
		})
	}
}
