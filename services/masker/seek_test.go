package masker

import (
	"math/rand/v2"
	"testing"
)

// TestSeek holds both ways to look for a value against a look at each place, with values in front, at the end and across
// the blocks that are read together, and with letters of which few are enough to mislead.
func TestSeek(t *testing.T) {
	t.Parallel()
	const letters = "aAbB.1\x01@`"
	ways := map[string]func(text, needle []byte, at int) int{"wide": seek, "eights": seekEights}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(1, 2))
			room := make([]byte, 200)
			for range 200_000 {
				text := room[:r.IntN(len(room)+1)]
				few := 1 + r.IntN(len(letters))
				for i := range text {
					text[i] = letters[r.IntN(few)]
				}
				needle := make([]byte, 1+r.IntN(9))
				for i := range needle {
					needle[i] = letters[r.IntN(len(letters)-3)]
				}
				if n := len(text) - len(needle); n > 0 && r.IntN(2) == 0 {
					copy(text[r.IntN(n+1):], needle)
				}
				at := r.IntN(len(text) + 1)
				want := -1
				for i := at; i <= len(text)-len(needle); i++ {
					if standsAt(text, needle, i) {
						want = i
						break
					}
				}
				if got := way(text, needle, at); got != want {
					t.Fatalf("seek(%q, %q, %d) = %d, want %d", text, needle, at, got, want)
				}
			}
		})
	}
}
