package duckdb

import (
	"errors"
	"strings"
)

// The bases of types with parts. Any other base is a type without parts, in DuckDB's words: VARCHAR, DECIMAL(9,2),
// ENUM('a', 'b'), VARCHAR[3].
const (
	structs = "a struct"
	lists   = "a list" // its one part is the element
	maps    = "a map"  // its parts are key and value
)

// shape is a type that DESCRIBE reports, taken apart as far as structs, lists and maps go.
type shape struct {
	base  string
	parts []part
}

// part is a member of a struct, or what a list or map holds, which has no name.
type part struct {
	name string
	shape
}

// String is the type as SQL and DESCRIBE write it, with every name in quotes.
func (s shape) String() string {
	switch s.base {
	case structs:
		members := make([]string, len(s.parts))
		for i, p := range s.parts {
			members[i] = identifier(p.name) + " " + p.String()
		}
		return "STRUCT(" + strings.Join(members, ", ") + ")"
	case lists:
		return s.parts[0].String() + "[]"
	case maps:
		return "MAP(" + s.parts[0].String() + ", " + s.parts[1].String() + ")"
	}
	return s.base
}

// members calls visit for every member of every struct in s.
func (s shape) members(visit func(name string)) {
	for _, p := range s.parts {
		if s.base == structs {
			visit(p.name)
		}
		p.members(visit)
	}
}

// errShape means a type that cannot be taken apart, such as a struct whose members have no names.
var errShape = errors.New("not a type with named parts")

// maxDepth bounds the parser's stack.
const maxDepth = 200

// shapeOf takes apart what DESCRIBE reports. What cannot be, such as a struct whose members have no names, is a type
// without parts.
func shapeOf(text string) shape {
	p := &shapeParser{rest: text}
	s, err := p.shape(0)
	if err != nil || p.rest != "" {
		return shape{base: text}
	}
	return s
}

type shapeParser struct{ rest string }

func (p *shapeParser) take(token string) bool {
	rest, ok := strings.CutPrefix(p.rest, token)
	p.rest = rest
	return ok
}

func (p *shapeParser) shape(depth int) (s shape, err error) {
	if depth > maxDepth {
		return s, errShape
	}
	start := p.rest
	switch {
	case p.take("STRUCT("):
		s.base = structs
		s.parts, err = p.list(depth, true)
	case p.take("MAP("):
		s.base = maps
		if s.parts, err = p.list(depth, false); err == nil && len(s.parts) != 2 {
			err = errShape
		}
	default:
		s.base, err = p.scalar()
	}
	for err == nil && p.take("[") {
		size, _, found := strings.Cut(p.rest, "]")
		if !found {
			return s, errShape
		}
		p.rest = p.rest[len(size)+1:]
		if size == "" {
			s = shape{lists, []part{{shape: s}}}
		} else { // of a fixed size: nothing that a Parquet file brings, so only ever equal or not
			s = shape{base: start[:len(start)-len(p.rest)]}
		}
	}
	return s, err
}

// list reads the parts up to and with the closing parenthesis.
func (p *shapeParser) list(depth int, named bool) (parts []part, err error) {
	for {
		var q part
		if named {
			if q.name, err = p.name(); err != nil {
				return nil, err
			}
		}
		if q.shape, err = p.shape(depth + 1); err != nil {
			return nil, err
		}
		parts = append(parts, q)
		if p.take(")") {
			return parts, nil
		}
		if !p.take(", ") {
			return nil, errShape
		}
	}
}

// name reads a member's name, which is in double quotes unless it is a plain word, and the blank after it.
func (p *shapeParser) name() (string, error) {
	if strings.HasPrefix(p.rest, `"`) {
		n := quoted(p.rest)
		name, rest := p.rest[:n], p.rest[n:]
		if n < 2 || !strings.HasPrefix(rest, " ") {
			return "", errShape
		}
		p.rest = rest[1:]
		return strings.ReplaceAll(name[1:n-1], `""`, `"`), nil
	}
	i := strings.IndexAny(p.rest, ` ,()"'[`)
	if i <= 0 || p.rest[i] != ' ' {
		return "", errShape
	}
	name := p.rest[:i]
	p.rest = p.rest[i+1:]
	return name, nil
}

// scalar reads up to what ends a part, over quotes and parentheses.
func (p *shapeParser) scalar() (string, error) {
	depth, i := 0, 0
	for ; i < len(p.rest); i++ {
		switch c := p.rest[i]; {
		case c == '"' || c == '\'':
			n := quoted(p.rest[i:])
			if n == 0 {
				return "", errShape
			}
			i += n - 1
			continue
		case c == '(':
			depth++
			continue
		case c == ')' && depth > 0:
			depth--
			continue
		case depth > 0 || c != ',' && c != ')' && c != '[' && c != ']':
			continue
		}
		break
	}
	text := p.rest[:i]
	if text == "" || depth > 0 {
		return "", errShape
	}
	p.rest = p.rest[i:]
	return text, nil
}

// quoted is the length of the quoted text that s begins with, 0 if its end is missing. Inside, a doubled quote is one.
func quoted(s string) int {
	for i := 1; i < len(s); i++ {
		if s[i] != s[0] {
			continue
		}
		if i+1 == len(s) || s[i+1] != s[0] {
			return i + 1
		}
		i++
	}
	return 0
}
