package surrogate

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/services/masker/internal/ff1"
)

// These tests take tokens back to their values by the steps that each construction's comment gives.

// appendOf appends tokens of a shape.
func appendOf(s *Shape) func(dst []byte, c *ff1.Cipher, digits []byte) ([]byte, error) {
	lanes := make([]ff1.Lane, 1)
	return func(dst []byte, c *ff1.Cipher, digits []byte) ([]byte, error) {
		dst, clear, ok := s.Lay(dst, digits)
		if !ok {
			return dst, errors.New("no such digits")
		}
		lanes[0].Cipher, lanes[0].Text = c, dst[clear:]
		err := ff1.EncryptDigits(lanes)
		s.Finish(dst, clear)
		return dst, err
	}
}

func decrypted(t *testing.T, c *ff1.Cipher, digits string) string {
	t.Helper()
	x := make([]uint16, len(digits))
	for i := range x {
		x[i] = uint16(digits[i] - '0')
	}
	if err := c.Decrypt(x, nil); err != nil {
		t.Fatal(err)
	}
	back := make([]byte, len(x))
	for i := range x {
		back[i] = byte('0' + x[i])
	}
	return string(back)
}

func TestPhoneUndone(t *testing.T) {
	t.Parallel()
	c := newCipher(t, 10, 1)
	rnd := rand.New(rand.NewPCG(7, 8))
	for range 20_000 {
		d := digitsOf(rnd, MinPhone+rnd.IntN(MaxPhone-MinPhone+1))
		token, err := appendOf(Phone)(nil, c, d)
		if err != nil {
			t.Fatal(err)
		}
		text, ok := strings.CutPrefix(string(token), phonePrefix)
		number := decrypted(t, c, text)
		switch len(text) {
		case lengthA:
			number = strings.TrimLeft(number, "0")
		case lengthC:
			number = strings.TrimLeft(number, "0")[1:]
		}
		if !ok || number != string(d) || d[0] != '0' && len(d) <= lengthA && len(text) != lengthA {
			t.Fatalf("a number of %d digits, token of %d, comes back as one of %d", len(d), len(text), len(number))
		}
	}
	for _, s := range []string{"", "123456", "1234567890123456", "123456x", "+1234567"} {
		if got, err := appendOf(Phone)([]byte("x"), c, []byte(s)); err == nil || string(got) != "x" {
			t.Errorf("%q was accepted", s)
		}
	}
}

func TestCardUndone(t *testing.T) {
	t.Parallel()
	c := newCipher(t, 10, 1)
	second := 0
	for i := range 20_000 {
		card := appendCard(nil, i)
		token, err := appendOf(Card)(nil, c, card)
		if err != nil {
			t.Fatal(err)
		}
		if len(token) != len(card) || luhn(token) || token[0] != cardFirst && token[0] != cardSecond {
			t.Fatalf("token %d is a card, or is not of its length, or begins otherwise", i)
		}
		if token[0] == cardSecond {
			second++
		}
		payload := decrypted(t, c, string(token[1:]))
		for check := byte('0'); check <= '9'; check++ {
			if back := payload + string(check); luhn([]byte(back)) != (back == string(card)) {
				t.Fatalf("token %d does not come back as its card", i)
			}
		}
	}
	if second < 1_500 || second > 2_500 {
		t.Errorf("%d of 20,000 tokens begin with the second digit, want a tenth", second)
	}
	for _, s := range []string{"", "4111111111111112", "411111111111", "42222222222222222222", "411111111111111x", "4111 1111 1111 1111"} {
		if got, err := appendOf(Card)([]byte("x"), c, []byte(s)); err == nil || string(got) != "x" {
			t.Errorf("%q was accepted", s)
		}
	}
}

func TestDigitsUndone(t *testing.T) {
	t.Parallel()
	c := newCipher(t, 10, 1)
	rnd := rand.New(rand.NewPCG(9, 10))
	for n := MinDigits; n < 200; n++ {
		for range 20 {
			d := digitsOf(rnd, n)
			token, err := appendOf(Digits)(nil, c, d)
			if err != nil || len(token) != n || decrypted(t, c, string(token)) != string(d) {
				t.Fatalf("%d digits do not come back (%v)", n, err)
			}
		}
	}
	for _, s := range []string{"", "12345", "12345x", strings.Repeat("1", MaxDigits+1)} {
		if got, err := appendOf(Digits)([]byte("x"), c, []byte(s)); err == nil || string(got) != "x" {
			t.Errorf("%d characters were accepted", len(s))
		}
	}
	if _, err := appendOf(Digits)(nil, c, []byte(strings.Repeat("1", MaxDigits))); err != nil {
		t.Error(err)
	}
}

// TestWholeDomain walks a domain of FF1's least size: every token is there once.
func TestWholeDomain(t *testing.T) {
	t.Parallel()
	c := newCipher(t, 10, 1)
	seen := make([]bool, 1_000_000)
	var value, token []byte
	for i := range seen {
		value = appendSix(value[:0], i)
		var err error
		if token, err = appendOf(Digits)(token[:0], c, value); err != nil {
			t.Fatal(err)
		}
		at := 0
		for _, d := range token {
			at = at*10 + int(d-'0')
		}
		if len(token) != 6 || seen[at] {
			t.Fatal("a token is there twice, or is not of six digits")
		}
		seen[at] = true
	}
}

func appendSix(dst []byte, v int) []byte {
	for k := 100_000; k > 0; k /= 10 {
		dst = append(dst, byte('0'+v/k%10))
	}
	return dst
}
