package policy

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// The encodings that csv knows, "" for UTF-8.
var encodings = []string{"utf-8", "utf-16", "utf-16le", "utf-16be", "windows-1252", "iso-8859-1"}

// NoQuote is CSV.Quote where quotes are ordinary characters.
const NoQuote rune = -1

// source reads the dialects of a policy's sources.
func (r *reader) source(p *Policy) setter {
	return func(v *yaml.Node) {
		r.object(v, "source", map[string]setter{
			"csv":      r.csv("source.csv", &p.CSV),
			"dialects": func(v *yaml.Node) { p.Dialects = r.dialects(v) },
		})
	}
}

// dialectName is a word as it stands in the configuration of a route.
var dialectName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)

// dialects reads the named dialects of CSV, in the order of their names.
func (r *reader) dialects(n *yaml.Node) []Dialect {
	if n = resolve(n); n.Kind != yaml.MappingNode {
		r.fail(n, "source.dialects must be a mapping of names and dialects")
		return nil
	}
	var out []Dialect
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := resolve(n.Content[i]), resolve(n.Content[i+1])
		d := Dialect{Name: name.Value, CSV: DefaultCSV()}
		switch {
		case name.Kind != yaml.ScalarNode || !dialectName.MatchString(d.Name):
			r.fail(name, "source.dialects: a name is of lower-case letters, digits, - and _, and begins with a letter")
		case slices.ContainsFunc(out, func(o Dialect) bool { return o.Name == d.Name }):
			r.fail(name, "source.dialects: %q stands there twice", d.Name)
		default:
			r.csv("source.dialects."+d.Name, &d.CSV)(value)
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(a, b Dialect) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func (r *reader) csv(what string, c *CSV) setter {
	return func(v *yaml.Node) {
		r.object(v, what, map[string]setter{
			"delimiter": r.mark(what+".delimiter", &c.Delimiter),
			"header":    r.boolean(what+".header", &c.Header),
			"quote": func(v *yaml.Node) {
				if s, _ := scalar(v); s == "none" {
					c.Quote = NoQuote
					return
				}
				r.mark(what+".quote", &c.Quote)(v)
			},
			"escape": r.mark(what+".escape", &c.Escape),
			"null": func(v *yaml.Node) {
				if v.Kind == yaml.SequenceNode {
					v = asTexts(v)
				}
				r.texts(what+".null", &c.Null)(v)
			},
			"encoding": func(v *yaml.Node) {
				choice(r, what+".encoding", &c.Encoding, encodings)(v)
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
			r.fail(v, "%s: delimiter and quote must differ", what)
		case c.Escape:
			r.fail(v, "%s: delimiter and escape must differ", what)
		}
		for _, text := range c.Null {
			if strings.ContainsAny(text, "\r\n\x00"+string(c.Delimiter)) || c.Quote != NoQuote && strings.ContainsRune(text, c.Quote) {
				r.fail(v, "%s.null: %q cannot be a cell without quotes", what, text)
			}
		}
	}
}

func (r *reader) mark(what string, dst *rune) setter {
	return func(v *yaml.Node) {
		var s string
		r.text(what, &s)(v)
		if len(s) != 1 || s[0] >= utf8.RuneSelf || strings.ContainsAny(s, "\x00\r\n") {
			r.fail(v, "%s must be one character of ASCII and no line break", what)
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
