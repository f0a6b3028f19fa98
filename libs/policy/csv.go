package policy

import (
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// The encodings that csv knows, "" for UTF-8.
var encodings = []string{"utf-8", "utf-16", "utf-16le", "utf-16be", "windows-1252", "iso-8859-1"}

// NoQuote is CSV.Quote where quotes are ordinary characters.
const NoQuote rune = -1

func (r *reader) csv(c *CSV) setter {
	return func(v *yaml.Node) {
		r.object(v, "source.csv", map[string]setter{
			"delimiter": r.mark("delimiter", &c.Delimiter),
			"header":    r.boolean("source.csv.header", &c.Header),
			"quote": func(v *yaml.Node) {
				if s, _ := scalar(v); s == "none" {
					c.Quote = NoQuote
					return
				}
				r.mark("quote", &c.Quote)(v)
			},
			"escape": r.mark("escape", &c.Escape),
			"null": func(v *yaml.Node) {
				if v.Kind == yaml.SequenceNode {
					v = asTexts(v)
				}
				r.texts("source.csv.null", &c.Null)(v)
			},
			"encoding": func(v *yaml.Node) {
				choice(r, "source.csv.encoding", &c.Encoding, encodings)(v)
				if c.Encoding == encodings[0] {
					c.Encoding = ""
				}
			},
		})
		if c.Escape == c.Quote {
			c.Escape = 0 // a doubled quote is understood always
		}
		switch c.Delimiter {
		case c.Quote:
			r.fail(v, "source.csv: delimiter and quote must differ")
		case c.Escape:
			r.fail(v, "source.csv: delimiter and escape must differ")
		}
		for _, text := range c.Null {
			if strings.ContainsAny(text, "\r\n\x00"+string(c.Delimiter)) || c.Quote != NoQuote && strings.ContainsRune(text, c.Quote) {
				r.fail(v, "source.csv.null: %q cannot be a cell without quotes", text)
			}
		}
	}
}

func (r *reader) mark(what string, dst *rune) setter {
	return func(v *yaml.Node) {
		var s string
		r.text("source.csv."+what, &s)(v)
		if len(s) != 1 || s[0] >= utf8.RuneSelf || strings.ContainsAny(s, "\x00\r\n") {
			r.fail(v, "source.csv.%s must be one character of ASCII and no line break", what)
			return
		}
		*dst = rune(s[0])
	}
}

// asTexts is the list with each null as the text that stands there: [NULL, ~] are two texts.
func asTexts(list *yaml.Node) *yaml.Node {
	out := *list
	out.Content = make([]*yaml.Node, len(list.Content))
	for i, n := range list.Content {
		text := *resolve(n)
		if text.Kind == yaml.ScalarNode && text.Tag == "!!null" {
			text.Tag = "!!str"
		}
		out.Content[i] = &text
	}
	return &out
}
