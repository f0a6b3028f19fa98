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
		got, err := newPartial(tt.mask).rewrite(nil, nil, 0, nil, []byte(tt.in))
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
		got, err := (card{tt.keep}).rewrite(nil, nil, 0, nil, []byte(tt.in))
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
			got, err := (card{keep}).rewrite(nil, nil, 0, nil, []byte(s))
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

func TestTruncateText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		unit     policy.Unit
		in, want string
	}{
		{policy.Year, "1931-05-12", "1931-01-01"},
		{policy.Month, "1931-05-12", "1931-05-01"},
		{policy.Day, "1931-05-12", "1931-05-12"},
		{policy.Day, "2026-02-28T23:59:59.125Z", "2026-02-28T00:00:00.000Z"},
		{policy.Year, "2026-02-28 23:59:59+02:00", "2026-01-01 00:00:00+02:00"},
		{policy.Month, "2026-02-28T23:59-0830", ""},
		{policy.Month, "2026-02-28T23:59:01-0830", "2026-02-01T00:00:00-0830"},
		{policy.Year, "2024-02-29", "2024-01-01"},
		{policy.Year, "", ""},
		{policy.Year, "2023-02-29", ""},
		{policy.Year, "12/05/1931", ""},
		{policy.Year, "1931-5-12", ""},
		{policy.Year, "1931", ""},
		{policy.Year, " 1931-05-12", ""},
		{policy.Year, "1931-05-12x", ""},
		{policy.Year, "1931-05-12T25:00:00", ""},
		{policy.Year, "1931-05-12T10:00:00+99", ""},
	}
	for _, tt := range tests {
		got, ok := truncate{tt.unit}.text(nil, []byte(tt.in))
		if ok && string(got) != tt.want || ok == (tt.want == "" && tt.in != "") {
			t.Errorf("%s of %q: got %q %v, want %q", tt.unit, tt.in, got, ok, tt.want)
		}
	}
}

func TestTruncateDay(t *testing.T) {
	t.Parallel()
	tests := []struct {
		unit     policy.Unit
		in, want int64
	}{
		{policy.Year, 0, 0}, {policy.Year, 364, 0}, {policy.Year, 365, 365},
		{policy.Year, -1, -365}, {policy.Month, 58, 31}, {policy.Month, -1, -31}, {policy.Day, -7, -7},
		{policy.Year, 146_097*1_000 + 5, 146_097 * 1_000}, {policy.Year, -146_097*1_000 + 40, -146_097 * 1_000},
	}
	for _, tt := range tests {
		if got := (truncate{tt.unit}).day(tt.in); got != tt.want {
			t.Errorf("%s of day %d: got %d, want %d", tt.unit, tt.in, got, tt.want)
		}
	}
}
