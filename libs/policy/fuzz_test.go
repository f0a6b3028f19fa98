package policy

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzParse: no text makes the reader panic, and what it accepts has a digest and can be linted.
func FuzzParse(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte(careless))
	f.Add([]byte("a: &a [*a]\n"))
	f.Add([]byte("fields: &f [*f]\nkey: *f\n<<: {kind: Policy}\n"))
	if ready, err := os.ReadFile(filepath.Join("..", "..", "policies", "guide-interaction.yaml")); err == nil {
		f.Add(ready)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		set, err := Parse("p.yaml", data, func(string) ([]byte, error) { return data, nil })
		if err != nil {
			return
		}
		for p := range set.All() {
			if p.Digest() == "" || p.Entity == "" {
				t.Error("accepted without a digest or an entity")
			}
			Lint(p)
		}
	})
}
