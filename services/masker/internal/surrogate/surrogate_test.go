package surrogate

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/nyaruka/phonenumbers/v2"

	"github.com/maskrail/maskrail/libs/detect"
	"github.com/maskrail/maskrail/services/masker/internal/ff1"
)

func newCipher(t testing.TB, radix int, key byte) *ff1.Cipher {
	t.Helper()
	c, err := ff1.New(bytes.Repeat([]byte{key}, 32), radix)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func newAlphabet(t testing.TB, characters string) *Alphabet {
	t.Helper()
	a, err := NewAlphabet(characters)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

const alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// construction is one way to make tokens, with values that it takes.
type construction struct {
	name string
	// value makes the i-th value, appended to dst; different i give different values.
	value func(dst []byte, i int) []byte
	// with gives the function that makes tokens with the key of that number.
	with func(t testing.TB, key byte) func(dst, value []byte) []byte
	// clean says that no detector may find a token.
	clean bool
}

func all() []construction {
	ciphered := func(radix int, shape func([]byte, *ff1.Cipher, []byte) ([]byte, error)) func(testing.TB, byte) func(dst, value []byte) []byte {
		return func(t testing.TB, key byte) func(dst, value []byte) []byte {
			c := newCipher(t, radix, key)
			return func(dst, value []byte) []byte {
				dst, err := shape(dst, c, value)
				if err != nil {
					t.Fatal(err)
				}
				return dst
			}
		}
	}
	permuted := func(characters string) func(testing.TB, byte) func(dst, value []byte) []byte {
		return func(t testing.TB, key byte) func(dst, value []byte) []byte {
			var w Workspace
			a := newAlphabet(t, characters)
			return ciphered(a.Radix(), func(dst []byte, c *ff1.Cipher, value []byte) ([]byte, error) { return a.Append(dst, c, &w, value) })(t, key)
		}
	}
	hashed := func(shape func(dst, mac []byte) []byte) func(testing.TB, byte) func(dst, value []byte) []byte {
		return func(_ testing.TB, key byte) func(dst, value []byte) []byte {
			mac := hmac.New(sha256.New, bytes.Repeat([]byte{key}, 32))
			var sum []byte
			return func(dst, value []byte) []byte {
				mac.Reset()
				mac.Write(value)
				sum = mac.Sum(sum[:0])
				return shape(dst, sum)
			}
		}
	}
	numbers := func(least, most int) func(dst []byte, i int) []byte {
		return func(dst []byte, i int) []byte { return appendNumber(dst, i, least, most) }
	}
	return []construction{
		{"phone", numbers(MinPhone, MaxPhone), ciphered(10, appendOf(Phone)), true},
		{"card", appendCard, ciphered(10, appendOf(Card)), true},
		{"digits", numbers(7, 24), ciphered(10, appendOf(Digits)), false},
		{"uuid", numbers(7, 24), hashed(func(dst, mac []byte) []byte { return AppendUUID(dst, [UUIDBytes]byte(mac[:UUIDBytes])) }), true},
		{"text", numbers(7, 24), hashed(appendText), true},
		{"email", numbers(7, 24), hashed(func(dst, mac []byte) []byte { return append(appendText(dst, mac), "@masked.invalid"...) }), true},
		{"fpe digits", func(dst []byte, i int) []byte { return fmt.Appendf(dst, "%03d-%02d/%06d", i%1000, i%100, i) }, permuted("0123456789"), false},
		{"fpe alphanumeric", func(dst []byte, i int) []byte { return fmt.Appendf(dst, "Ab-%06x.z", i) }, permuted(alphanumeric), false},
		{"fpe signs", func(dst []byte, i int) []byte {
			for bit := range 21 {
				dst = append(dst, "-+"[i>>bit&1])
			}
			return dst
		}, permuted("+-"), false},
	}
}

var base = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// appendText is the text form, which the masker makes: 26 characters.
func appendText(dst, mac []byte) []byte {
	n := len(dst)
	return base.AppendEncode(dst, mac[:17])[:n+26]
}

// appendNumber makes the same numbers in all lengths, filled up with zeros, which is where a careless construction
// overlaps; every second with another first digit.
func appendNumber(dst []byte, i, least, most int) []byte {
	lengths := most - least + 1
	n, v := least+i%lengths, i/lengths
	from := len(dst)
	for range n {
		dst = append(dst, '0')
	}
	rest := v
	for k := len(dst) - 1; k >= from; k-- {
		dst[k], rest = byte('0'+rest%10), rest/10
	}
	if v%2 == 1 && dst[from] == '0' {
		dst[from] = byte('1' + v/2%9)
	}
	return dst
}

// appendCard makes different cards of all lengths and brands.
func appendCard(dst []byte, i int) []byte {
	from := len(dst)
	dst = appendNumber(dst, i, MinCard-1, MaxCard-1)
	dst[from] = byte('0' + i%10)
	dst = append(dst, '0')
	for !luhn(dst[from:]) {
		dst[len(dst)-1]++
	}
	return dst
}

// TestInjective: a million values, a million tokens, of the values' shape.
func TestInjective(t *testing.T) {
	t.Parallel()
	const values = 1_000_000 / effort
	for _, c := range all() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tokenise := c.with(t, 1)
			// Fingerprints of 64 bits: two of a million are equal by chance with 3·10^-8, and the seed is another each time.
			seed := maphash.MakeSeed()
			seen := make([]uint64, 0, values)
			var value, token []byte
			for i := range values {
				value = c.value(value[:0], i)
				token = tokenise(token[:0], value)
				seen = append(seen, maphash.Bytes(seed, token))
			}
			slices.Sort(seen)
			if got := len(slices.Compact(seen)); got != values {
				t.Errorf("%d values have %d tokens", values, got)
			}
		})
	}
}

// TestValues: the values that the other tests use are as different as they say.
func TestValues(t *testing.T) {
	t.Parallel()
	for _, c := range all() {
		seen := map[string]bool{}
		const values = 200_000 / effort
		for i := range values {
			seen[string(c.value(nil, i))] = true
		}
		if len(seen) != values {
			t.Errorf("%s: %d different values of %d", c.name, len(seen), values)
		}
	}
}

// TestKeys: a token follows from key and value alone, and another key gives other tokens.
func TestKeys(t *testing.T) {
	t.Parallel()
	for _, c := range all() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			one, again, other := c.with(t, 1), c.with(t, 1), c.with(t, 2)
			const values = 2_000
			first := make([]string, values)
			for i := range values {
				first[i] = string(one(nil, c.value(nil, i)))
			}
			equal := 0
			for i := values - 1; i >= 0; i-- { // in another order
				value := c.value(nil, i)
				if string(again([]byte("x"), value)) != "x"+first[i] {
					t.Fatal("the same key gives another token")
				}
				if string(other(nil, value)) == first[i] {
					equal++
				}
			}
			if equal > 1 { // two permutations of a few million strings agree by chance once in some thousand values
				t.Errorf("%d of %d tokens are the same under another key", equal, values)
			}
		})
	}
}

// TestNoFindings: a detector that finds a token would call every masked object a leak.
func TestNoFindings(t *testing.T) {
	t.Parallel()
	set, err := detect.NewSet("US")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all() {
		if !c.clean {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tokenise := c.with(t, 1)
			for i := range 100_000 / effort {
				if token := tokenise(nil, c.value(nil, i)); set.Contains(token) {
					t.Fatalf("token %d is a finding: %v", i, set.Find(nil, token))
				}
			}
		})
	}
}

// TestNoNumberAnywhere: a token of digits is not a telephone number of any country either.
func TestNoNumberAnywhere(t *testing.T) {
	t.Parallel()
	for region := range phonenumbers.GetSupportedRegions() {
		set, err := detect.NewSet(region)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range all() {
			if !c.clean {
				continue
			}
			tokenise := c.with(t, 1)
			for i := range 300 / effort {
				if token := tokenise(nil, c.value(nil, i)); set.Contains(token) {
					t.Fatalf("%s, %s: token %d is a finding: %v", region, c.name, i, set.Find(nil, token))
				}
			}
		}
	}
}

func TestAllocatesNothing(t *testing.T) {
	if effort > 1 {
		return // the race detector's code allocates
	}
	for _, c := range all() {
		tokenise := c.with(t, 1)
		value, dst := c.value(nil, 123_456), make([]byte, 0, 64)
		if got := testing.AllocsPerRun(100, func() { dst = tokenise(dst[:0], value) }); got != 0 {
			t.Errorf("%s: %v allocations", c.name, got)
		}
	}
}

func BenchmarkTokens(b *testing.B) {
	for _, c := range all() {
		b.Run(c.name, func(b *testing.B) {
			tokenise := c.with(b, 1)
			value, dst := c.value(nil, 123_456), []byte(nil)
			b.ReportAllocs()
			for b.Loop() {
				dst = tokenise(dst[:0], value)
			}
		})
	}
}

// digitsOf makes random digits, with many zeros.
func digitsOf(rnd *rand.Rand, n int) []byte {
	d := make([]byte, n)
	for k := range d {
		d[k] = byte('0' + rnd.IntN(10)*rnd.IntN(2))
	}
	return d
}
