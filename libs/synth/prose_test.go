package synth

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/columnar"
)

// Rows of a seed are an agreement with everybody who has made a file before.
func TestPlainRowsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	h := sha256.New()
	for i := range int64(5000) {
		fmt.Fprintf(h, "%+v\n", Row(7, i))
	}
	const want = "9cf16f8012d32a52661538bce7d5f92bbeb3aca64195a832254329a1c20bf6ff"
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		t.Errorf("rows of seed 7 have digest %s, and had %s", got, want)
	}
}

// Rich notes are other words, and nothing else is: not the other columns, and not how often there is something in a
// note that must not leave production.
func TestRichNotes(t *testing.T) {
	t.Parallel()
	const n = 20_000
	var text []byte
	counts := map[string][3]int{} // empty, with something in them, all
	for _, kind := range Notes() {
		var c [3]int
		for i := range int64(n) {
			r := row(3, i, prosaic[kind])
			c[2]++
			if r.Notes == "" {
				c[0]++
			}
			for _, part := range []string{"555", "@", "Spoke with", "Mr/Ms", "Paid with", "SSN"} {
				if strings.Contains(r.Notes, part) {
					c[1]++
					break
				}
			}
			if kind != Rich {
				continue
			}
			if l := len(r.Notes); l > 0 && (l < 110 || l > 350) {
				t.Fatalf("a note of %d bytes", l)
			}
			text = append(text, r.Notes...)
			plain := Row(3, i)
			r.Notes, plain.Notes = "", ""
			if r != plain {
				t.Fatalf("row %d differs in more than its notes", i)
			}
		}
		counts[kind] = c
	}
	plain, rich := counts[Plain], counts[Rich]
	for i := range 2 {
		if d := plain[i] - rich[i]; d < -n/50 || d > n/50 {
			t.Errorf("empty, sensitive and all notes: %v plain, %v rich", plain, rich)
		}
	}
	text = text[:1<<20]
	var packed bytes.Buffer
	w, err := columnar.Compress(&packed, columnar.CodecZstd)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if ratio := float64(len(text)) / float64(packed.Len()); ratio < 2.2 || ratio > 2.8 {
		t.Errorf("a page of notes is packed %.2f:1, want about 2.5", ratio)
	}
}

func TestVocabulary(t *testing.T) {
	t.Parallel()
	l := vocabulary()
	words := slices.Clone(l.words)
	slices.Sort(words)
	if words = slices.Compact(words); len(words) != vocabularySize {
		t.Errorf("%d different words, want %d", len(words), vocabularySize)
	}
	for _, name := range slices.Concat(firstNames, lastNames) {
		if _, found := slices.BinarySearch(words, strings.ToLower(name)); found {
			t.Errorf("%s is a word: notes would hold a name that nobody put there", name)
		}
	}
	drawn := make([]int, len(l.words))
	for _, k := range l.drawn {
		drawn[k]++
	}
	if drawn[0] < 6*drawn[9] || drawn[9] < 6*drawn[99] || slices.Contains(drawn, 0) {
		t.Errorf("words 1, 10, 100 and the last are drawn %d, %d, %d, %d times", drawn[0], drawn[9], drawn[99], drawn[len(drawn)-1])
	}
}
