package invent

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// TestKinds pins the lists: with another one, or another order, every number stands for another value.
func TestKinds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		kind   string
		values uint64
		digest string // the beginning of SHA-256 of the lists, an entry a line
	}{
		{"name", 802_278, "6899ce6ac532a63f"},
		{"firstName", 1611, "d9387b06ad25beb8"},
		{"lastName", 498, "a210d53accaaea85"},
		{"company", 522, "4ebb1dcca52f08ae"},
		{"job", 186, "47a7f84df5636d84"},
		{"street", 280_771_920, "9c93041f224ebbf0"},
		{"city", 98, "3fa11667ebf1301b"},
		{"state", 50, "ef5cbe5a31c8ebd3"},
		{"country", 249, "8123d594f4999e73"},
	}
	for _, tt := range tests {
		k, ok := Of(tt.kind)
		if !ok {
			t.Errorf("%s is no kind", tt.kind)
			continue
		}
		h := sha256.New()
		for _, p := range k.parts {
			h.Write([]byte(strings.Join(p, "\n") + "\n\n"))
		}
		if digest := hex.EncodeToString(h.Sum(nil)[:8]); digest != tt.digest || k.Values() != tt.values {
			t.Errorf("%s has %d values and the digest %s, want %d and %s. If the library's lists have changed, raise masker's Writer", tt.kind, k.Values(), digest, tt.values, tt.digest)
		}
	}
	if len(tests) != len(kinds()) {
		t.Errorf("%d kinds are known, %d are tested", len(kinds()), len(tests))
	}
	if _, ok := Of("ssn"); ok {
		t.Error("there is a kind ssn")
	}
}

// TestValues: every number is another value, and every value is text of one line without digits but for house numbers.
func TestValues(t *testing.T) {
	t.Parallel()
	for name, k := range kinds() {
		step := k.Values()/100_000 + 1
		seen := map[string]bool{}
		for i := uint64(0); i < k.Values(); i += step {
			v := string(k.Append([]byte("x"), i)[1:])
			plain := v
			if name == "street" {
				plain = strings.TrimLeft(v, "0123456789")
			}
			switch {
			case seen[v]:
				t.Fatalf("%s: %q is there twice", name, v)
			case len(v) > k.Room() || !utf8.ValidString(v) || strings.TrimSpace(v) != v || v == "":
				t.Fatalf("%s: %q is no value", name, v)
			case strings.ContainsFunc(plain, func(r rune) bool { return unicode.IsDigit(r) || unicode.IsControl(r) }):
				t.Fatalf("%s: %q has a digit", name, v)
			}
			if first, _ := utf8.DecodeRuneInString(strings.TrimSpace(plain)); name != "company" && !unicode.IsUpper(first) {
				t.Fatalf("%s: %q does not begin with a capital, as validators want it", name, v)
			}
			seen[v] = true
		}
	}
	street, _ := Of("street")
	for i, want := range map[uint64]string{0: "1 ", 9998: "9999 ", 9999: "1 "} {
		if got := string(street.Append(nil, i)); !strings.HasPrefix(got, want) {
			t.Errorf("street %d is %q", i, got)
		}
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	library := []string{"b", "a1", "a", "b", "c"}
	if got := list(library); !slices.Equal(got, []string{"b", "a", "c"}) {
		t.Errorf("got %q", got)
	}
	if !slices.Equal(library, []string{"b", "a1", "a", "b", "c"}) {
		t.Errorf("the library's list is changed to %q", library)
	}
}
