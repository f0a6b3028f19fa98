package spare

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestBytes: what was appended is there, whatever the memory held before.
func TestBytes(t *testing.T) {
	t.Parallel()
	for name, blocks := range map[string]*Blocks{"used again": {}, "used once": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(1, 2))
			for range 20 {
				b := blocks.New()
				var want []byte
				for range rnd.IntN(8) {
					part := make([]byte, rnd.IntN(2*blockBytes))
					for i := range part {
						part[i] = byte(rnd.Uint32())
					}
					want = append(want, part...)
					b.Append(part)
				}
				if got := bytes.Join(b.Parts(), nil); !bytes.Equal(got, want) || b.Len() != int64(len(want)) {
					t.Fatalf("%d bytes, want %d: they differ", len(got), len(want))
				}
				b.Release()
				b.Release()
				if b.Len() != 0 || len(b.Parts()) != 0 {
					t.Fatal("released, and still there")
				}
			}
		})
	}
}

// TestReleasedOnce: two that are in use never share a block.
func TestReleasedOnce(t *testing.T) {
	t.Parallel()
	var blocks Blocks
	first := blocks.New()
	first.Append([]byte("first"))
	first.Release()
	first.Release()
	a, b := blocks.New(), blocks.New()
	a.Append([]byte("a"))
	b.Append([]byte("b"))
	if got := bytes.Join(append(a.Parts(), b.Parts()...), nil); string(got) != "ab" {
		t.Fatalf("got %q", got)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	var l List[int]
	if _, ok := l.Take(); ok {
		t.Fatal("something in an empty list")
	}
	l.Give(1)
	l.Give(2)
	for _, want := range []int{2, 1} {
		if got, ok := l.Take(); !ok || got != want {
			t.Fatalf("got %d, %v, want %d", got, ok, want)
		}
	}
	if _, ok := l.Take(); ok {
		t.Fatal("something was taken twice")
	}
}
