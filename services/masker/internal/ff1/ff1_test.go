package ff1

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

const (
	key128 = "2B7E151628AED2A6ABF7158809CF4F3C"
	key192 = key128 + "EF4359D8D580AA4F"
	key256 = key192 + "7F036D6F04FC6A94"

	digits10  = "0123456789"
	letters26 = "abcdefghijklmnopqrstuvwxyz"
	base36    = digits10 + letters26
	base64    = digits10 + "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + letters26 + "+/"
)

// vectors are the nine samples that NIST publishes with SP 800-38G, and some that its Automated Cryptographic
// Validation Test System gives, for other radixes, lengths and tweaks (ACVP-AES-FF1 1.0).
var vectors = []struct{ name, alphabet, key, tweak, plain, encrypted string }{
	{"sample 1", digits10, key128, "", "0123456789", "2433477484"},
	{"sample 2", digits10, key128, "39383736353433323130", "0123456789", "6124200773"},
	{"sample 3", base36, key128, "3737373770717273373737", "0123456789abcdefghi", "a9tv40mll9kdu509eum"},
	{"sample 4", digits10, key192, "", "0123456789", "2830668132"},
	{"sample 5", digits10, key192, "39383736353433323130", "0123456789", "2496655549"},
	{"sample 6", base36, key192, "3737373770717273373737", "0123456789abcdefghi", "xbj3kv35jrawxv32ysr"},
	{"sample 7", digits10, key256, "", "0123456789", "6657667009"},
	{"sample 8", digits10, key256, "39383736353433323130", "0123456789", "1001623463"},
	{"sample 9", base36, key256, "3737373770717273373737", "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"},
	{"acvp 1", digits10, "CF11A34764AB09FFBF8B8A1660E881A2", "", "0846108952", "7759031405"},
	{"acvp 2", digits10, "3544151C9CEB324C3C1ED31ADE99406D", "6CA0E692B2773C7ECA2ECA1E7793DAA1",
		"80013770071781669296061827483885771389518248319371666162", "09295026876845967206918789775693655654016802646140865387"},
	{"acvp 3", digits10, "69B78DCE4755CFD6B0D6ED4843B85B0A", "167F4D5BE41F56",
		"78917394023964149540436650710442239", "41453449297956880604605360387505540"},
	{"acvp 27", letters26, "35BB510F46F954E6E30C66B7D2FA740B", "B726CF9FDA21BE995220DA27F9B5E07F",
		"gcxlhzfozazwxyahmbtvuxzuuklqeyzxuiofxtam", "foarmyqmdyhigguanyzprvxbuaocltoyxevynmyu"},
	{"acvp 41", letters26, "21B34BDFD3DC538132A62E16983A72A9", "8BB373DB", "kisatigoeiho", "reosjiejeiue"},
	{"acvp 51", base64, "D943FA73D0DFBBFE5CBBB51AE1883B1F", "", "g0mbl8Ztx4", "4NNV4Ujcsq"},
	{"acvp 52", base64, "89D7519CCC4503C8677DA86659C1BD58", "DE11F4D9482BFAE2930E9B0109AB972F",
		"uW0MALBLj7tiLxlZVCLxHzKpx/KV", "VXD9LcAWGKBXCJhBefiFKytCbss8"},
}

func numerals(alphabet, s string) []uint16 {
	out := make([]uint16, len(s))
	for i := range s {
		out[i] = uint16(strings.IndexByte(alphabet, s[i]))
	}
	return out
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func newCipher(t testing.TB, key []byte, radix int) *Cipher {
	t.Helper()
	c, err := New(key, radix)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestVectors(t *testing.T) {
	t.Parallel()
	for _, v := range vectors {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			key, tweak := unhex(t, v.key), unhex(t, v.tweak)
			c := newCipher(t, key, len(v.alphabet))
			plain, want := numerals(v.alphabet, v.plain), numerals(v.alphabet, v.encrypted)
			x := slices.Clone(plain)
			if err := c.Encrypt(x, tweak); err != nil || !slices.Equal(x, want) {
				t.Errorf("encrypt: got %v %v, want %v", x, err, want)
			}
			if err := c.Decrypt(x, tweak); err != nil || !slices.Equal(x, plain) {
				t.Errorf("decrypt: got %v %v, want %v", x, err, plain)
			}
			if got := newReference(t, key, len(v.alphabet)).encrypt(plain, tweak); !slices.Equal(got, want) {
				t.Errorf("the tests' own reference: got %v, want %v", got, want)
			}
		})
	}
}

// TestAgainstReference compares with an implementation that shares nothing with this one but AES.
func TestAgainstReference(t *testing.T) {
	t.Parallel()
	lengths := []int{79, 100, 128, 151, 199, 200}
	for n := range 65 {
		lengths = append(lengths, n)
	}
	radixes := []int{99, 256, 1000, 1 << 15, MaxRadix}
	for r := range 63 {
		radixes = append(radixes, r+2)
	}
	for _, radix := range radixes {
		t.Run(fmt.Sprintf("radix %d", radix), func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(1, uint64(radix)))
			key := random(rnd, 16+8*(radix%3))
			c, ref := newCipher(t, key, radix), newReference(t, key, radix)
			for _, n := range lengths {
				tweak := random(rnd, rnd.IntN(48)*rnd.IntN(2))
				text := make([]uint16, n)
				for i := range text {
					switch n % 4 {
					case 0: // all the least numeral
					case 1:
						text[i] = uint16(radix - 1)
					default:
						text[i] = uint16(rnd.IntN(radix))
					}
				}
				x := slices.Clone(text)
				err := c.Encrypt(x, tweak)
				if !ref.allowed(n) {
					if !errors.Is(err, ErrDomain) {
						t.Fatalf("length %d: got %v, want %v", n, err, ErrDomain)
					}
					continue
				}
				if err != nil {
					t.Fatalf("length %d: %v", n, err)
				}
				if want := ref.encrypt(text, tweak); !slices.Equal(x, want) {
					t.Fatalf("length %d: encrypt: got %v, want %v", n, x, want)
				}
				// A text that no encryption made, so that a fault common to both directions shows.
				y := slices.Clone(text)
				if err := c.Decrypt(y, tweak); err != nil || !slices.Equal(y, ref.decrypt(text, tweak)) {
					t.Fatalf("length %d: decrypt: got %v (%v)", n, y, err)
				}
				if err := c.Decrypt(x, tweak); err != nil || !slices.Equal(x, text) {
					t.Fatalf("length %d: the round trip gives another text (%v)", n, err)
				}
			}
		})
	}
}

// TestDigits: texts in lanes become what their numerals become alone, whatever is in the other lanes.
func TestDigits(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(5, 6))
	ciphers := []*Cipher{newCipher(t, random(rnd, 32), 10), newCipher(t, random(rnd, 16), 10)}
	for count := range 12 {
		for range 200 {
			lanes, want := make([]Lane, count), make([][]byte, count)
			for i := range lanes {
				c := ciphers[rnd.IntN(2)]
				text := random(rnd, 6+rnd.IntN(40))
				x := make([]uint16, len(text))
				for j := range text {
					x[j] = uint16(text[j] % 10)
					text[j] = '0' + text[j]%10
				}
				if err := c.Encrypt(x, nil); err != nil {
					t.Fatal(err)
				}
				for _, d := range x {
					want[i] = append(want[i], byte('0'+d))
				}
				lanes[i] = Lane{Cipher: c, Text: text}
			}
			if err := EncryptDigits(lanes); err != nil {
				t.Fatal(err)
			}
			for i := range lanes {
				if !bytes.Equal(lanes[i].Text, want[i]) {
					t.Fatalf("lane %d of %d, %d digits: another text than alone", i, count, len(want[i]))
				}
			}
		}
	}
}

func TestDigitsRefused(t *testing.T) {
	t.Parallel()
	c := newCipher(t, make([]byte, 32), 10)
	for text, want := range map[string]error{"12345": ErrDomain, "": ErrDomain, "12345x": ErrNumeral, strings.Repeat("1", MaxLength+1): ErrLength} {
		good, bad := []byte("1234567"), []byte(text)
		err := EncryptDigits([]Lane{{Cipher: c, Text: good}, {Cipher: c, Text: bad}})
		if !errors.Is(err, want) || string(good) != "1234567" || string(bad) != text {
			t.Errorf("%d characters: got %v, want %v and the texts as they were", len(text), err, want)
		}
	}
}

// TestModulus tries the reciprocal where rounding could show.
func TestModulus(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(7, 8))
	numbers := []uint64{0, 1, 2, 1<<32 - 1, 1 << 32, 1<<63 - 1, 1 << 63, 1<<64 - 1}
	for range 1000 {
		numbers = append(numbers, rnd.Uint64()>>rnd.IntN(64))
	}
	for _, n := range numbers {
		if n < 2 {
			continue
		}
		m := newModulus(n)
		for _, x := range append(numbers, n-1, n, n+1, -n, -n-1, 3*n-1) {
			if got := m.of(x); got != x%n {
				t.Fatalf("%d modulo %d: got %d, want %d", x, n, got, x%n)
			}
		}
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	key := make([]byte, 32)
	for _, n := range []int{0, 15, 17, 31, 33, 64} {
		if _, err := New(make([]byte, n), 10); err == nil {
			t.Errorf("a key of %d bytes was accepted", n)
		}
	}
	for _, radix := range []int{-1, 0, 1, MaxRadix + 1} {
		if _, err := New(key, radix); err == nil {
			t.Errorf("radix %d was accepted", radix)
		}
	}
	tests := []struct {
		name        string
		radix, n, t int
		last        uint16
		want        error
	}{
		{"empty", 10, 0, 0, 0, ErrDomain},
		{"one numeral of a great radix", 1 << 16, 1, 0, 0, ErrDomain},
		{"five digits", 10, 5, 0, 0, ErrDomain},
		{"six digits", 10, 6, 0, 9, nil},
		{"nineteen bits", 2, 19, 0, 0, ErrDomain},
		{"twenty bits", 2, 20, 0, 1, nil},
		{"999 to the second", 999, 2, 0, 0, ErrDomain},
		{"1000 to the second", 1000, 2, 0, 999, nil},
		{"numeral of the radix", 10, 6, 0, 10, ErrNumeral},
		{"too long", 10, MaxLength + 1, 0, 0, ErrLength},
		{"tweak too long", 10, 10, MaxTweak + 1, 0, ErrLength},
		{"longest", 2, MaxLength, MaxTweak, 1, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newCipher(t, key, tt.radix)
			x := make([]uint16, tt.n)
			if tt.n > 0 {
				x[tt.n-1] = tt.last
			}
			want, tweak := slices.Clone(x), make([]byte, tt.t)
			if err := c.Encrypt(x, tweak); !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if tt.want == nil {
				if err := c.Decrypt(x, tweak); err != nil {
					t.Fatal(err)
				}
			}
			if !slices.Equal(x, want) {
				t.Error("the text is another one now")
			}
		})
	}
}

// TestReuse: what a cipher keeps from one text must not be seen in the next.
func TestReuse(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(3, 4))
	key := random(rnd, 32)
	c := newCipher(t, key, 10)
	for range 2_000 {
		text, tweak := make([]uint16, 6+rnd.IntN(90)), random(rnd, rnd.IntN(40))
		for i := range text {
			text[i] = uint16(rnd.IntN(10))
		}
		fresh := slices.Clone(text)
		if err := errors.Join(c.Encrypt(text, tweak), newCipher(t, key, 10).Encrypt(fresh, tweak)); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(text, fresh) {
			t.Fatalf("length %d, tweak of %d bytes: a used cipher gives another text than a fresh one", len(text), len(tweak))
		}
	}
}

func TestAllocatesNothing(t *testing.T) {
	if racing {
		return // the race detector's code allocates
	}
	for _, n := range []int{12, 19, 36, 40, 200} {
		c := newCipher(t, make([]byte, 32), 10)
		x, tweak := make([]uint16, n), make([]byte, 20)
		if got := testing.AllocsPerRun(100, func() { _ = c.Encrypt(x, tweak) }); got != 0 {
			t.Errorf("%d digits: %v allocations", n, got)
		}
	}
}

func FuzzFF1(f *testing.F) {
	f.Add([]byte("key"), []byte("\x00\x01\x02\x03\x04\x05\x06\x07"), []byte("tweak"), uint16(10))
	f.Add([]byte("another key, longer than that"), bytes.Repeat([]byte{255, 1}, 40), []byte{}, uint16(64))
	f.Add([]byte{}, bytes.Repeat([]byte{1}, 130), bytes.Repeat([]byte{7}, 40), uint16(2))
	f.Fuzz(func(t *testing.T, key, text, tweak []byte, r uint16) {
		radix := 2 + int(r)%63
		padded := make([]byte, 16+8*(len(key)%3))
		copy(padded, key)
		c, ref := newCipher(t, padded, radix), newReference(t, padded, radix)
		plain := make([]uint16, min(len(text), 300))
		for i := range plain {
			plain[i] = uint16(int(text[i]) % radix)
		}
		x := slices.Clone(plain)
		if err := c.Encrypt(x, tweak); err != nil {
			if ref.allowed(len(plain)) && len(tweak) <= MaxTweak {
				t.Fatalf("%d numerals of radix %d: %v", len(plain), radix, err)
			}
			return
		}
		if !slices.Equal(x, ref.encrypt(plain, tweak)) {
			t.Fatalf("%d numerals of radix %d: the reference encrypts otherwise", len(plain), radix)
		}
		if err := c.Decrypt(x, tweak); err != nil || !slices.Equal(x, plain) {
			t.Fatalf("%d numerals of radix %d: the round trip gives another text (%v)", len(plain), radix, err)
		}
	})
}

func random(rnd *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rnd.Uint32())
	}
	return b
}

func BenchmarkEncrypt(b *testing.B) {
	for _, bm := range []struct{ radix, n, key int }{
		{10, 9, 32}, {10, 12, 32}, {10, 12, 16}, {10, 16, 32}, {10, 36, 32}, {10, 40, 32}, {36, 12, 32}, {64, 26, 32}, {10, 200, 32},
	} {
		b.Run(fmt.Sprintf("radix=%d/n=%d/key=%d", bm.radix, bm.n, 8*bm.key), func(b *testing.B) {
			c := newCipher(b, make([]byte, bm.key), bm.radix)
			x := make([]uint16, bm.n)
			b.ReportAllocs()
			for b.Loop() {
				_ = c.Encrypt(x, nil)
			}
		})
	}
}

// BenchmarkBlocks is the floor: the rounds of a short text are ten blocks of AES, one after another.
func BenchmarkBlocks(b *testing.B) {
	for _, key := range []int{16, 32} {
		b.Run(fmt.Sprintf("key=%d", 8*key), func(b *testing.B) {
			c := newCipher(b, make([]byte, key), 10)
			for b.Loop() {
				for range rounds {
					c.block.Encrypt(c.r[:], c.r[:])
				}
			}
		})
	}
}

// BenchmarkDigits is the time of one text among several.
func BenchmarkDigits(b *testing.B) {
	for _, n := range []int{1, 2, 4, 8, 16} {
		for _, length := range []int{12, 16} {
			b.Run(fmt.Sprintf("lanes=%d/n=%d", n, length), func(b *testing.B) {
				c := newCipher(b, make([]byte, 32), 10)
				lanes := make([]Lane, n)
				for i := range lanes {
					lanes[i] = Lane{Cipher: c, Text: bytes.Repeat([]byte{'7'}, length)}
				}
				b.ReportAllocs()
				for b.Loop() {
					_ = EncryptDigits(lanes)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/text")
			})
		}
	}
}
