package masker

import (
	"bytes"
	"encoding/base32"
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"testing"
)

// FuzzPlain holds the short ways to canonical forms to the general ones.
func FuzzPlain(f *testing.F) {
	for _, s := range []string{"Jane Doe", "  JANE\t doe\n", "", " ", "jane@Example.COM", "jane@example", "j@a.b.c1", "a@1.2", "Jane <jane@example.com>", "mailto:a@b.co", "j..x@a-b.co", "a@b.co.", "a@.co", "@b.co", "a@b@c.co", "José", "a\x00b", "4111 1111-1111", " - ", "1x", "٤1", "a@b.c\x7f", "j\xff@b.co"} {
		f.Add(s)
	}
	c := newCanonicaliser("US")
	f.Fuzz(func(t *testing.T, s string) {
		before := []byte("x")
		if got, ok := appendPlainName(before, []byte(s)); ok {
			if want := c.appendAnyName([]byte("x"), []byte(s)); !bytes.Equal(got, want) {
				t.Errorf("name %q: got %q, want %q", s, got, want)
			}
		} else if ascii([]byte(s)) {
			t.Errorf("name %q: not read", s)
		}
		if got, ok := appendPlainEmail(before, []byte(s)); ok {
			if want := appendAnyEmail([]byte("x"), []byte(s)); !bytes.Equal(got, want) {
				t.Errorf("mail address %q: got %q, want %q", s, got, want)
			}
		}
		if got, ok := appendPlainDigits(before, []byte(s)); ok {
			if want := c.appendAnyDigits([]byte("x"), []byte(s)); !bytes.Equal(got, want) {
				t.Errorf("digits %q: got %q, want %q", s, got, want)
			}
		}
		if want := !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7f }); ascii([]byte(s)) != want {
			t.Errorf("%q: ascii is %v", s, !want)
		}
	})
}

func TestPlainEmail(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", maxLocalPart)
	tests := []struct {
		in   string
		read bool
	}{
		{"Jane.O'Hara+x_1@Sub.example-1.CO.uk", true}, {"a@b.c", true}, {"1@1.a1", true}, {"a@-.b-", true}, {long + "@b.co", true},
		{"a@" + strings.Repeat("b.", 126) + "com", true},
		{long + "a@b.co", false}, {"a@" + strings.Repeat("b.", 127) + "com", false},
		{"a@b", false}, {"a@b.1", false}, {"a@b.", false}, {"a@.b", false}, {"a@b..c", false}, {"@b.c", false}, {"a", false}, {"a@", false},
		{"a@b@c.de", false}, {" a@b.co", false}, {"a@b.co ", false}, {"a b@c.de", false}, {"mailto:a@b.co", false}, {"<a@b.co>", false},
		{`"a"@b.co`, false}, {"a@b_c.de", false}, {"a\x01@b.co", false}, {"jürgen@b.co", false}, {"a@bücher.de", false},
	}
	for _, tt := range tests {
		got, ok := appendPlainEmail(nil, []byte(tt.in))
		if ok != tt.read || ok && string(got) != strings.ToLower(tt.in) {
			t.Errorf("%q: got %q %v, want it read: %v", tt.in, got, ok, tt.read)
		}
	}
}

func TestLetters(t *testing.T) {
	t.Parallel()
	encoding := base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range 10_000 {
		x := rnd.Uint64()
		if i < 64 {
			x = 1 << i
		}
		var five, got [8]byte
		binary.BigEndian.PutUint64(five[:], x&(1<<40-1)<<24)
		binary.BigEndian.PutUint64(got[:], letters(x&(1<<40-1)))
		if want := encoding.EncodeToString(five[:5]); string(got[:]) != want {
			t.Fatalf("%x: got %s, want %s", five[:5], got, want)
		}
	}
}
