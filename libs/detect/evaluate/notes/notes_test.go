package notes_test

import (
	"bytes"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/brianvoe/gofakeit/v7/data"

	"github.com/maskrail/maskrail/libs/detect/evaluate"
	"github.com/maskrail/maskrail/libs/detect/evaluate/notes"
)

var update = flag.Bool("update", false, "write the set anew")

// The set that the documentation quotes figures of.
const (
	file    = "../testdata/notes.json"
	seed    = 20
	samples = 900
)

func TestSet(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := evaluate.Write(&b, notes.Generate(seed, samples)); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	stored, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(stored, b.Bytes()) {
		t.Errorf("%s is not what the generator makes: run the test with -update", file)
	}
	if _, err := evaluate.Read(bytes.NewReader(stored)); err != nil {
		t.Error(err)
	}
}

func TestLabels(t *testing.T) {
	t.Parallel()
	classes, silent := map[string]int{}, 0
	for i, s := range notes.Generate(seed, samples) {
		if strings.ContainsAny(s.Text, "{}") {
			t.Errorf("sample %d has a slot that nobody filled: %q", i, s.Text)
		}
		if len(s.Labels) == 0 {
			silent++
		}
		characters := []rune(s.Text)
		for _, l := range s.Labels {
			classes[l.Type]++
			if got := string(characters[l.Start:l.End]); got != l.Value {
				t.Errorf("sample %d: the label of %q is at %q", i, l.Value, got)
			}
		}
	}
	for _, class := range []string{"phone", "email", "card", "ssn", "iban", "ip", "mac", "url", "dob", "address", "licence", "passport", "mrn", "member", "cvv", "name"} {
		if classes[class] < 10 {
			t.Errorf("%d labels of %s: too few to say anything", classes[class], class)
		}
	}
	if silent < samples/4 || silent > samples/2 {
		t.Errorf("%d of %d samples hold nothing: want about a third", silent, samples)
	}
}

// TestOwnNames holds the names apart from those that the detectors know: a score over names that they have a list of
// would say how good the list is.
func TestOwnNames(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, list := range []string{"first", "middle", "last"} {
		for _, name := range data.Person[list] {
			known[strings.ToLower(name)] = true
		}
	}
	var shared []string
	for _, s := range notes.Generate(seed, samples) {
		for _, l := range s.Labels {
			if l.Type != "name" {
				continue
			}
			for _, word := range strings.Fields(l.Value) {
				if word = strings.ToLower(word); known[word] && utf8.RuneCountInString(word) > 2 && !slices.Contains(shared, word) {
					shared = append(shared, word)
				}
			}
		}
	}
	if len(shared) > 0 {
		t.Errorf("in the detectors' lists as well: %v", shared)
	}
}
