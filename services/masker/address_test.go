package masker

import (
	"bytes"
	"testing"
)

func TestAddress(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"jane@example.com", "jane@example.com"},
		{"  jane@example.com ", "jane@example.com"},
		{"Jane Doe <jane@example.com>", "jane@example.com"},
		{`"Doe, Jane" < jane@example.com >`, "jane@example.com"},
		{"<jane@example.com>", "jane@example.com"},
		{"mailto:jane@example.com", "jane@example.com"},
		{"MailTo:jane@example.com?subject=hello", "jane@example.com"},
		{"Jane <mailto:jane@example.com>", "jane@example.com"},
		{"jane.o'hara+tag@sub.example.co.uk", "jane.o'hara+tag@sub.example.co.uk"},
		{"jürgen@bücher.example", "jürgen@bücher.example"},
		{"x@masked.invalid", "x@masked.invalid"},
		{"", ""}, {"@", ""}, {"jane", ""}, {"jane@", ""}, {"@example.com", ""}, {"jane@localhost", ""}, {"jane@10.0.0.1", ""},
		{"jane@example..com", ""}, {"jane@.com", ""}, {"jane@example.com.", ""}, {"jane@exam ple.com", ""}, {"jane@[10.0.0.1]", ""},
		{"jane doe@example.com", ""}, {"sip:jane@example.com", ""}, {"a@example.com,b@example.com", ""}, {"a@b@example.com", ""},
		{"jane@example.com>", ""}, {"Jane <jane>", ""}, {"mailto:", ""}, {"mail jane@example.com", ""}, {"jane@exa_mple.com", ""},
		{"jane\xff@example.com", ""}, {"jane@example.com\xff", ""},
	}
	for _, tt := range tests {
		got, ok := address([]byte(tt.in))
		if string(got) != tt.want || ok != (tt.want != "") {
			t.Errorf("%q: got %q %v, want %q", tt.in, got, ok, tt.want)
		}
	}
}

// FuzzAddress: an address is a part of the text it was found in, and is its own address.
func FuzzAddress(f *testing.F) {
	f.Add("Jane <mailto:jane@example.com?x>")
	f.Add("a@b.c")
	f.Fuzz(func(t *testing.T, s string) {
		a, ok := address([]byte(s))
		if !ok {
			return
		}
		if again, ok := address(a); !ok || !bytes.Equal(a, again) || !bytes.Contains([]byte(s), a) {
			t.Errorf("%q has the address %q, which has %q", s, a, again)
		}
	})
}
