package policy

import (
	"slices"
	"strings"
	"testing"
)

func TestParsePath(t *testing.T) {
	t.Parallel()
	tests := map[string]string{ // to the canonical form, "" for none
		"direction":                            "direction",
		"participants[].sessions[].ani":        "participants[].sessions[].ani",
		"cc[]":                                 "cc[]",
		"grid[][]":                             "grid[][]",
		"[].text":                              "[].text",
		"[][]":                                 "[][]",
		`attributes["Email Address"]`:          `attributes["Email Address"]`,
		`["a"]["b"].c`:                         "a.b.c",
		`["a.b"]`:                              `["a.b"]`,
		`["a\/b"]`:                             `["a/b"]`,
		`["<&>"]`:                              `["<&>"]`,
		`["\u003c\u0026"]`:                     `["<&"]`,
		`["\u0041\t\u0001"]`:                   `["A\t\u0001"]`,
		`["say \"hi\" \\ ]"]`:                  `["say \"hi\" \\ ]"]`,
		`["ñ"]`:                                `["ñ"]`,
		`["\ud83d\ude00"]`:                     `["😀"]`,
		"[\"\uFFFD\"]":                         "[\"\uFFFD\"]",
		"a-b_c":                                "a-b_c",
		`["-a"]`:                               `["-a"]`,
		strings.Repeat("a", 256):               strings.Repeat("a", 256),
		strings.Repeat("a.", 31) + "a":         strings.Repeat("a.", 31) + "a",
		"":                                     "",
		".a":                                   "",
		"a.":                                   "",
		"a..b":                                 "",
		"a[":                                   "",
		"a[0]":                                 "",
		"a[]b":                                 "",
		`a.["b"]`:                              "",
		`a["b"]c`:                              "",
		`a["b]`:                                "",
		`a["b"`:                                "",
		`[""]`:                                 "",
		`["\u0000"]`:                           "",
		`["\ud83d"]`:                           "",
		`["\ufffd"]`:                           "",
		`["\x41"]`:                             "",
		"[\"a\tb\"]":                           "",
		"[\"\xff\"]":                           "",
		"Email Address":                        "",
		"1a":                                   "",
		"-a":                                   "",
		"ñ":                                    "",
		strings.Repeat("a", 257):               "",
		`["` + strings.Repeat("ñ", 129) + `"]`: "",
		strings.Repeat("a.", 32) + "a":         "",
	}
	for text, want := range tests {
		p, err := ParsePath(text)
		if got := p.String(); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q %v, want %q", text, got, err, want)
		}
		if err != nil && len(text) > 8 && strings.Contains(err.Error(), text) {
			t.Errorf("the error of %q repeats it", text)
		}
	}
}

func TestPathParts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		path, around, last string
		lists              int
	}{
		{"a", "", "a", 0}, {"a[]", "", "a", 1}, {"a[].b", "a[]", "b", 1}, {"a[].b[][]", "a[]", "b", 3}, {"[]", "", "", 1}, {"[].x", "[]", "x", 1},
	}
	for _, tt := range tests {
		p, err := ParsePath(tt.path)
		if err != nil {
			t.Fatal(err)
		}
		if p.around().String() != tt.around || p.last() != tt.last || p.Lists() != tt.lists {
			t.Errorf("%s: got %q, %q, %d", tt.path, p.around(), p.last(), p.Lists())
		}
	}
}

// FuzzParsePath: the canonical form of what is read reads as the same steps, and is its own canonical form.
func FuzzParsePath(f *testing.F) {
	for _, s := range []string{"a.b[].c", `a["\u2028<\/"]`, `[]["x"]`, `["\ud800"]`, "a[]["} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePath(text)
		if err != nil {
			return
		}
		again, err := ParsePath(p.String())
		if err != nil || !slices.Equal(p, again) || again.String() != p.String() {
			t.Errorf("%q is read as %q, and that as %q (%v)", text, p, again, err)
		}
		if len(p) > maxSteps {
			t.Errorf("%d steps", len(p))
		}
	})
}
