package mac

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"testing"
)

// want is the MAC by the standard library.
func want(secret, message []byte) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write(message)
	return h.Sum(nil)
}

// keysOf are a secret's keys: the one of this machine, and the portable one.
func keysOf(secret []byte) map[string]*Key {
	return map[string]*Key{"own": New(secret), "portable": {plain: hmac.New(sha256.New, secret)}}
}

func TestSum(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	var w Workspace
	for _, size := range []int{0, 1, 31, 32, 63, 64, 65, 200} {
		secret := random(rnd, size)
		for name, k := range keysOf(secret) {
			for n := range 300 {
				message := random(rnd, n)
				var got [Size]byte
				if k.Sum(&w, &got, message); !bytes.Equal(got[:], want(secret, message)) {
					t.Fatalf("%s: key of %d bytes, message of %d: another MAC", name, size, n)
				}
			}
		}
	}
}

// TestPair: each lane is what it would be alone, whatever stands in the other.
func TestPair(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(3, 4))
	var w Workspace
	first, second := random(rnd, 32), random(rnd, 32)
	one, other := keysOf(first), keysOf(second)
	for name := range one {
		for n := range 70 {
			for m := range 70 {
				a, b := random(rnd, n), random(rnd, m)
				var got [2][Size]byte
				Pair(&w, [2]*Key{one[name], other[name]}, &got, a, b)
				if !bytes.Equal(got[0][:], want(first, a)) || !bytes.Equal(got[1][:], want(second, b)) {
					t.Fatalf("%s: messages of %d and %d bytes: another MAC", name, n, m)
				}
			}
		}
	}
}

// FuzzPair holds the MACs of this machine to those of the standard library.
func FuzzPair(f *testing.F) {
	f.Add([]byte("key"), []byte("what do ya want for nothing?"), []byte("14155550132"))
	f.Add(bytes.Repeat([]byte{0xaa}, 131), bytes.Repeat([]byte{1}, 55), bytes.Repeat([]byte{2}, 56))
	f.Fuzz(func(t *testing.T, secret, a, b []byte) {
		var w Workspace
		var got [2][Size]byte
		k := New(secret)
		Pair(&w, [2]*Key{k, k}, &got, a, b)
		var alone [Size]byte
		k.Sum(&w, &alone, b)
		if !bytes.Equal(got[0][:], want(secret, a)) || !bytes.Equal(got[1][:], want(secret, b)) || alone != got[1] {
			t.Errorf("key of %d bytes, messages of %d and %d: another MAC", len(secret), len(a), len(b))
		}
	})
}

func TestAllocatesNothing(t *testing.T) {
	w, k := new(Workspace), New(make([]byte, 32))
	sums, message := new([2][Size]byte), make([]byte, 12)
	if n := testing.AllocsPerRun(100, func() { Pair(w, [2]*Key{k, k}, sums, message, message) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func random(rnd *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rnd.Uint32())
	}
	return b
}

// BenchmarkMAC is the time of one MAC: of the standard library, alone, and in a pair.
func BenchmarkMAC(b *testing.B) {
	secret, message := make([]byte, 32), []byte("CUST-00012345")
	for name, k := range keysOf(secret) {
		b.Run(fmt.Sprintf("%s/alone", name), func(b *testing.B) {
			w, sum := new(Workspace), new([Size]byte)
			b.ReportAllocs()
			for b.Loop() {
				k.Sum(w, sum, message)
			}
		})
		b.Run(fmt.Sprintf("%s/pair", name), func(b *testing.B) {
			w, sums := new(Workspace), new([2][Size]byte)
			for b.Loop() {
				Pair(w, [2]*Key{k, k}, sums, message, message)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/2, "ns/MAC")
		})
	}
}
