package detect

import (
	"math/rand/v2"
	"testing"
)

func seeds(f *testing.F) {
	for _, list := range renderings {
		for _, text := range list {
			f.Add([]byte("note " + text + ", end"))
		}
	}
	r := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		f.Add([]byte(pieceText(r)))
	}
}

func checkSpans(t *testing.T, s *Set, text []byte) {
	t.Helper()
	spans := s.Find(nil, text)
	at := 0
	for _, sp := range spans {
		if sp.Start < at || sp.End <= sp.Start || sp.End > len(text) {
			t.Fatalf("%q: spans %v", text, spans)
		}
		if sp.Score <= 0 || sp.Score > 1 || sp.Reason == "" || rank(sp.Class) < 0 {
			t.Fatalf("%q: span %+v", text, sp)
		}
		at = sp.End
	}
	if s.Contains(text) != (len(spans) > 0) {
		t.Fatalf("%q: Contains is %v, Find has %d", text, s.Contains(text), len(spans))
	}
}

func FuzzFind(f *testing.F) {
	seeds(f)
	us, gb, guesses := setOf(f, "US"), setOf(f, "GB"), textSet(f, "US")
	f.Fuzz(func(t *testing.T, text []byte) {
		checkSpans(t, us, text)
		checkSpans(t, gb, text)
		checkSpans(t, guesses, text)
	})
}

func FuzzReplace(f *testing.F) {
	seeds(f)
	s := setOf(f, "US")
	f.Fuzz(func(t *testing.T, text []byte) {
		once := s.Replace(nil, text, placeholder)
		if s.Contains(once) {
			t.Fatalf("%q became %q", text, once)
		}
		if twice := s.Replace(nil, once, placeholder); string(twice) != string(once) {
			t.Fatalf("%q became %q, then %q", text, once, twice)
		}
	})
}

func TestSpansOfPieces(t *testing.T) {
	t.Parallel()
	us, es, guesses := setOf(t, "US"), setOf(t, "ES"), textSet(t, "US")
	r := rand.New(rand.NewPCG(7, 8))
	for range 60_000 / effort {
		text := []byte(pieceText(r))
		checkSpans(t, us, text)
		checkSpans(t, es, text)
		checkSpans(t, guesses, text)
	}
}
