package detect

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// secretSlowly is where a URL ends that goes on at i, and whether it has a secret, read from i on.
func secretSlowly(text []byte, i int) (end int, secret bool) {
	for end = i; end < len(text) && end-i < maxURL && isURLByte(text[end]); {
		end++
	}
	end = i + len(bytes.TrimRight(text[i:end], ".,;:!?)'*"))
	n := bytes.IndexAny(text[i:end], "?#;")
	if n < 0 {
		return end, false
	}
	for _, p := range bytes.FieldsFunc(text[i+n:end], func(r rune) bool { return r == '?' || r == '#' || r == '&' || r == ';' }) {
		if isSecret(p) {
			return end, true
		}
	}
	return end, false
}

// TestURLRun holds what is remembered of a run of bytes against what is read from each place in it.
func TestURLRun(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(31, 32))
	pieces := []string{"?", "#", "&", ";", "=", "token", "key", "_", ".", ",", "x", "1", "/", "http://", ")", "token=ab", "&key=x", "?pin=12", " ", "??", "a?b.", "?x=y", "&a=b", "?token=a."}
	secrets := 0
	for n := range 3000 / effort {
		var text []byte
		long := 1 + r.IntN(60)
		if n%10 == 0 {
			long = 1500
		}
		few := 1 + r.IntN(len(pieces))
		for range long {
			text = append(text, pieces[r.IntN(few)*7%len(pieces)]...)
		}
		var run urlRun
		for i := 0; i < len(text); i += 1 + r.IntN(1+long/20) {
			run.reach(text, i)
			end, secret := secretSlowly(text, i)
			if got := run.hasSecret(text, i); got != secret || run.endOf(i) != end {
				t.Fatalf("%q from %d on: got %v to %d, want %v to %d", text, i, got, run.endOf(i), secret, end)
			}
			if secret {
				secrets++
			}
		}
	}
	if secrets < 1000/effort {
		t.Errorf("%d with a secret", secrets)
	}
}
