package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Describe writes a treatment as a policy does, in one line and without what is a default anyway, such as
// "token: {domain: phone, format: phone}". It reads back as the same treatment.
func Describe(t Treatment) string {
	switch t := t.(type) {
	case nil:
		return ""
	case Null:
		return `"null": true` // without quotes it reads the same here, and as no key at all elsewhere
	case Redact:
		return entry("redact", flow{}.text("with", t.With))
	case Mask:
		f := flow{}
		if t.Char != "*" {
			f = f.text("char", t.Char)
		}
		return entry("mask", f.number("first", int64(t.First)).number("last", int64(t.Last)))
	case Card:
		return entry("card", flow{}.text("keep", string(t.Keep)))
	case Token:
		return entry("token", t.flow())
	case FPE:
		return entry("fpe", flow{}.text("domain", t.Domain).text("alphabet", alphabetName(t.Alphabet)).scope(t.Scope))
	case Fake:
		f := flow{}.text("kind", string(t.Kind))
		if t.Domain != fakeDomain(t.Kind) {
			f = f.text("domain", t.Domain)
		}
		return entry("fake", f.scope(t.Scope))
	case Date:
		return entry("date", flow{}.text("truncate", string(t.Truncate)).number("earliest", int64(t.Earliest)))
	case Shift:
		return entry("date", flow{}.put("shift", flow{}.text("by", t.By.String()).put("max", fmt.Sprintf("%dd", t.Max)).String()))
	case Bucket:
		f := flow{}.number("width", t.Width)
		if t.Top != nil {
			f = f.put("top", strconv.FormatInt(*t.Top, 10))
		}
		return entry("bucket", f)
	case Scrub:
		return entry("scrub", t.flow())
	case Map:
		return entry("map", flow{}.texts("keep", t.Keep).fields(t.Fields, inMap).put("default", describeDefault(t.Default)))
	case JSON:
		f := flow{}.fields(t.Fields, inJSON).text("unknown", string(t.Unknown))
		if t.Invalid != QuarantineInvalid {
			f = f.text("invalid", string(t.Invalid))
		}
		return entry("json", f)
	}
	return t.Name() + ": true"
}

func (t Token) flow() flow {
	f := flow{}.text("domain", t.Domain)
	if t.Format != Text {
		f = f.text("format", string(t.Format))
	}
	if t.Prefix != "" {
		f = f.text("prefix", t.Prefix)
	}
	if t.Length != TokenLength {
		f = f.number("length", int64(t.Length))
	}
	return f.scope(t.Scope)
}

func (t Scrub) flow() flow {
	f := flow{}
	if !slices.Equal(t.Detect, Classes) {
		f = f.texts("detect", t.Detect)
	}
	var context []string
	for _, ref := range t.Context {
		context = append(context, ref.String())
	}
	return f.texts("context", context)
}

func describeDefault(t Treatment) string {
	for word, meant := range defaults() {
		if Describe(t) == Describe(meant) {
			return scalarText(word)
		}
	}
	return "{" + Describe(t) + "}"
}

func alphabetName(characters string) string {
	for name, known := range Alphabets {
		if known == characters {
			return name
		}
	}
	return characters
}

// describeField writes a field as a policy does, in one line, without its examples.
func describeField(f Field, at place) string {
	out := flow{}.text("path", f.Path)
	if f.Type != (Type{}) {
		out = out.text("type", f.Type.String())
	}
	out = out.texts("aliases", f.Aliases)
	if f.When != nil {
		out = out.put("when", describeWhen(f.When, at))
	}
	out = append(out, Describe(f.Treatment))
	if f.Expect != nil {
		out = out.put("expect", describeExpect(f.Expect))
	}
	return out.String()
}

func describeWhen(w *When, at place) string {
	path := w.String()
	if at == inMap {
		path = w.Key
	}
	return flow{}.text("path", path).texts("in", w.In).String()
}

func describeExpect(e *Expect) string {
	if e == nil {
		return ""
	}
	return flow{}.texts("classes", e.Classes).text("why", e.Why).String()
}

// flow is the entries of a YAML mapping in one line.
type flow []string

func (f flow) String() string { return "{" + strings.Join(f, ", ") + "}" }

func (f flow) put(key, value string) flow { return append(f, key+": "+value) }

func (f flow) text(key, value string) flow { return f.put(key, scalarText(value)) }

// number leaves zero out, which is every number's default.
func (f flow) number(key string, n int64) flow {
	if n == 0 {
		return f
	}
	return f.put(key, strconv.FormatInt(n, 10))
}

// texts leaves an empty list out.
func (f flow) texts(key string, values []string) flow {
	if len(values) == 0 {
		return f
	}
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = scalarText(v)
	}
	return f.put(key, "["+strings.Join(out, ", ")+"]")
}

func (f flow) scope(s Scope) flow {
	if s == TenantScope {
		return f
	}
	return f.text("scope", string(s))
}

func (f flow) fields(fields []Field, at place) flow {
	if len(fields) == 0 {
		return f
	}
	out := make([]string, len(fields))
	for i, field := range fields {
		out[i] = describeField(field, at)
	}
	return f.put("fields", "["+strings.Join(out, ", ")+"]")
}

func entry(name string, f flow) string {
	if len(f) == 0 {
		return name + ": true"
	}
	return name + ": " + f.String()
}

var (
	plainText = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)
	wordNames = regexp.MustCompile(`^(?i:null|true|false|yes|no|on|off|y|n)$`) // which YAML or a reader of it takes for something else
)

// scalarText writes a text as a YAML scalar, in quotes where it needs some. YAML knows all of Go's escapes.
func scalarText(s string) string {
	if plainText.MatchString(s) && !wordNames.MatchString(s) {
		return s
	}
	return strconv.Quote(s)
}
