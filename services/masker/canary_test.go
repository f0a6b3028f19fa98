package masker

import (
	"bytes"
	"testing"

	"github.com/maskrail/maskrail/libs/canary"
)

// TestCanary: the records of every ready policy are masked in both ways, to the same rows, and nothing is left of them.
func TestCanary(t *testing.T) {
	t.Parallel()
	for name, p := range readyPolicies(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pages, batches, err := readyPlan(t, p).maskCanary(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			text := readAsJSONL(t, string(pages))
			if other := readAsJSONL(t, string(batches)); other != text {
				t.Error("the two ways of masking give different rows")
			}
			for i, line := range bytes.Split([]byte(text), []byte("\n")) {
				if class, form := canary.Find(string(line)); class != "" {
					t.Errorf("record %d has a %s in the form %s: %s", i, class, form, line)
				}
			}
		})
	}
}
