package siphash

import (
	"slices"
	"testing"
)

// sumsOf are those of a batch, of pieces of a text that are as long as their numbers say.
func sumsOf(t testing.TB, b *Batch, text []byte, lengths []byte) (got, want []uint64) {
	t.Helper()
	for i, n := range lengths {
		message := text[:min(int(n), len(text))]
		text = text[len(message):]
		want = append(want, b.start.Sum64(message))
		room := append(slices.Clone(message), 0xff, 0xff) // what is behind a message does not belong to it
		if number := b.Add(room[:len(message)]); number != i || b.Len() != i+1 {
			t.Fatalf("message %d has number %d, of %d", i, number, b.Len())
		}
		copy(room, "written over, since it was taken")
	}
	return b.Sums(), want
}

// TestBatch holds batches of all lengths, in many mixtures, to Sum64, one after the other in the same batch.
func TestBatch(t *testing.T) {
	t.Parallel()
	key, _ := reference()
	behind := key
	behind.Word(7)
	text := make([]byte, 1<<16)
	for i := range text {
		text[i] = byte(i*i>>3 + i)
	}
	for name, start := range map[string]State{"key": key, "word": behind} {
		b := NewBatch(start)
		for count := range 200 {
			lengths := make([]byte, count)
			for i := range lengths {
				lengths[i] = byte((i*i + count) % (count%70 + 1))
			}
			if got, want := sumsOf(t, b, text, lengths); !slices.Equal(got, want) {
				t.Fatalf("%s: %d messages have other sums side by side than one by one", name, count)
			}
		}
	}
}

func FuzzBatch(f *testing.F) {
	f.Add([]byte("14155550142jane@example.com"), []byte{11, 16, 0})
	key, _ := reference()
	f.Fuzz(func(t *testing.T, text, lengths []byte) {
		b := NewBatch(key)
		for range 2 {
			if got, want := sumsOf(t, b, text, lengths); !slices.Equal(got, want) {
				t.Fatal("messages have other sums side by side than one by one")
			}
		}
	})
}

func BenchmarkBatch(b *testing.B) {
	key, m := reference()
	batch := NewBatch(key)
	b.SetBytes(11)
	for b.Loop() {
		if batch.Add(m[:11]); batch.Len() == 1024 {
			batch.Sums()
		}
	}
}
