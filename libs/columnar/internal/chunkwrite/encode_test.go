package chunkwrite

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// unhybrid reads n values of the hybrid encoding, in the plainest way.
func unhybrid(t testing.TB, b []byte, n, width int) (v []uint32) {
	t.Helper()
	for len(v) < n {
		head, size := binary.Uvarint(b)
		if size <= 0 {
			t.Fatalf("no run after %d of %d values", len(v), n)
		}
		b = b[size:]
		if head&1 == 0 {
			var x uint32
			for i := range (width + 7) / 8 {
				x |= uint32(b[i]) << (8 * i)
			}
			b = b[(width+7)/8:]
			v = append(v, slices.Repeat([]uint32{x}, int(head>>1))...)
			continue
		}
		groups := int(head >> 1)
		for i := range 8 * groups {
			v = append(v, uint32(bitsAt(b, i*width, width)))
		}
		b = b[groups*width:]
	}
	if len(b) > 0 || len(v)-n > 7 {
		t.Fatalf("%d bytes and %d values too many", len(b), len(v)-n)
	}
	return v[:n]
}

func bitsAt(b []byte, at, width int) (x uint64) {
	for i := range width {
		x |= uint64(b[(at+i)/8]>>((at+i)%8)&1) << i
	}
	return x
}

func TestHybrid(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 1))
	for width := 1; width <= 32; width++ {
		for range 60 {
			var v []uint32
			for range rnd.IntN(12) {
				x := rnd.Uint32() >> (32 - width)
				for range 1 + rnd.IntN(1+rnd.IntN(40)) {
					if rnd.IntN(3) == 0 {
						x = rnd.Uint32() >> (32 - width)
					}
					v = append(v, x)
				}
			}
			if got := unhybrid(t, appendHybrid(nil, v, width), len(v), width); !slices.Equal(got, v) {
				t.Fatalf("width %d: %v, want %v", width, got, v)
			}
		}
	}
}

// undelta reads the delta encoding, in the plainest way.
func undelta(t testing.TB, b []byte) (v []int64) {
	t.Helper()
	next := func() uint64 {
		x, size := binary.Uvarint(b)
		if size <= 0 {
			t.Fatal("a number is missing")
		}
		b = b[size:]
		return x
	}
	signed := func() int64 { x := next(); return int64(x>>1) ^ -int64(x&1) }
	block, minis, n := int(next()), int(next()), int(next())
	last := signed()
	if n > 0 {
		v = append(v, last)
	}
	for len(v) < n {
		least := signed()
		widths := b[:minis]
		b = b[minis:]
		for _, width := range widths {
			if len(v) == n {
				if width != 0 {
					t.Fatal("bits after the last value")
				}
				continue
			}
			for i := range block / minis {
				if len(v) < n {
					last += least + int64(bitsAt(b, i*int(width), int(width)))
					v = append(v, last)
				}
			}
			b = b[block/minis*int(width)/8:]
		}
	}
	if len(b) > 0 {
		t.Fatalf("%d bytes too many", len(b))
	}
	return v
}

func TestDeltas(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(2, 1))
	draw := []func() int64{
		func() int64 { return 26 },
		func() int64 { return rnd.Int64N(40) },
		func() int64 { return int64(rnd.Uint64()) },
		func() int64 {
			return []int64{math.MinInt64, math.MaxInt64, math.MinInt32, math.MaxInt32, 0}[rnd.IntN(5)]
		},
		func() int64 { return 1_700_000_000_000_000 + rnd.Int64N(1e13) },
	}
	for _, value := range draw {
		for _, n := range []int{0, 1, 2, 31, 32, 33, 34, 128, 129, 130, 161, 257, 1000} {
			long, short := make([]int64, n), make([]int32, n)
			for i := range long {
				long[i] = value()
				short[i] = int32(long[i])
			}
			if got := undelta(t, appendDeltas(nil, long)); !slices.Equal(got, long) {
				t.Fatalf("%v, want %v", got, long)
			}
			got := undelta(t, appendDeltas(nil, short))
			for i, x := range got {
				if int32(x) != short[i] || len(got) != n {
					t.Fatalf("%d of %d: %d, want %d", i, n, x, short[i])
				}
			}
		}
	}
}
