package masker

import (
	"testing"

	"github.com/maskrail/maskrail/libs/policy"
)

func TestCanonical(t *testing.T) {
	t.Parallel()
	tests := []struct {
		form     policy.Form
		in, want string
	}{
		{policy.TextForm, "  Ab c ", "Ab c"},
		{policy.TextForm, "ﬁ①", "fi1"},
		{policy.TextForm, "\u00a0x\u2003", "x"},
		{policy.NameForm, "  Jane \t DOE ", "jane doe"},
		{policy.NameForm, "Stra\u00dfe", "strasse"},
		{policy.NameForm, "STRASSE", "strasse"},
		{policy.NameForm, "Do\u00e9", "do\u00e9"},
		{policy.NameForm, "DOE\u0301", "do\u00e9"},
		{policy.NameForm, "Jane\u00a0\u3000Doe", "jane doe"},
		{policy.NameForm, "\uff2a\uff21\uff2e\uff25", "jane"},
		{policy.NameForm, "ΣΊΣΥΦΟΣ", "σίσυφοσ"},
		{policy.EmailForm, " Jane@Example.COM", "jane@example.com"},
		{policy.EmailForm, "JÜRGEN@example.com", "jürgen@example.com"},
		{policy.DigitsForm, "4111 1111-1111.1111", "4111111111111111"},
		{policy.DigitsForm, "٤١١١", "4111"},
		{policy.DigitsForm, "card 4111", "card 4111"},
		{policy.DigitsForm, " - ", "-"},
		{policy.DigitsForm, "③¢", "3"},
		{policy.EmailForm, "\xf5ǅ@example.com", "\ufffddž@example.com"},
		{policy.EmailForm, "Jane Doe <Jane@Example.COM>", "jane@example.com"},
		{policy.EmailForm, "mailto:Jane@Example.COM", "jane@example.com"},
		{policy.EmailForm, "Jane Doe", "jane doe"},
		{policy.UUIDForm, " 550E8400-E29B-41D4-A716-446655440000", "550e8400-e29b-41d4-a716-446655440000"},
		{policy.UUIDForm, "550E8400-E29B-41D4-A716", "550E8400-E29B-41D4-A716"},
		{policy.PhoneForm, "(415) 555-0132", "14155550132"},
		{policy.PhoneForm, " Unknown ", "Unknown"},
	}
	for _, tt := range tests {
		c := newCanonicaliser("US")
		if got := c.append([]byte("x"), tt.form, []byte(tt.in)); string(got) != "x"+tt.want {
			t.Errorf("%s %q: got %q, want %q", tt.form, tt.in, got[1:], tt.want)
		}
	}
}

// FuzzCanonical: a canonical form is its own canonical form, or two spellings of one value could drift apart.
func FuzzCanonical(f *testing.F) {
	f.Add("Jane  Doé")
	f.Add("ﬁ ① \u00a0ǅ")
	f.Add("+1 415 555 0132")
	f.Fuzz(func(t *testing.T, s string) {
		for _, form := range []policy.Form{policy.TextForm, policy.NameForm, policy.EmailForm, policy.DigitsForm, policy.UUIDForm} {
			c := newCanonicaliser("US")
			once := c.append(nil, form, []byte(s))
			twice := c.append(nil, form, once)
			if string(once) != string(twice) {
				t.Errorf("%s: %q becomes %q and then %q", form, s, once, twice)
			}
		}
	})
}

func TestDigitOfAnyScript(t *testing.T) {
	t.Parallel()
	for _, zero := range []rune{'0', '٠', '۰', '०', '\uff10', '\U0001D7CE', '\U0001D7D8', '\U0001D7F6', '\U0001FBF0', '\U000104A0'} {
		for d := range 10 {
			if got := digit(zero + rune(d)); got != d {
				t.Errorf("%U: got %d, want %d", zero+rune(d), got, d)
			}
		}
	}
	for _, r := range []rune{'a', ' ', '²', '½', '一', -1} {
		if got := digit(r); got != -1 {
			t.Errorf("%U is no digit, got %d", r, got)
		}
	}
}
