package detect

import (
	"fmt"
	"strings"
	"testing"
)

// pan pads prefix to n digits of which the last makes it pass Luhn.
func pan(prefix string, n int) string {
	body := prefix + strings.Repeat("7", n-1-len(prefix))
	d := make([]byte, n)
	for i := range body {
		d[i] = body[i] - '0'
	}
	for !luhn(d) {
		d[n-1]++
	}
	return body + string('0'+d[n-1])
}

func TestIssuers(t *testing.T) {
	t.Parallel()
	s := setOf(t, "US", Card)
	for _, tc := range []struct {
		name    string
		prefix  []string
		lengths []int
		want    bool
	}{
		{"visa", []string{"4", "499999"}, []int{13, 16, 19}, true},
		{"visa, other lengths", []string{"4"}, []int{14, 15, 17, 18}, false},
		{"mastercard", []string{"51", "55", "2221", "2720"}, []int{16}, true},
		{"mastercard, other lengths", []string{"51", "55", "2221", "2720"}, []int{13, 14, 15, 17, 18, 19}, false},
		{"beside mastercard", []string{"2220", "2721", "2105", "2800"}, []int{13, 15, 16, 19}, false},
		{"amex", []string{"34", "37"}, []int{15}, true},
		{"amex, other lengths", []string{"34", "37"}, []int{13, 14, 16, 19}, false},
		{"discover", []string{"6011", "644", "649", "65"}, []int{16, 17, 18, 19}, true},
		{"diners", []string{"300", "305", "3095", "36", "38", "39"}, []int{14, 16, 19}, true},
		{"beside diners and jcb", []string{"306", "3527", "3590", "310", "320", "330"}, []int{14, 15, 16, 19}, false},
		{"jcb", []string{"3528", "3589"}, []int{16, 19}, true},
		{"unionpay", []string{"62", "8100", "8171"}, []int{16, 17, 18, 19}, true},
		{"maestro", []string{"5018", "5020", "5038", "5893", "6304", "6759", "6763"}, []int{13, 15, 16, 19}, true},
		{"nobody", []string{"0", "1", "7", "9", "66", "68", "640", "8172", "83"}, []int{13, 14, 15, 16, 17, 18, 19}, false},
		{"too short and too long", []string{"4", "51", "6759", "62"}, []int{8, 12, 20, 24, 40}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for _, prefix := range tc.prefix {
				for _, n := range tc.lengths {
					text := pan(prefix, n)
					if got := s.Contains([]byte(text)); got != tc.want {
						t.Errorf("%s, %d digits: %v", text, n, got)
					}
				}
			}
		})
	}
}

// One wrong digit, and most swaps of neighbours, must not pass.
func TestLuhnCatchesTypos(t *testing.T) {
	t.Parallel()
	s := setOf(t, "US", Card)
	good := []byte("4539578763621486")
	if !s.Contains(good) {
		t.Fatalf("%s is not found", good)
	}
	for i := 1; i < len(good); i++ {
		for c := byte('0'); c <= '9'; c++ {
			bad := []byte(string(good))
			if bad[i] = c; c != good[i] && s.Contains(bad) {
				t.Errorf("%s is found", bad)
			}
		}
	}
}

// Every division of a card into parts of four digits and more is found, with
// every separator, and in a row of other numbers.
func TestCardDivisions(t *testing.T) {
	t.Parallel()
	s := setOf(t, "US", Card)
	for _, card := range []string{pan("4", 16), pan("4", 19), pan("37", 15), pan("36", 14), pan("4", 13)} {
		for _, sep := range []string{" ", "-", ".", "\u00a0", "\u202f", "\u200b", "\u200d", "\u2011", " - ", "_"} {
			for i := 4; i <= len(card); i++ {
				for j := i; j <= len(card); j++ {
					if i < len(card) && j > i && j-i < 4 {
						continue
					}
					text := card[:i]
					if j > i {
						text += sep + card[i:j]
					}
					if j < len(card) {
						text += sep + card[j:]
					}
					for _, frame := range []string{"%s", "pay %s 12/27", "%s exp 01/29 cvv 123"} {
						cell := fmt.Sprintf(frame, text)
						if !s.Contains([]byte(cell)) {
							t.Errorf("%q: nothing", cell)
						}
					}
				}
			}
		}
	}
}
