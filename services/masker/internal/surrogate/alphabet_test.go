package surrogate

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/maskrail/maskrail/services/masker/internal/ff1"
)

func TestAlphabets(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "a", "aa", "0120", "añoñ", "ab\u0301", "ab\u200b", "a\xff", "a\n", strings.Repeat("a", 65), alphanumeric + "+/-"} {
		if _, err := NewAlphabet(s); err == nil {
			t.Errorf("%q was accepted", s)
		}
	}
	for _, s := range []string{"01", "0123456789", alphanumeric + "+/", "añ ", "аб", "-."} {
		if a, err := NewAlphabet(s); err != nil || a.Radix() != utf8.RuneCountInString(s) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestAlphabetTexts(t *testing.T) {
	t.Parallel()
	const decimal = "0123456789"
	tests := []struct {
		name, alphabet, in string
		shape              string // of the token: A for a character of the alphabet
		want               error
	}{
		{"digits", decimal, "123456", "AAAAAA", nil},
		{"separators stay", decimal, "123-45-6789", "AAA-AA-AAAA", nil},
		{"space and signs stay", decimal, " +1 (415) 555.0132;$", " +A (AAA) AAA.AAAA;$", nil},
		{"separators of other scripts stay", decimal, "１２３456"[9:] + "\u3000000、123\u2010", "AAA\u3000AAA、AAA\u2010", nil},
		{"letters of another script", "абвгдежзиклмнопр", "где-жзик", "AAA-AAAA", nil},
		{"mixed widths", "aé€🙂", "aé€🙂aé€🙂aé", "AAAAAAAAAA", nil},
		{"the separator is in the alphabet", "01-", "0-1-0-1-0-1-0", "AAAAAAAAAAAAA", nil},
		{"five digits", decimal, "12345", "", ErrShort},
		{"five digits and separators", decimal, "1-2-3-4-5", "", ErrShort},
		{"separators alone", decimal, " - ", "", ErrShort},
		{"nothing", decimal, "", "", ErrShort},
		{"a letter", decimal, "123456a", "", ErrCharacter},
		{"a letter of another script", decimal, "123456я", "", ErrCharacter},
		{"a digit of another script", decimal, "123456٣", "", ErrCharacter},
		{"a number that is no digit", decimal, "123456²", "", ErrCharacter},
		{"a mark", decimal, "123456\u0301", "", ErrCharacter},
		{"what cannot be seen", decimal, "123456\u200b", "", ErrCharacter},
		{"a tag", decimal, "123456\U000E0041", "", ErrCharacter},
		{"a letter in disguise", decimal, "123456Ⓐ", "", ErrCharacter},
		{"no UTF-8", decimal, "123456\xff", "", ErrCharacter},
		{"the replacement character", decimal, "123456\uFFFD", "", ErrCharacter},
		{"the other case", "0123456789abcdef", "12345A", "", ErrCharacter},
		{"longest", decimal, strings.Repeat("1", MaxCharacters), strings.Repeat("A", MaxCharacters), nil},
		{"too long", decimal, strings.Repeat("1", MaxCharacters+1), "", ErrLong},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := newAlphabet(t, tt.alphabet)
			c := newCipher(t, a.Radix(), 1)
			var w Workspace
			got, err := a.Append([]byte("x"), c, &w, []byte(tt.in))
			if !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if err != nil {
				if string(got) != "x" {
					t.Error("something was appended all the same")
				}
				return
			}
			if shape := shapeOf(a, string(got[1:])); shape != tt.shape {
				t.Errorf("got the shape %q, want %q", shape, tt.shape)
			}
			if back := undone(t, a, c, got[1:]); back != tt.in {
				t.Errorf("%q comes back as %q", tt.in, back)
			}
		})
	}
}

// shapeOf writes A for every character of the alphabet.
func shapeOf(a *Alphabet, s string) string {
	return strings.Map(func(r rune) rune {
		if a.number(r) >= 0 {
			return 'A'
		}
		return r
	}, s)
}

func undone(t testing.TB, a *Alphabet, c *ff1.Cipher, token []byte) string {
	t.Helper()
	var w Workspace
	back, err := a.permute(nil, c.Decrypt, &w, token)
	if err != nil {
		t.Fatal(err)
	}
	return string(back)
}

// FuzzAlphabet: whatever it is given is refused or comes back, and a token has its value's shape.
func FuzzAlphabet(f *testing.F) {
	f.Add(uint8(0), "123-45-6789")
	f.Add(uint8(1), "Ab 12, z")
	f.Add(uint8(2), "é€🙂aé€🙂aé€🙂a\xff")
	f.Fuzz(func(t *testing.T, which uint8, s string) {
		a := newAlphabet(t, []string{"0123456789", alphanumeric, "aé€🙂-²"}[which%3])
		c := newCipher(t, a.Radix(), 1)
		var w Workspace
		token, err := a.Append(nil, c, &w, []byte(s))
		if err != nil {
			return
		}
		if !utf8.Valid(token) || shapeOf(a, string(token)) != shapeOf(a, s) {
			t.Errorf("%q has a token of another shape", s)
		}
		if back := undone(t, a, c, token); back != s {
			t.Errorf("%q comes back as %q", s, back)
		}
	})
}
