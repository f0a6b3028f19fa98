package masker

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/policy"
)

var update = flag.Bool("update", false, "rewrite golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the output is not %s any more. If that is meant, raise Writer in target.go, so that objects of the old "+
			"version are not taken for new ones, and run the test with -update. Got:\n%s", path, got)
	}
}

// TestGolden pins the masked form of every treatment, and the bytes of the Parquet file with them.
func TestGolden(t *testing.T) {
	t.Parallel()
	set, err := policy.Load(filepath.Join("testdata", "treatments.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	p, _ := set.For("interaction")
	plan := compiled(t, p, "sandbox")
	in, err := os.ReadFile(filepath.Join("testdata", "treatments.csv"))
	if err != nil {
		t.Fatal(err)
	}
	out, result, err := run(t, plan, "in.csv", string(in), Options{Format: columnar.FormatCSV})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "treatments.golden.csv", []byte(out))
	if result.RowsIn != 5 || result.RowsOut != 5 || result.Tenants["acme"] != 4 || result.Tenants["globex"] != 1 {
		t.Errorf("wrong counts: %+v", result)
	}
	out, _, err = run(t, plan, "in.csv", string(in), Options{})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(out))
	golden(t, "treatments.golden.sha256", []byte(Writer+" "+hex.EncodeToString(sum[:])+"\n"))
}
