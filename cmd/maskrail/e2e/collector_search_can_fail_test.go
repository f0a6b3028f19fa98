package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// The search finds each kind of value where it is: in rows, in text, in the bytes of a database file, and among what
// looks like it. Without this the tests above could pass by looking at nothing.
func TestSearchFindsWhatIsThere(t *testing.T) {
	t.Parallel()
	file, csv := synth(t, "raw.parquet", 1000, 31), synth(t, "raw.csv", 1000, 31)
	secrets := newSecrets(t)
	secrets.readParquet(file)

	expect := func(place string, hits []hit, kinds ...string) {
		t.Helper()
		found := map[string]int{}
		for _, h := range hits {
			found[h.kind]++
		}
		for _, kind := range kinds {
			if found[kind] == 0 {
				t.Errorf("%s: no %s found: %v", place, kind, found)
			}
		}
	}
	expect("rows", secrets.find(cells(t, "", "read_parquet('"+file+"')"), text), secretKinds...)
	lines, err := os.ReadFile(csv)
	if err != nil {
		t.Fatal(err)
	}
	expect("text", secrets.find(lines, text), secretKinds...)
	expect("text as bytes", secrets.find(lines, binary), secretKinds...)

	// The bytes of a database file that holds the raw rows. Dates are numbers in it, free text is packed, and short names
	// are not looked for: for those the search of its cells counts.
	db := filepath.Join(t.TempDir(), "raw.duckdb")
	query(t, db, fmt.Sprintf("CREATE TABLE raw AS FROM read_parquet('%s')", file))
	stored, err := os.ReadFile(db)
	if err != nil {
		t.Fatal(err)
	}
	expect("database file", secrets.find(stored, binary), "phone", "email", "external id", "card", "ssn", "agent", "last name")

}

func TestSearchEdges(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		secret secret
		in     string
		mode   mode
		found  bool
	}{
		"name as a word":             {secret{"first name", "Ana", word, false}, "Spoke with ANA, again", text, true},
		"name in a word":             {secret{"first name", "Ana", word, false}, "analysis of banana", text, false},
		"name in a token":            {secret{"first name", "Ana", word, false}, "User_ana2xk", text, false},
		"name after an escaped gap":  {secret{"first name", "Ana", word, false}, "with%20Ana%20Diaz", text, true},
		"short name in bytes":        {secret{"first name", "Ana", word, false}, "\x00Ana\x01", binary, false},
		"long name without gaps":     {secret{"last name", "Papadakis", word, true}, "ChenPapadakisWu", binary, true},
		"number":                     {secret{"phone", "4155550142", digits, true}, `"ani":"tel:+14155550142"`, text, false},
		"number with country code":   {secret{"phone", "14155550142", digits, true}, `"ani":"tel:+14155550142"`, text, true},
		"number in a longer one":     {secret{"phone", "4155550142", digits, true}, "+999141555501427", text, false},
		"number in a token in bytes": {secret{"phone", "4155550142", digits, true}, "+999141555501427", binary, false},
		"numbers without gaps":       {secret{"phone", "4155550142", digits, true}, "21255501784155550142", binary, true},
		"number after an escape":     {secret{"phone", "415-555-0142", digits, true}, "call%20415-555-0142.csv", text, true},
		"nothing":                    {secret{"phone", "415-555-0142", digits, true}, "", text, false},
		"end":                        {secret{"phone", "415-555-0142", digits, true}, "on 415-555-0142", text, true},
	} {
		one := newSecrets(t)
		one.add(c.secret)
		if got := len(one.find([]byte(c.in), c.mode)) == 1; got != c.found {
			t.Errorf("%s: found %v, want %v", name, got, c.found)
		}
	}
}

// heard keeps what it is told.
type heard []string

func (h *heard) Helper() {}

func (h *heard) Errorf(format string, args ...any) { *h = append(*h, fmt.Sprintf(format, args...)) }

// A value that stands in any one place under a stack's folder is noticed there.
func TestSearchLooksEverywhere(t *testing.T) {
	t.Parallel()
	file := synth(t, "raw.parquet", 100, 32)
	secrets := newSecrets(t)
	secrets.readParquet(file)
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	phone := secrets.sample("phone")
	envelope, err := json.Marshal(struct{ Payload []byte }{[]byte(`{"key":"` + phone + `"}`)})
	if err != nil {
		t.Fatal(err)
	}
	for path, content := range map[string][]byte{
		"s3/maskrail-masked/sandbox/interaction/_/1.parquet":                  content,
		"s3/maskrail-masked/sandbox/interaction/_/1.parquet.masked.dsse.json": envelope,
		"s3/maskrail-quarantine/sandbox/" + phone:                             nil,
		"nats/jetstream/$G/streams/RAW/msgs/1.blk":                            []byte("\x00\x01" + phone + "\x02"),
		"logs/sandbox.jsonl":                                                  []byte(`{"msg":"` + phone + `"}`),
		"tmp/" + phone + "/left":                                              nil,
		"stack.json":                                                          []byte(`{"` + phone + `":1}`),
		"metadata":                                                            nil,
		"sandbox.duckdb":                                                      nil,
		"s3/maskrail-raw/interaction/raw.txt":                                 []byte(phone), // where it may be
	} {
		t.Run(strings.ReplaceAll(path, phone, "NUMBER"), func(t *testing.T) {
			dir := t.TempDir()
			full := filepath.Join(dir, filepath.FromSlash(path))
			if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
				t.Fatal(err)
			}
			if path == "sandbox.duckdb" {
				// Dates are numbers in the file, so only the search of its cells can find them.
				query(t, full, "CREATE TABLE births AS SELECT dateOfBirth FROM read_parquet('"+file+"')")
			} else if err := os.WriteFile(full, content, 0o600); err != nil {
				t.Fatal(err)
			}
			if path == "metadata" {
				err := unix.Setxattr(full, "user.metadata", []byte(phone), 0)
				if errors.Is(err, unix.ENOTSUP) {
					return // then metadata are files of their own, like those above
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			var told heard
			secrets.searchDir(t, &told, dir)
			if may := raw(path); (len(told) == 0) != may {
				t.Errorf("told: %q", told)
			}
		})
	}
}
