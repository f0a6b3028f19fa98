package masker

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestOccurrences(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		text, needle := make([]byte, r.IntN(400)), make([]byte, r.IntN(2*longNeedle))
		for i := range text {
			text[i] = "ab"[r.IntN(20)/19]
		}
		for i := range needle {
			needle[i] = "ab"[r.IntN(40)/39]
		}
		if r.IntN(2) == 0 && len(text) > 0 { // one that is there
			from := r.IntN(len(text))
			needle = text[from : from+r.IntN(len(text)-from)]
		}
		var want []int
		for i := 0; len(needle) > 0 && i+len(needle) <= len(text); i++ {
			if bytes.HasPrefix(text[i:], needle) {
				want = append(want, i)
			}
		}
		if got := slices.Collect(occurrences(text, needle)); !slices.Equal(got, want) {
			t.Fatalf("got %d places of %d bytes in %d, want %d", len(got), len(needle), len(text), len(want))
		}
	}
}

// TestScrubOfHugeCells takes hours, or all memory, when the time or the number of passages grows with the product of
// two cells.
func TestScrubOfHugeCells(t *testing.T) {
	t.Parallel()
	p := testPlan(t, `
fields:
  - {path: name, token: {domain: person.name, scope: environment}}
  - {path: phone, token: {domain: phone, format: phone, scope: environment}}
  - {path: notes, scrub: {context: [name, phone]}}
`)
	const huge = 1 << 20
	var words strings.Builder
	r := rand.New(rand.NewPCG(3, 4))
	for words.Len() < huge {
		for range 5 {
			words.WriteByte("abcde"[r.IntN(5)])
		}
		words.WriteByte(' ')
	}
	for name, in := range map[string]struct{ name, phone, notes string }{
		"letters": {strings.Repeat("a", huge/2), "", strings.Repeat("a", huge)},
		"digits":  {"", strings.Repeat("1", 200), strings.Repeat("1", huge)},
		"phone":   {"", strings.Repeat("1", huge/2), strings.Repeat("1", huge)},
		"words":   {words.String()[:huge/4], "", words.String()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, _, err := run(t, p, "x.jsonl", `{"name":"`+in.name+`","phone":"`+in.phone+`","notes":"`+in.notes+"\"}\n", Options{}); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestLongNames proves that the words of a value too long for a name are found as well.
func TestLongNames(t *testing.T) {
	t.Parallel()
	p := testPlan(t, "fields:\n  - {path: name, token: {domain: person.name, scope: environment}}\n  - {path: notes, scrub: {context: [name]}}\n")
	name := strings.Repeat("x y ", maxNameParts) + "Ann\u00e9 O'Neil,"
	out := csv(t, p, "name,notes\n\""+name+"\",\"Spoke to ANNE, then Mrs O'Neil; annex stays\"\n")
	if got := out[1][strings.IndexByte(out[1], ',')+1:]; !strings.Contains(got, "Spoke to [NAME], then Mrs ") || !strings.Contains(got, "annex stays") || strings.Contains(got, "Neil") {
		t.Errorf("got %q", got)
	}
}
