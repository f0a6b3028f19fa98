package dialplan

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers/v2"
)

// library is the number in text by libphonenumber.
func library(text, region string) (string, error) {
	n, err := phonenumbers.Parse(text, region)
	if err != nil {
		return "", err
	}
	return strconv.Itoa(int(n.GetCountryCode())) + phonenumbers.GetNationalSignificantNumber(n), nil
}

// agrees holds a reading to the library's, and says whether there was one.
func agrees(t *testing.T, r *Region, region, text string) bool {
	t.Helper()
	got, ok := r.Append([]byte("x"), []byte(text))
	if !ok {
		if string(got) != "x" {
			t.Fatalf("%s %q: nothing is read, but something appended", region, text)
		}
		return false
	}
	want, err := library(text, region)
	if err != nil || string(got) != "x"+want {
		t.Fatalf("%s %q: got %s, the library says %s %v", region, text, got[1:], want, err)
	}
	return true
}

// laidOut writes digits with or without signs between them.
func laidOut(rnd *rand.Rand, digits string) string {
	if rnd.IntN(2) == 0 {
		return digits
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && rnd.IntN(4) == 0 {
			b.WriteString([]string{" ", "-", ".", " (", ") ", "--"}[rnd.IntN(6)])
		}
		b.WriteRune(d)
	}
	return b.String()
}

func randomDigits(rnd *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + rnd.IntN(10))
	}
	return string(b)
}

// TestCodes tries every calling code, those that are none included, with every beginning of the national number.
func TestCodes(t *testing.T) {
	t.Parallel()
	abroad := In("US")
	known := phonenumbers.GetSupportedCallingCodes()
	for code := range 1000 {
		t.Run(strconv.Itoa(code), func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(1, uint64(code)))
			read := 0
			for first := range 100 {
				text := fmt.Sprintf("+%d%s", code, laidOut(rnd, fmt.Sprintf("%02d%s", first, randomDigits(rnd, rnd.IntN(12)))))
				if agrees(t, abroad, "US", text) {
					read++
				}
			}
			// Argentina has a prefix that may be empty, some have ones that are common beginnings of numbers.
			if known[code] && read < 70 && !slices.Contains([]int{54, 261, 370, 375, 378, 423, 672}, code) {
				t.Errorf("%d of 100 numbers were read", read)
			}
		})
	}
}

// TestRegions tries the national numbers of every region.
func TestRegions(t *testing.T) {
	t.Parallel()
	for region := range phonenumbers.GetSupportedRegions() {
		t.Run(region, func(t *testing.T) {
			t.Parallel()
			r := In(region)
			rnd := rand.New(rand.NewPCG(2, uint64(region[0])<<8|uint64(region[1])))
			code := strconv.Itoa(phonenumbers.GetCountryCodeForRegion(region))
			prefix := phonenumbers.GetNddPrefixForRegion(region, true)
			for range 30 {
				number := randomDigits(rnd, 3+rnd.IntN(11))
				for _, text := range []string{number, prefix + number, "0" + number, code + number, "00" + number} {
					agrees(t, r, region, laidOut(rnd, text))
				}
			}
		})
	}
}

// TestCommon: numbers as people have them are read, and not left to the library.
func TestCommon(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ region, text, want string }{
		{"US", "+14155550132", "14155550132"},
		{"US", "(415) 555-0132", "14155550132"},
		{"US", "1 415.555.0132", "14155550132"},
		{"US", "5550132", "15550132"},
		{"US", "+44 20 7946 0958", "442079460958"},
		{"US", "+49 30 123456", "4930123456"},
		{"US", "+33 1 23 45 67 89", "33123456789"},
		{"US", "+39 06 1234567", "39061234567"},
		{"US", "+86 138 1234 5678", "8613812345678"},
		{"US", "+91 98765 43210", "919876543210"},
		{"US", "+800 1234 5678", "80012345678"},
		{"GB", "020 7946 0958", "442079460958"},
		{"GB", "447911123456", "447911123456"},
		{"GB", "+1 415 555 0132", "14155550132"},
		{"DE", "030 123456", "4930123456"},
		{"FR", "01 23 45 67 89", "33123456789"},
		{"ES", "612 34 56 78", "34612345678"},
		{"XX", "+44 20 7946 0958", "442079460958"},
		{"US", "+44 (0)20 7946 0958", ""}, // the library's to decide
		{"US", "011 44 20 7946 0958", ""},
		{"US", "+999 123 456 789", ""},
		{"XX", "4155550132", ""},
		{"US", "415555013x", ""},
		{"US", "", ""},
		{"US", "12", ""},
		{"US", "+", ""},
	} {
		got, ok := In(tt.region).Append(nil, []byte(tt.text))
		if string(got) != tt.want || ok != (tt.want != "") {
			t.Errorf("%s %q: got %q %v, want %q", tt.region, tt.text, got, ok, tt.want)
		}
	}
}

func FuzzAppend(f *testing.F) {
	for _, s := range []string{"+14155550132", "(415) 555-0132", "+44 20 7946 0958", "020 7946 0958", "+39 06 1234567", "447911123456", "+5491123456789", "+800 1234 5678"} {
		for i := range 5 {
			f.Add(s, uint8(i))
		}
	}
	regions := []string{"US", "GB", "DE", "IT", "AR", "BR", "AU", "MX", "RU", "CN", "CA", "XX"}
	var read []*Region
	for _, r := range regions {
		read = append(read, In(r))
	}
	f.Fuzz(func(t *testing.T, text string, at uint8) {
		i := int(at) % len(regions)
		agrees(t, read[i], regions[i], text)
	})
}

func TestBegins(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		pattern string
		is, not []int
	}{
		{"", nil, []int{0, 1, 999}},
		{"0", []int{0, 12, 99}, []int{100, 990}},
		{"1(?:79|2)|0", []int{0, 99, 120, 179}, []int{170, 110, 999}},
		{"(12345)?", []int{0, 500, 999}, nil}, // also what it does not need
		{"12345", []int{123}, []int{122, 124}},
		{`^([25-9]\d{5})$|0`, []int{200, 555, 9}, []int{100, 300}},
	} {
		b, err := begins(tt.pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range tt.is {
			if !b.has(n) {
				t.Errorf("%s: %03d is missing", tt.pattern, n)
			}
		}
		for _, n := range tt.not {
			if b.has(n) {
				t.Errorf("%s: %03d is there", tt.pattern, n)
			}
		}
	}
	if _, err := begins("("); err == nil {
		t.Error("a pattern that is none was read")
	}
}

func TestExactly(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		pattern, prefix string
		want            bool
	}{
		{"0", "0", true}, {"0|180020", "0", true}, {"(183[12])|0", "0", true}, {"8", "8", true}, {"06", "06", true},
		{"0?", "0", false}, {"00?", "0", false}, {"0|012", "0", false}, {"0|0$", "0", true}, {"(0)", "0", true}, {"1", "0", false}, {"", "0", false}, {"0", "", false}, {"(", "(", false}, {"0|06", "06", false},
	} {
		if got := exactly(tt.pattern, tt.prefix); got != tt.want {
			t.Errorf("%q, %q: got %v", tt.pattern, tt.prefix, got)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, text := range []string{"+14155550132", "(415) 555-0132", "+44 20 7946 0958"} {
		b.Run(text, func(b *testing.B) {
			r, dst := In("US"), make([]byte, 0, 20)
			for b.Loop() {
				dst, _ = r.Append(dst[:0], []byte(text))
			}
		})
	}
}

func BenchmarkIn(b *testing.B) {
	for b.Loop() {
		In("GB")
	}
}
