package synth

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/maskrail/maskrail/libs/wholefile"
)

func TestWriteIsDeterministic(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, ending := range []string{".parquet", ".csv", ".jsonl", ".csv.gz", ".jsonl.zst"} {
		a, b := filepath.Join(dir, "a"+ending), filepath.Join(dir, "b"+ending)
		for _, path := range []string{a, b} {
			if err := Write(t.Context(), File{Path: path, Entity: Interactions, Seed: 5, Rows: 20_000}, nil); err != nil {
				t.Fatal(err)
			}
		}
		first, err := os.ReadFile(a)
		if err != nil {
			t.Fatal(err)
		}
		second, err := os.ReadFile(b)
		if err != nil {
			t.Fatal(err)
		}
		if string(first) != string(second) || len(first) == 0 {
			t.Errorf("%s: equal seeds made different files", ending)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, wholefile.Prefix+"*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestRowsDoNotDependOnTheirNumber(t *testing.T) {
	t.Parallel()
	few, many := Batch(1, 0, 8), Batch(1, 5, 50)
	defer few.Release()
	defer many.Release()
	if a, b := few.NewSlice(7, 8), many.NewSlice(2, 3); !array.RecordEqual(a, b) {
		t.Error("row 7 depends on the rows around it")
	}
	if Row(1, 7) == Row(2, 7) || Row(1, 7) == Row(1, 8) {
		t.Error("another seed or number makes the same row")
	}
}

// The data must hold what the product is about: people who come back, and text with something in it.
func TestRowsAreProductionShaped(t *testing.T) {
	t.Parallel()
	const n = 30_000
	phones, ids := map[string]bool{}, map[string]bool{}
	cards, empty, masked := 0, 0, 0
	for i := range int64(n) {
		r := Row(1, i)
		ids[r.InteractionID] = true
		phones[r.PhoneNumber] = true
		if r.CardNumber != "" {
			cards++
		}
		switch {
		case r.Notes == "":
			empty++
		case strings.Contains(r.Notes, "555"), strings.Contains(r.Notes, "@example"), strings.Contains(r.Notes, r.LastName):
			masked++
		}
	}
	if len(ids) != n {
		t.Errorf("%d ids for %d rows", len(ids), n)
	}
	if len(phones) > n*95/100 {
		t.Error("nobody calls twice")
	}
	if cards < n/5 || empty < n/10 || masked < n/8 {
		t.Errorf("cards %d, empty notes %d, notes with something in them %d of %d", cards, empty, masked, n)
	}
}

func TestUnknownEnding(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"x", "x.txt", "x.parquet.gz"} {
		if err := Write(t.Context(), File{Path: filepath.Join(t.TempDir(), name), Entity: Interactions, Seed: 1, Rows: 1}, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
