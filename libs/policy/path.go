package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of a path.
const (
	maxName  = 256 // bytes of a member's name
	maxSteps = 32  // members and lists
)

// Step is one step of a path: to a member of an object, or to every element of a list.
type Step struct {
	Name string // of the member; empty for a list's elements
	List bool
}

// Path leads from a record, or from the top of a JSON text, to values:
//
//	direction                          a column
//	participants[].sessions[].ani      members of objects in lists
//	participants[].cc[]                the elements of a list
//	attributes["Email Address"]        a member whose name is not a plain word; JSON's escapes inside the quotes
//
// A plain word begins with a letter or underscore and has letters, digits, underscores and dashes, of ASCII. A path whose
// first step is a list occurs in JSON texts alone. A name has at most 256 bytes of UTF-8, none of them zero, and a path at
// most 32 steps.
type Path []Step

var (
	errPath     = errors.New(`want names with dots between them, [] after a list, and ["odd name"] for a name that is not a plain word`)
	errQuoted   = errors.New(`a name in [""] is written as JSON writes a text: with \" for a quote and \\ for a backslash`)
	errName     = errors.New("a name has 1 to 256 bytes of UTF-8, none of them zero")
	errTooDeep  = errors.New("a path has at most 32 steps")
	errNotAPath = errors.New("a path is text in UTF-8")
)

// ParsePath reads a path. Its error does not repeat the text.
func ParsePath(text string) (Path, error) {
	if !utf8.ValidString(text) {
		return nil, errNotAPath
	}
	var p Path
	for rest := text; rest != ""; {
		step, n, err := nextStep(rest, len(p) == 0)
		if err != nil {
			return nil, err
		}
		if len(p) == maxSteps {
			return nil, errTooDeep
		}
		p = append(p, step)
		rest = rest[n:]
	}
	if len(p) == 0 {
		return nil, errPath
	}
	return p, nil
}

// nextStep reads the step that text, which is not empty, begins with, and how many bytes it has.
func nextStep(text string, first bool) (Step, int, error) {
	switch {
	case strings.HasPrefix(text, "[]"):
		return Step{List: true}, 2, nil
	case strings.HasPrefix(text, `["`):
		end := quoteEnd(text[1:])
		if end < 0 || !strings.HasPrefix(text[1+end:], "]") {
			return Step{}, 0, errQuoted
		}
		name, err := unquote(text[1 : 1+end])
		return Step{Name: name}, 1 + end + 1, err
	}
	from := 0
	if !first {
		if text[0] != '.' {
			return Step{}, 0, errPath
		}
		from = 1
	}
	to := from
	for to < len(text) && wordByte(text[to], to == from) {
		to++
	}
	if from == to {
		return Step{}, 0, errPath
	}
	name := text[from:to]
	return Step{Name: name}, to, checkName(name)
}

// quoteEnd is where the text in double quotes that s begins with ends, behind the closing quote, or -1.
func quoteEnd(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// String writes the path in its one canonical notation.
func (p Path) String() string {
	var b strings.Builder
	for i, s := range p {
		switch {
		case s.List:
			b.WriteString("[]")
		case word(s.Name):
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(s.Name)
		default:
			b.WriteString("[" + quote(s.Name) + "]")
		}
	}
	return b.String()
}

// Lists is how many lists the path goes through.
func (p Path) Lists() int {
	n := 0
	for _, s := range p {
		if s.List {
			n++
		}
	}
	return n
}

func word(name string) bool {
	for i := range len(name) {
		if !wordByte(name[i], i == 0) {
			return false
		}
	}
	return name != ""
}

func wordByte(c byte, first bool) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_':
		return true
	}
	return !first && (c >= '0' && c <= '9' || c == '-')
}

// plain reports the path of one member of the record itself.
func (p Path) plain() bool { return len(p) == 1 && !p[0].List }

// key is the last step's name and the path to it; false for a path that ends in a list or has one step.
func (p Path) key() (of Path, name string, ok bool) {
	last := len(p) - 1
	if last < 1 || p[last].List {
		return nil, "", false
	}
	return p[:last], p[last].Name, true
}

// last is the name of the last member, "" for a path of lists alone.
func (p Path) last() string {
	for i := len(p) - 1; i >= 0; i-- {
		if !p[i].List {
			return p[i].Name
		}
	}
	return ""
}

// around is the path of the object that the path's last member is in: a.b[] for a.b[].c[], and empty at the end.
func (p Path) around() Path {
	for len(p) > 0 && p[len(p)-1].List {
		p = p[:len(p)-1]
	}
	return p[:max(0, len(p)-1)]
}

// join is p and then q, in an array of its own.
func (p Path) join(q ...Step) Path { return slices.Concat(p, q) }

func checkName(name string) error {
	if name == "" || len(name) > maxName || !utf8.ValidString(name) || strings.IndexByte(name, 0) >= 0 {
		return errName
	}
	return nil
}

// quote writes a name as JSON does, without escapes that only HTML needs.
func quote(name string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(name); err != nil { // a text always has a JSON form
		return strconv.Quote(name)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func unquote(quoted string) (string, error) {
	var name string
	if err := json.Unmarshal([]byte(quoted), &name); err != nil {
		return "", errQuoted
	}
	// Half of a surrogate pair has become U+FFFD: another name than what is written.
	if strings.Count(name, "\uFFFD") != strings.Count(quoted, "\uFFFD") {
		return "", errQuoted
	}
	return name, checkName(name)
}
