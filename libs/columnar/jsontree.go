package columnar

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/extensions"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// maxDepth is how many arrays and objects may stand inside one another, the
// row's own object being the first.
const maxDepth = 64

// jsonKind is what a place takes; those up to jsonTyped take scalars.
type jsonKind uint8

const (
	jsonAny    jsonKind = iota // whatever it is, as text
	jsonText                   // a string, or the literal of a number or boolean
	jsonTyped                  // a scalar that is parsed
	jsonObject                 // an object with known members
	jsonList
	jsonMap // an object with arbitrary names
)

// jsonNode is a place where values stand: the row, a member of an object, or the
// elements of a list. The tree of them holds what is declared, what the file has
// of it, and what it has besides.
type jsonNode struct {
	kind     jsonKind
	declared bool
	depth    int // arrays and objects around the node's values
	parent   *jsonNode

	// Of a member:
	name   string
	at     int        // position among its object's members
	quoted spelling   // the name as most files write it: "name":
	after  successors // the members that came after this one
	seen   int64      // turn of the object that had it last

	// Of an object:
	types   map[string]arrow.DataType // declared members
	members []*jsonNode               // in order of first appearance
	index   map[string]*jsonNode
	first   successors // the members that came first
	turn    int64      // objects so far

	elem *jsonNode      // of a list
	typ  arrow.DataType // of values that are not nested; of a list, as declared

	// Where the values go:
	text  *textCells // also the items of a map
	keys  *textCells
	typed scalarCells
	row   *structCells
	list  *listCells
}

// newJSONTree returns the row's node.
func newJSONTree(columns []Column) *jsonNode {
	root := &jsonNode{kind: jsonObject, types: map[string]arrow.DataType{}, index: map[string]*jsonNode{}}
	for _, c := range columns {
		root.types[c.Name] = cmp.Or[arrow.DataType](c.Type, arrow.BinaryTypes.String)
	}
	return root
}

// declare makes n a place of values of type t.
func (n *jsonNode) declare(t arrow.DataType) {
	n.declared, n.typ = true, plainType(t)
	switch t := t.(type) {
	case *arrow.StructType:
		n.kind = jsonObject
		n.types = make(map[string]arrow.DataType, t.NumFields())
		n.index = make(map[string]*jsonNode, t.NumFields())
		for _, f := range t.Fields() {
			n.types[f.Name] = f.Type
		}
	case *arrow.ListType:
		n.kind = jsonList
		n.elem = &jsonNode{parent: n, depth: n.depth + 1}
		n.elem.declare(t.Elem())
	case *arrow.MapType:
		n.kind = jsonMap
	case *arrow.StringType:
		n.kind = jsonText
	case *extensions.JSONType:
		n.kind = jsonAny
	default:
		n.kind = jsonTyped
	}
}

// member adds a member, which must be new and valid UTF-8, to an object.
func (n *jsonNode) member(name string) *jsonNode {
	m := &jsonNode{parent: n, depth: n.depth + 1, name: name, at: len(n.members), typ: arrow.BinaryTypes.String}
	if t, ok := n.types[name]; ok {
		m.declare(t)
	}
	m.quoted = newSpelling(append(appendQuoted(nil, []byte(name)), ':'))
	n.members = append(n.members, m)
	n.index[name] = m
	return m
}

// successors are the last members that came after another, the last one first:
// members that are not in every object make more than one of them.
type successors [4]*jsonNode

// other returns the successor whose name stands at i if it is not the first of
// them, and nil if it is none.
func (s *successors) other(b []byte, i int) *jsonNode {
	for at := 1; at < len(s); at++ {
		if m := s[at]; m.named(b, i) {
			copy(s[1:], s[:at])
			s[0] = m
			return m
		}
	}
	return nil
}

// add puts a member that was no successor before the others.
func (s *successors) add(m *jsonNode) {
	copy(s[1:], s[:])
	s[0] = m
}

// named reports that the name of m stands at i, as most files write it; of no member it does not.
func (m *jsonNode) named(b []byte, i int) bool { return m != nil && m.quoted.at(b, i) }

// spelling is a text that is looked for at places of a buffer of jsonFrames. Few
// are longer than two words.
type spelling struct {
	head, mask [2]uint64
	size       int
	rest       string
}

func newSpelling(text []byte) spelling {
	var head, mask [16]byte
	s := spelling{size: len(text)}
	n := copy(head[:], text)
	for i := range n {
		mask[i] = 0xff
	}
	for i := range s.head {
		s.head[i] = binary.LittleEndian.Uint64(head[8*i:])
		s.mask[i] = binary.LittleEndian.Uint64(mask[8*i:])
	}
	s.rest = string(text[n:])
	return s
}

// at reports that the text stands at i of b.
func (s *spelling) at(b []byte, i int) bool {
	if w := b[i:]; binary.LittleEndian.Uint64(w)&s.mask[0] != s.head[0] || binary.LittleEndian.Uint64(w[8:])&s.mask[1] != s.head[1] {
		return false
	}
	return s.rest == "" || len(b)-i >= s.size && string(b[i+16:i+s.size]) == s.rest
}

// arrowType is the type of the node's column: as declared, without the members
// that the file does not have and with those that it has besides.
func (n *jsonNode) arrowType() arrow.DataType {
	switch n.kind {
	case jsonObject:
		fields := make([]arrow.Field, len(n.members))
		for i, m := range n.members {
			fields[i] = arrow.Field{Name: m.name, Type: m.arrowType(), Nullable: true}
		}
		return arrow.StructOf(fields...)
	case jsonList:
		f := n.typ.(*arrow.ListType).ElemField()
		return arrow.ListOfField(arrow.Field{Name: f.Name, Type: n.elem.arrowType(), Nullable: true})
	case jsonMap:
		return arrow.MapOf(arrow.BinaryTypes.String, arrow.BinaryTypes.String)
	}
	return n.typ
}

// collect makes the cells of the node and of all below.
func (n *jsonNode) collect(mem memory.Allocator) cells {
	switch n.kind {
	case jsonObject:
		n.row = &structCells{typ: n.arrowType().(*arrow.StructType), valid: validity{bits: run{mem: mem}}}
		for _, m := range n.members {
			n.row.fields = append(n.row.fields, m.collect(mem))
		}
		return n.row
	case jsonList:
		n.list = newListCells(n.arrowType(), n.elem.collect(mem), mem)
		return n.list
	case jsonMap:
		t := n.arrowType().(*arrow.MapType)
		n.keys, n.text = newTextCells(mem), newTextCells(mem)
		n.list = newListCells(t, &structCells{typ: t.Elem().(*arrow.StructType), fields: []cells{n.keys, n.text}, whole: true}, mem)
		return n.list
	case jsonTyped:
		n.typed = newScalarCells(n.typ, mem)
		return n.typed
	}
	n.text = newTextCells(mem)
	return n.text
}

// path is where the node stands, as a policy writes it; "" is the row. A name
// that is not declared may be data, and is shown as ShowName shows it.
func (n *jsonNode) path() string {
	switch {
	case n.parent == nil:
		return ""
	case n.parent.kind == jsonList:
		return n.parent.path() + "[]"
	}
	above := n.parent.path()
	switch {
	case !n.declared && above == "":
		return ShowName(n.name, n.at)
	case !n.declared:
		return above + ": member " + ShowName(n.name, n.at)
	case !isPlainName(n.name):
		return above + "[" + string(appendQuoted(nil, []byte(n.name))) + "]"
	case above == "":
		return n.name
	}
	return above + "." + n.name
}

// isPlainName says whether a policy writes a name without quotes:
// [A-Za-z_][A-Za-z0-9_-]*.
func isPlainName(name string) bool {
	for i, c := range []byte(name) {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_'
		if !letter && (i == 0 || c != '-' && (c < '0' || c > '9')) {
			return false
		}
	}
	return name != ""
}

// misshapen says what a value that begins with c is instead of what n takes, and
// what to do about it.
func (n *jsonNode) misshapen(c byte) error {
	path := n.path()
	switch {
	case c == '[':
		return misshapenf("is a list in the source: write the path as %s[]", path)
	case n.kind == jsonList && c == '{':
		return misshapenf("is an object in the source and no list: write the path as %s, without []", path)
	case n.kind == jsonList:
		return misshapenf("is a single value in the source and no list: write the path as %s, without []", path)
	case c == '{':
		return misshapenf("is an object in the source: write the paths of its members, %s.name, or treat it as a map", path)
	case n.kind == jsonMap:
		return misshapenf("is a single value in the source and no object: give the field type: string if the text holds JSON, or treat it as a value")
	}
	return misshapenf("is a single value in the source and no object: write the path as %s, without members", path)
}

func misshapenf(format string, args ...any) error {
	return &shapeError{fmt.Sprintf(format, args...)}
}

// checkJSON says why t cannot be the type of a declared column of JSON, which
// is declarable or nested; depth counts what is around it.
func checkJSON(t arrow.DataType, depth int) error {
	if depth >= maxDepth {
		return fmt.Errorf("nested deeper than %d levels", maxDepth)
	}
	switch t := t.(type) {
	case *arrow.StructType:
		seen := make(map[string]bool, t.NumFields())
		for i, f := range t.Fields() {
			if seen[f.Name] {
				return fmt.Errorf("member %s is declared twice", ShowName(f.Name, i))
			}
			seen[f.Name] = true
			if err := checkJSON(f.Type, depth+1); err != nil {
				return fmt.Errorf("member %s: %w", ShowName(f.Name, i), err)
			}
		}
		return nil
	case *arrow.ListType:
		return checkJSON(t.Elem(), depth+1)
	case *arrow.MapType:
		if t.KeyType().ID() == arrow.STRING && t.ItemType().ID() == arrow.STRING {
			return nil
		}
		return errors.New("a map must have string keys and string items")
	}
	if plain := plainType(t); plain.ID() != arrow.STRING && parserFor(plain) == nil {
		return fmt.Errorf("%s cannot be read from text: declare %s", t, strings.Join(declarable, ", "))
	}
	return nil
}

// declarable are the types that text can be read as.
var declarable = []string{"string", "int64", "decimal128", "float64", "bool", "date32", "timestamp[ms or us, UTC]", "arrow.json over string",
	"and for JSON struct, list, and map of string to string"}

// plainType is the type of the column that a declared type becomes: string for
// none and for any JSON.
func plainType(t arrow.DataType) arrow.DataType {
	if t == nil {
		return arrow.BinaryTypes.String
	}
	if j, ok := t.(*extensions.JSONType); ok && j.StorageType().ID() == arrow.STRING {
		return arrow.BinaryTypes.String
	}
	return t
}

// newName checks the name of a member that was not seen before.
func newName(name []byte) error {
	if len(name) == 0 {
		return errEmptyName
	}
	if !utf8.Valid(name) {
		return errNotUTF8
	}
	return nil
}
