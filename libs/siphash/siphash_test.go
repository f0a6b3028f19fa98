package siphash

import (
	_ "embed"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"
)

// vectors are those of the reference code (vectors.h, vectors_sip128): line n is the hash of the n bytes 00 01 02 ..
//
//go:embed testdata/vectors.txt
var vectors string

// reference is the vectors' key, and what their messages are cut from.
func reference() (State, []byte) {
	b := make([]byte, 64)
	for i := range b {
		b[i] = byte(i)
	}
	return New(binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])), b
}

func sum(s State, p []byte) string {
	a, b := s.Sum(p)
	return hex.EncodeToString(binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, a), b))
}

func TestVectors(t *testing.T) {
	t.Parallel()
	key, message := reference()
	lines := strings.Fields(vectors)
	if len(lines) != len(message) {
		t.Fatalf("%d vectors, want %d", len(lines), len(message))
	}
	for n, want := range lines {
		s := key
		for split := 0; split <= n; split += 8 { // the words before it are taken one by one
			if got := sum(s, message[split:n]); got != want {
				t.Errorf("%d bytes, %d of them as words: got %s, want %s", n, split, got, want)
			}
			if half := s.Sum64(message[split:n]); hex.EncodeToString(binary.LittleEndian.AppendUint64(nil, half)) != want[:16] {
				t.Errorf("%d bytes, %d of them as words: the first half is another one", n, split)
			}
			s.Word(binary.LittleEndian.Uint64(message[min(split, len(message)-8):]))
		}
	}
}

// TestParts proves that what stands in one part, and what in the next, makes a difference.
func TestParts(t *testing.T) {
	t.Parallel()
	key, _ := reference()
	seen := map[string]string{}
	for _, parts := range [][]string{
		{"", ""}, {"a", ""}, {"", "a"}, {"a", "a"}, {"aa", ""}, {"", "aa"}, {"\x00", ""}, {"", "\x00"}, {"12345678", ""}, {"", "12345678"},
		{"1234567", "8"}, {"123456789", ""}, {"12345678", "9"}, {"12345678\x00", ""}, {"\x00\x00", "\x00"}, {"\x00", "\x00\x00"},
		{strings.Repeat("x", 256), ""}, {"", strings.Repeat("x", 256)},
	} {
		s := key
		s.Part([]byte(parts[0]))
		got := sum(s, []byte(parts[1]))
		if other, taken := seen[got]; taken {
			t.Errorf("%q and %s have one hash", parts, other)
		}
		seen[got] = strings.Join(parts, "|")
	}
}

func BenchmarkSum64(b *testing.B) {
	s, m := reference()
	b.SetBytes(11)
	for b.Loop() {
		s.Sum64(m[:11])
	}
}

func BenchmarkSum(b *testing.B) {
	s, m := reference()
	b.SetBytes(36)
	for b.Loop() {
		s.Sum(m[:36])
	}
}
