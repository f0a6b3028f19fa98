package columnar

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// jsonNames is the first pass over a file: it finds the members of the row and of
// every declared object, and how large objects are. What is between names it
// only steps over: the second pass looks at every byte.
type jsonNames struct {
	frames  *jsonFrames
	root    *jsonNode
	limits  Limits
	members int
	bytes   int // of all names
	longest int // bytes of the largest object
	b       []byte
}

var errShape = errors.New("a value has another shape than declared")

// row goes over the next object; io.EOF after the last. After an error frames
// still stand at the object.
func (p *jsonNames) row() error {
	f := p.frames
	if err := f.next(); err != nil {
		return err
	}
	for {
		p.b = f.text()
		end, err := p.object(p.root, f.pos)
		size := end - f.pos
		if err == errCut {
			size = f.end - f.pos
		}
		switch {
		case size > p.limits.MaxRowBytes:
			return tooLong(p.limits.MaxRowBytes)
		case err == errCut && f.more():
			continue // from the object's beginning
		case err != nil:
			return f.cause(err)
		}
		p.longest = max(p.longest, size)
		f.pos = end
		return nil
	}
}

// object goes over the object at i and returns where it ends.
func (p *jsonNames) object(n *jsonNode, i int) (int, error) {
	b := p.b
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
		n := -1
		if b[i] == '"' && m.kind <= jsonTyped { // most values by far
			n = bytes.IndexByte(b[i+1:], '"')
		}
		if n >= 0 && b[i+n] != '\\' {
			i += n + 2
		} else if i, err = p.value(m, i); err != nil {
			return i, err
		}
		switch i = blanks(b, i); b[i] {
		case ',':
			i = blanks(b, i+1)
		case '}':
			return i + 1, nil
		default:
			return i, wrong(b, i)
		}
	}
}

// member finds the member whose name begins at i, which is not the first of next,
// and where its value may begin.
func (p *jsonNames) member(n *jsonNode, next *successors, i int) (m *jsonNode, end int, err error) {
	b := p.b
	if m := next.other(b, i); m != nil {
		return m, i + m.quoted.size, nil
	}
	if b[i] != '"' {
		return nil, i, wrong(b, i)
	}
	from := i + 1
	if i = afterString(b, from); i == 0 {
		return nil, i, errCut
	}
	name := b[from : i-1]
	if bytes.IndexByte(name, '\\') >= 0 {
		if name, _, err = unescape(nil, b, from); err != nil {
			return nil, i, err
		}
	}
	if i = blanks(b, i); b[i] != ':' {
		return nil, i, wrong(b, i)
	}
	if m = n.index[string(name)]; m == nil {
		if m, err = p.add(n, name); err != nil {
			return nil, i, err
		}
	}
	next.add(m)
	return m, i + 1, nil
}

func (p *jsonNames) add(n *jsonNode, name []byte) (*jsonNode, error) {
	p.members++
	p.bytes += len(name)
	switch {
	case len(name) > p.limits.MaxCellBytes:
		return nil, fmt.Errorf("a member name is larger than %d bytes", p.limits.MaxCellBytes)
	case p.members > p.limits.MaxColumns:
		return nil, fmt.Errorf("more than %d different member names: declare an object with arbitrary names as a map", p.limits.MaxColumns)
	case p.bytes > p.limits.MaxRowBytes:
		return nil, fmt.Errorf("the member names are larger than %d bytes together", p.limits.MaxRowBytes)
	}
	if err := newName(name); err != nil {
		return nil, err
	}
	return n.member(string(name)), nil
}

// value goes over the value at i.
func (p *jsonNames) value(m *jsonNode, i int) (int, error) {
	switch c := p.b[i]; {
	case c == '"' && (m.kind == jsonText || m.kind == jsonAny || m.kind == jsonTyped):
		if i = afterString(p.b, i+1); i == 0 {
			return i, errCut
		}
		return i, nil
	case c == '{' && m.kind == jsonObject:
		return p.object(m, i)
	case c == '[' && m.kind == jsonList:
		return p.list(m, i)
	case c == '{' && m.kind == jsonMap, (c == '{' || c == '[') && m.kind == jsonAny:
		return p.whole(i)
	case c == '{' || c == '[' || c == '"':
		return i, errShape
	case c != 'n' && c != 0 && (m.kind == jsonObject || m.kind == jsonList || m.kind == jsonMap):
		return i, errShape
	}
	from := i
	for !endsLiteral[p.b[i]] {
		i++
	}
	if i == from {
		return i, wrong(p.b, i)
	}
	return i, nil
}

func (p *jsonNames) list(n *jsonNode, i int) (int, error) {
	b := p.b
	if i = blanks(b, i+1); b[i] == ']' {
		return i + 1, nil
	}
	for {
		var err error
		if i, err = p.value(n.elem, i); err != nil {
			return i, err
		}
		switch i = blanks(b, i); b[i] {
		case ',':
			i = blanks(b, i+1)
		case ']':
			return i + 1, nil
		default:
			return i, wrong(b, i)
		}
	}
}

// whole goes over the array or object at i, whatever is in it.
func (p *jsonNames) whole(i int) (int, error) {
	b := p.b
	for open := 0; ; i++ {
		for !structural[b[i]] {
			i++
		}
		switch b[i] {
		case '"':
			if i = afterString(b, i+1); i == 0 {
				return i, errCut
			}
			i--
		case '{', '[':
			open++
		case '}', ']':
			if open--; open == 0 {
				return i + 1, nil
			}
		default:
			return i, wrong(b, i)
		}
	}
}

var structural = [256]bool{0: true, '"': true, '{': true, '}': true, '[': true, ']': true}

// scanJSONNames goes over the whole file. An error that it finds is said by the
// second pass where that can: it knows better what is wrong, and where.
func scanJSONNames(t *trackedSource, root *jsonNode, o Options) (longest int, err error) {
	text, err := openStream(t, o.Codec, o.Limits)
	if err != nil {
		return 0, err
	}
	defer text.Close()
	p := &jsonNames{frames: newJSONFrames(text, jsonRoom(t, o.Codec)), root: root, limits: o.Limits}
	for row := int64(1); ; row++ {
		switch err := p.row(); {
		case err == io.EOF:
			return p.longest, nil
		case err != nil:
			return 0, explainRow(p.frames, root, o, row, err)
		}
	}
}
