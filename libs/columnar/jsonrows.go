package columnar

import (
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// jsonRows is the second pass: it puts the values of one object after the other
// where the tree of the first pass says.
type jsonRows struct {
	frames  *jsonFrames
	root    *jsonNode
	out     *assembler
	limits  Limits
	longest int // bytes of the largest object
	b       []byte
	said    []byte // what strings with escapes in this row say
	whole   wholeValue
	names   nameSet
}

var (
	errDuplicate = errors.New("the member is there twice in one object")
	errUnseen    = errors.New("a member that was not there when the file was read for names: the file has changed")
)

func newJSONRows(f *jsonFrames, root *jsonNode, o Options, longest int) *jsonRows {
	mem, _ := newBudgets(o.Allocator, o.Limits.MaxMemory)
	columns := make([]column, len(root.members))
	for i, m := range root.members {
		columns[i] = column{m.name, m.arrowType(), m.collect(mem)}
	}
	return &jsonRows{
		frames: f, root: root, out: newAssembler(opReadJSONL, columns, o), limits: o.Limits, longest: longest,
	}
}

// read reads one row.
func (p *jsonRows) read() (more bool, err error) {
	f := p.frames
	if err := f.next(); err == io.EOF {
		return false, nil
	} else if err != nil {
		return false, p.failed(p.root, err)
	}
	f.need(p.longest)
	p.b, p.said = f.text(), p.said[:0]
	end, err := p.object(p.root, p.out.rows, f.pos)
	if err != nil {
		return false, f.cause(err)
	}
	p.out.bytes += end - f.pos
	f.pos = end
	return true, nil
}

// failed is an error of the values at n.
func (p *jsonRows) failed(n *jsonNode, err error) *Error {
	return &Error{Op: opReadJSONL, Column: n.path(), Row: p.out.total + 1, Err: err}
}

// object puts the members of the object at i, which is the one at slot of n's
// cells, and returns where it ends.
func (p *jsonRows) object(n *jsonNode, slot, i int) (int, error) {
	b := p.b
	n.turn++
	if i = blanks(b, i+1); b[i] == '}' {
		return i + 1, nil
	}
	for next := &n.first; ; {
		m := next[0]
		var err error
		if m.named(b, i) {
			i += m.quoted.size
		} else if m, i, err = p.member(n, next, i); err != nil {
			return i, err
		}
		next, i = &m.after, blanks(b, i)
		if m.seen == n.turn {
			return i, p.failed(m, errDuplicate)
		}
		m.seen = n.turn
		end := 0
		if b[i] == '"' && m.kind <= jsonText { // most values by far
			end = m.text.scan(slot, b, i+1, p.limits.MaxCellBytes)
		}
		if end > 0 {
			i = end
		} else if i, err = p.value(m, slot, i); err != nil {
			return i, err
		}
		switch i = blanks(b, i); b[i] {
		case ',':
			i = blanks(b, i+1)
		case '}':
			return i + 1, nil
		default:
			return i, p.failed(n, wrong(b, i))
		}
	}
}

// member finds the member whose name begins at i, which is not the first of next,
// and where its value may begin.
func (p *jsonRows) member(n *jsonNode, next *successors, i int) (*jsonNode, int, error) {
	if m := next.other(p.b, i); m != nil {
		return m, i + m.quoted.size, nil
	}
	name, i, err := p.name(i)
	if err != nil {
		return nil, i, p.failed(n, err)
	}
	m := n.index[string(name)]
	switch {
	case len(name) == 0:
		return nil, i, p.failed(n, errEmptyName)
	case m == nil:
		return nil, i, p.failed(n, errUnseen)
	case p.b[i] != ':':
		return nil, i, p.failed(m, wrong(p.b, i))
	}
	next.add(m)
	return m, i + 1, nil
}

// name reads the name at i and returns where its colon should be.
func (p *jsonRows) name(i int) (name []byte, colon int, err error) {
	if p.b[i] != '"' {
		return nil, i, wrong(p.b, i)
	}
	name, i, err = p.text(i)
	if err != nil {
		return nil, i, err
	}
	return name, blanks(p.b, i), nil
}

// text returns what the string at i says, which holds until the next row.
func (p *jsonRows) text(i int) (text []byte, end int, err error) {
	from := i + 1
	end, ascii := plainText(p.b, from)
	text = p.b[from:end]
	if p.b[end] == '"' {
		end++
	} else {
		kept := len(p.said)
		if p.said, end, err = unescape(append(p.said, text...), p.b, end); err != nil {
			return nil, end, err
		}
		text, ascii = p.said[kept:len(p.said):len(p.said)], false
	}
	if !ascii && !utf8.Valid(text) {
		return nil, end, errNotUTF8
	}
	return text, end, p.sized(text)
}

func (p *jsonRows) sized(text []byte) error {
	if len(text) > p.limits.MaxCellBytes {
		return fmt.Errorf("a value is larger than %d bytes", p.limits.MaxCellBytes)
	}
	return nil
}

// value puts the value at i at slot of m's cells. Null is left out, which makes
// it null.
func (p *jsonRows) value(m *jsonNode, slot, i int) (int, error) {
	switch c := p.b[i]; {
	case c == '"' && m.kind <= jsonText:
		if end := m.text.scan(slot, p.b, i+1, p.limits.MaxCellBytes); end > 0 {
			return end, nil
		}
		fallthrough
	case c == '"' && m.kind == jsonTyped:
		text, i, err := p.text(i)
		return i, p.put(m, slot, text, err)
	case c == '{' && m.kind == jsonObject:
		m.row.open(slot)
		p.out.inner += len(m.members)
		return p.object(m, slot, i)
	case c == '[' && m.kind == jsonList:
		return p.list(m, slot, i)
	case c == '{' && m.kind == jsonMap:
		return p.entries(m, slot, i)
	case (c == '{' || c == '[') && m.kind == jsonAny:
		text, i, err := p.any(i, m.depth+1)
		return i, p.put(m, slot, text, err)
	case c == '{' || c == '[' || c == '"':
		return i, p.failed(m, m.misshapen(c))
	}
	text, i, err := literal(p.b, i)
	switch {
	case err != nil:
		return i, p.failed(m, err)
	case isNull(text):
		return i, nil
	case m.kind > jsonTyped:
		return i, p.failed(m, m.misshapen(text[0]))
	}
	return i, p.put(m, slot, text, p.sized(text))
}

// put puts a text that was read with err.
func (p *jsonRows) put(m *jsonNode, slot int, text []byte, err error) error {
	if err != nil {
		return p.failed(m, err)
	}
	if m.kind == jsonTyped {
		if err := m.typed.put(slot, text); err != nil {
			return p.out.forgive(p.failed(m, err))
		}
		return nil
	}
	if err := m.text.put(slot, text); err != nil {
		return p.failed(m, err)
	}
	return nil
}

func (p *jsonRows) list(n *jsonNode, slot, i int) (int, error) {
	b := p.b
	n.list.open(slot)
	if i = blanks(b, i+1); b[i] == ']' {
		return i + 1, nil
	}
	for {
		slot, err := n.list.next()
		if err != nil {
			return i, p.failed(n, err)
		}
		if i, err = p.value(n.elem, slot, i); err != nil {
			return i, err
		}
		switch i = blanks(b, i); b[i] {
		case ',':
			i = blanks(b, i+1)
		case ']':
			return i + 1, nil
		default:
			return i, p.failed(n, wrong(b, i))
		}
	}
}

// entries puts the members of an open object.
func (p *jsonRows) entries(n *jsonNode, slot, i int) (int, error) {
	n.list.open(slot)
	b, from := p.b, p.names.begin()
	if i = blanks(b, i+1); b[i] == '}' {
		return i + 1, nil
	}
	for {
		name, colon, err := p.name(i)
		if err != nil {
			return colon, p.failed(n, err)
		}
		if b[colon] != ':' {
			return colon, p.failed(n, wrong(b, colon))
		}
		slot, err := n.list.next()
		if err == nil {
			err = p.names.add(name, from)
		}
		if err == nil {
			err = n.keys.put(slot, name)
		}
		if err != nil {
			return i, p.failed(n, err)
		}
		if i, err = p.item(n, slot, blanks(b, colon+1)); err != nil {
			return i, err
		}
		switch i = blanks(b, i); b[i] {
		case ',':
			i = blanks(b, i+1)
		case '}':
			if p.names.end(from) {
				return i, p.failed(n, errDuplicate)
			}
			return i + 1, nil
		default:
			return i, p.failed(n, wrong(b, i))
		}
	}
}

// item puts the value at i into a map.
func (p *jsonRows) item(n *jsonNode, slot, i int) (end int, err error) {
	var text []byte
	switch p.b[i] {
	case '"':
		if end = n.text.scan(slot, p.b, i+1, p.limits.MaxCellBytes); end > 0 {
			return end, nil
		}
		text, end, err = p.text(i)
	case '{', '[':
		text, end, err = p.any(i, n.depth+2)
	default:
		text, end, err = literal(p.b, i)
		if err == nil && isNull(text) {
			return end, nil
		}
		if err == nil {
			err = p.sized(text)
		}
	}
	return end, p.put(n, slot, text, err)
}

// explainRow is the error of the object at which the first pass stopped with
// err: what the second pass has to say of it.
func explainRow(f *jsonFrames, root *jsonNode, o Options, row int64, err error) error {
	own := &Error{Op: opReadJSONL, Row: row, Err: err}
	if f.pos == f.end || f.buf[f.pos] != '{' || f.err != nil && f.err != io.EOF {
		return own
	}
	p := newJSONRows(f, root, o, 0)
	defer p.out.release()
	p.out.total = row - 1
	if p.out.skip != nil {
		p.out.skip = func(*Error) {}
	}
	p.b = f.text()
	_, better := p.object(root, 0, f.pos)
	if better == nil || errors.Is(better, errUnseen) || errors.Is(better, errCut) && err != errCut {
		return own
	}
	return better
}
