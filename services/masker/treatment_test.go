package masker

import (
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/policy"
)

func TestPartial(t *testing.T) {
	t.Parallel()
	tests := []struct {
		mask     policy.Mask
		in, want string
	}{
		{policy.Mask{Char: "*", First: 1, Last: 2}, "abcdef", "a***ef"},
		{policy.Mask{Char: "*", First: 1, Last: 2}, "abc", "***"},
		{policy.Mask{Char: "*", First: 1, Last: 2}, "a", "*"},
		{policy.Mask{Char: "•"}, "añb", "•••"},
		{policy.Mask{Char: "*", First: 1}, "ñandú", "ñ****"},
		{policy.Mask{Char: "*", Last: 1}, "a\xff\xfe", "**\xfe"},
	}
	for _, tt := range tests {
		got, err := newPartial(tt.mask).rewrite(nil, place{}, nil, []byte(tt.in))
		if err != nil || string(got) != tt.want {
			t.Errorf("%+v of %q: got %q %v, want %q", tt.mask, tt.in, got, err, tt.want)
		}
	}
}

func TestCard(t *testing.T) {
	t.Parallel()
	tests := []struct {
		keep     policy.CardKeep
		in, want string
	}{
		{policy.KeepLast4, "4111111111111111", "************1111"},
		{policy.KeepLast4, "4111 1111 1111 1111", "************1111"},
		{policy.KeepLast4, "4111-1111-1111-1111", "************1111"},
		{policy.KeepLast4, "４１１１111111111111", "************1111"},
		{policy.KeepFirst6Last, "378282246310005", "378282*****0005"},
		{policy.KeepNone, "4111111111111111", "****************"},
		{policy.KeepLast4, "4222222222222", "*********2222"},
		{policy.KeepLast4, "4111111111111112", "****"}, // the check digit is wrong
		{policy.KeepLast4, "12345678", "****"},
		{policy.KeepLast4, "41111111111111111111111", "****"},
		{policy.KeepLast4, "card 4111111111111111", "****"},
		{policy.KeepFirst6Last, "n/a", "****"},
		{policy.KeepFirst6Last, " ", "****"},
	}
	for _, tt := range tests {
		got, err := (card{tt.keep}).rewrite(nil, place{}, nil, []byte(tt.in))
		if err != nil || string(got) != tt.want {
			t.Errorf("%s of %q: got %q %v, want %q", tt.keep, tt.in, got, err, tt.want)
		}
	}
}

// FuzzCard: whatever it is given, a card never shows more than ten digits, and a whole one never.
func FuzzCard(f *testing.F) {
	f.Add("4111 1111 1111 1111")
	f.Add("378282246310005")
	f.Fuzz(func(t *testing.T, s string) {
		for keep, most := range map[policy.CardKeep]int{policy.KeepNone: 0, policy.KeepLast4: 4, policy.KeepFirst6Last: 10} {
			got, err := (card{keep}).rewrite(nil, place{}, nil, []byte(s))
			if err != nil {
				t.Fatal(err)
			}
			shown := len(strings.ReplaceAll(string(got), "*", ""))
			if shown > most {
				t.Errorf("%s shows %d digits", keep, shown)
			}
		}
	})
}
