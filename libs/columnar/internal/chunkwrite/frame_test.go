package chunkwrite

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// composed are pages of texts of one length.
func composed(rnd *rand.Rand, rows, stride, at, length, head int) ([]byte, grid) {
	page := make([]byte, head, head+rows*stride)
	for i := range page {
		page[i] = byte(rnd.IntN(4))
	}
	fill := []byte(base32Letters)
	common := make([]byte, stride)
	for i := range common {
		common[i] = fill[rnd.IntN(32)]
	}
	for range rows {
		row := len(page)
		page = append(page, common...)
		for i := range stride - length {
			page[row+(at+length+i)%stride] = fill[rnd.IntN(32)]
		}
	}
	return page, grid{from: head, stride: stride}
}

const base32Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

func TestComposedFrames(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(8, 9))
	z, err := zstd.NewReader(nil)
	must(t, err)
	defer z.Close()
	var f frame
	check := func(t *testing.T, page []byte, g grid, at, length int) {
		t.Helper()
		got, err := z.DecodeAll(f.compose(page, g, at, length), nil)
		if err != nil || !bytes.Equal(got, page) {
			t.Fatalf("a frame of %d rows of %d, %d common at %d: decoded %d of %d bytes, %v", (len(page)-g.from)/g.stride, g.stride, length, at, len(got), len(page), err)
		}
	}
	for stride := gridLeast; stride <= 90; stride++ {
		for length := range stride {
			if length > 0 && length < shortestMatch {
				continue
			}
			page, g := composed(rnd, 64+rnd.IntN(100), stride, rnd.IntN(stride), length, rnd.IntN(300))
			at, found := g.common(page)
			check(t, page, g, at, found)
			if found < length {
				t.Fatalf("%d common bytes of %d, found %d", length, stride, found)
			}
		}
	}
	for _, k := range []struct{ rows, stride, at, length, head int }{
		{70_000, 26, 0, 0, 1000}, {200_000, 41, 26, 15, 200_000}, {60_000, 16, 14, 6, 5}, {9000, 500, 3, 480, 0}, {9000, 512, 100, 16, 0}, {30_000, 36, 30, 12, 131_072}, {100, 500, 0, 400, 0},
		{40_000, 8, 0, 4, 0}, {100_000, 20, 19, 19, 0},
	} {
		t.Run(fmt.Sprint(k), func(t *testing.T) {
			page, g := composed(rnd, k.rows, k.stride, k.at, k.length, k.head)
			at, length := g.common(page)
			check(t, page, g, at, length)
		})
	}
}

func TestStoredFrames(t *testing.T) {
	t.Parallel()
	z, err := zstd.NewReader(nil)
	must(t, err)
	defer z.Close()
	var f frame
	for _, n := range []int{0, 1, 1000, blockMost - 1, blockMost, blockMost + 1, 3 * blockMost} {
		page := bytes.Repeat([]byte{'x'}, n)
		if got, err := z.DecodeAll(f.store(page), nil); err != nil || !bytes.Equal(got, page) {
			t.Errorf("%d bytes: decoded %d, %v", n, len(got), err)
		}
	}
}

// FuzzComposedFrames: whatever is said of a page's rows, its frame is the page,
// as long as the common bytes are common.
func FuzzComposedFrames(f *testing.F) {
	f.Add([]byte("heads"), []byte("ABCDEFGHrest"), uint16(300), uint8(3), uint8(6))
	f.Add([]byte{}, []byte("0123456789"), uint16(9000), uint8(9), uint8(8))
	z, err := zstd.NewReader(nil)
	must(f, err)
	f.Fuzz(func(t *testing.T, head, row []byte, rows uint16, from, seed uint8) {
		if len(row) < gridLeast || len(row) > gridMost {
			return
		}
		rnd := rand.New(rand.NewPCG(uint64(seed), uint64(rows)))
		page := bytes.Clone(head)
		for range int(rows)%3000 + gridRows {
			page = append(page, row...)
			for i := range len(row) - int(from)%len(row) {
				page[len(page)-1-i] = byte(rnd.IntN(1 + int(seed)))
			}
		}
		g := grid{from: len(head), stride: len(row)}
		at, length := g.common(page)
		var c frame
		if got, err := z.DecodeAll(c.compose(page, g, at, length), nil); err != nil || !bytes.Equal(got, page) {
			t.Fatalf("decoded %d of %d bytes, %v", len(got), len(page), err)
		}
	})
}
