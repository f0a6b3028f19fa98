package masker

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// The samples that NIST publishes for FF1 with SP 800-38G.
var nistSamples = []struct {
	radix                        int
	key, tweak, plain, encrypted string
}{
	{10, "2B7E151628AED2A6ABF7158809CF4F3C", "", "0123456789", "2433477484"},
	{10, "2B7E151628AED2A6ABF7158809CF4F3C", "39383736353433323130", "0123456789", "6124200773"},
	{36, "2B7E151628AED2A6ABF7158809CF4F3C", "3737373770717273373737", "0123456789abcdefghi", "a9tv40mll9kdu509eum"},
	{10, "2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F", "", "0123456789", "2830668132"},
	{10, "2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F", "39383736353433323130", "0123456789", "2496655549"},
	{36, "2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F", "3737373770717273373737", "0123456789abcdefghi", "xbj3kv35jrawxv32ysr"},
	{10, "2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94", "", "0123456789", "6657667009"},
	{10, "2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94", "39383736353433323130", "0123456789", "1001623463"},
	{36, "2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94", "3737373770717273373737", "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"},
}

const numeralText = "0123456789abcdefghijklmnopqrstuvwxyz"

func numerals(s string) []uint16 {
	out := make([]uint16, len(s))
	for i := range s {
		out[i] = uint16(strings.IndexByte(numeralText, s[i]))
	}
	return out
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFF1Samples(t *testing.T) {
	t.Parallel()
	for i, s := range nistSamples {
		t.Run(fmt.Sprintf("sample %d", i+1), func(t *testing.T) {
			t.Parallel()
			f, err := newFF1(unhex(t, s.key), s.radix)
			if err != nil {
				t.Fatal(err)
			}
			tweak := unhex(t, s.tweak)
			x := numerals(s.plain)
			if err := f.encrypt(x, tweak); err != nil {
				t.Fatal(err)
			}
			if want := numerals(s.encrypted); !slices.Equal(x, want) {
				t.Errorf("encrypt: got %v, want %v", x, want)
			}
			// The path for long texts must agree with the one for machine words.
			y := numerals(s.plain)
			u := len(y) / 2
			b := f.halfBytes(len(y) - u)
			f.layout(tweak, b)
			f.general(y, u, b, f.first(len(y), u, len(tweak)), false)
			if !slices.Equal(x, y) {
				t.Errorf("general path: got %v, want %v", y, x)
			}
			if err := f.decrypt(x, tweak); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(x, numerals(s.plain)) {
				t.Errorf("decrypt: got %v, want the plain text", x)
			}
		})
	}
}

func TestFF1RoundTrip(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	key := bytes.Repeat([]byte{7}, 32)
	for radix := 2; radix <= 64; radix++ {
		f, err := newFF1(key, radix)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{2, 3, 5, 6, 7, 8, 11, 12, 13, 16, 19, 20, 25, 31, 32, 36, 40, 57, 64, 90, 128} {
			x := make([]uint16, n)
			for i := range x {
				x[i] = uint16(rnd.IntN(radix))
			}
			tweak := make([]byte, rnd.IntN(40))
			want := slices.Clone(x)
			err := f.encrypt(x, tweak)
			if size, ok := power(uint64(radix), n); ok && size < ff1MinDomain {
				if err == nil {
					t.Fatalf("radix %d length %d: a domain of %d was accepted", radix, n, size)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			y := slices.Clone(want)
			b := f.halfBytes(n - n/2)
			f.layout(tweak, b)
			f.general(y, n/2, b, f.first(n, n/2, len(tweak)), false)
			if !slices.Equal(x, y) {
				t.Fatalf("radix %d length %d: the two paths differ", radix, n)
			}
			if err := f.decrypt(x, tweak); err != nil || !slices.Equal(x, want) {
				t.Fatalf("radix %d length %d: decrypt gave another text (%v)", radix, n, err)
			}
			f.layout(tweak, b)
			f.general(y, n/2, b, f.first(n, n/2, len(tweak)), true)
			if !slices.Equal(y, want) {
				t.Fatalf("radix %d length %d: general decrypt gave another text", radix, n)
			}
		}
	}
}

func TestFF1Refuses(t *testing.T) {
	t.Parallel()
	key := make([]byte, 32)
	if _, err := newFF1(key[:31], 10); err == nil {
		t.Error("a key of 31 bytes was accepted")
	}
	if _, err := newFF1(key, 1); err == nil {
		t.Error("radix 1 was accepted")
	}
	f, err := newFF1(key, 10)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.encrypt([]uint16{1, 2, 3, 4, 5}, nil); err == nil {
		t.Error("five digits were accepted: 100,000 strings are too few")
	}
	if err := f.encrypt([]uint16{1, 2, 3, 4, 5, 10}, nil); err == nil {
		t.Error("a numeral of the radix was accepted")
	}
	if err := f.encrypt(nil, nil); err == nil {
		t.Error("an empty text was accepted")
	}
}

func BenchmarkFF1Digits12(b *testing.B) {
	f, err := newFF1(make([]byte, 32), 10)
	if err != nil {
		b.Fatal(err)
	}
	x := []uint16{0, 1, 4, 1, 5, 5, 5, 5, 0, 1, 3, 2}
	b.ReportAllocs()
	for b.Loop() {
		_ = f.encrypt(x, nil)
	}
}
