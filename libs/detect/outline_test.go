package detect

import (
	"math/bits"
	"math/rand/v2"
	"testing"
)

// TestOutline holds both ways to draw an outline against what its bytes are.
func TestOutline(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(21, 22))
	for range 2000 / effort {
		text := []byte(pieceText(r) + [...]string{", Jane then ", "and Jane then ", "Jane Doe ", "Jane: ", "O'Neil "}[r.IntN(5)] + pieceText(r))
		for i := range text {
			if r.IntN(12) == 0 {
				text[i] = byte(r.IntN(256))
			}
		}
		var end tail
		end.keep(text)
		for at := range text {
			ahead := end.from(text, at)
			var quick, slow outline
			quick.draw(ahead)
			slow.drawSlowly(ahead)
			for _, o := range []outline{quick, slow} {
				checkOutline(t, &o, text, at)
			}
		}
	}
}

func checkOutline(t *testing.T, o *outline, text []byte, at int) {
	t.Helper()
	for bit := range outlined {
		c := byte(' ') // behind the end
		if at+bit < len(text) {
			c = text[at+bit]
		}
		is := func(bits uint64) bool { return bits>>bit&1 > 0 }
		if is(o.letters) != isLetter(c) || is(o.capitals) != isUpper(c) || is(o.wide) != (c >= 0x80) || is(o.spaces) != (c == ' ') {
			t.Fatalf("%q from %d on: byte %d of %+v", text, at, bit, o)
		}
		step := steps[c]
		if isLetter(c) && is(o.others) || step != stepOver && !is(o.others) || is(o.marks) && step != stepMark || (c == ',' || c == 'd') && !is(o.joins) {
			t.Fatalf("%q from %d on: byte %d of %+v is passed over", text, at, bit, o)
		}
	}
	names := o.mayBeNames(text[max(at-2, 0):at])
	for starts := o.starts(); starts != 0; starts &= starts - 1 {
		bit := bits.TrailingZeros64(starts)
		start, end := at+bit, at+bit+o.wordAt(bit)
		if end < at+outlined && isUpper(text[start]) && promising(text, start, end) && !names {
			t.Fatalf("%q from %d on: no name is seen at %d", text, at, start)
		}
	}
}
