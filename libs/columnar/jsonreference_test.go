package columnar

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
)

var (
	errUnclear = errors.New("encoding/json cannot tell")
	errRef     = errors.New("wrong shape, name, or depth")
)

// reference reads with encoding/json. order has the members of every declared
// object by path, in order of first appearance.
type reference struct{ order map[string][]string }

func referenceRows(data []byte, columns []Column) ([]string, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("not UTF-8")
	}
	var fields []arrow.Field
	for _, c := range columns {
		t := c.Type
		if t == nil {
			t = arrow.BinaryTypes.String
		}
		fields = append(fields, arrow.Field{Name: c.Name, Type: t})
	}
	row := arrow.StructOf(fields...)
	var objects []json.RawMessage
	if begin := bytes.TrimLeft(data, " \t\r\n"); len(begin) > 0 && begin[0] == '[' {
		if err := json.Unmarshal(data, &objects); err != nil {
			return nil, err
		}
	} else {
		for d := json.NewDecoder(bytes.NewReader(data)); ; {
			var raw json.RawMessage
			if err := d.Decode(&raw); err == io.EOF {
				break
			} else if err != nil {
				return nil, err
			}
			objects = append(objects, raw)
		}
	}
	r := &reference{map[string][]string{}}
	values := make([]any, len(objects))
	for i, raw := range objects {
		if raw = bytes.TrimSpace(raw); raw[0] != '{' {
			return nil, errRef
		}
		var err error
		if values[i], err = r.read(raw, row, "", 1); err != nil {
			return nil, err
		}
	}
	rows := make([]string, len(values))
	for i, v := range values {
		text := r.render(v, "")
		rows[i] = text[1 : len(text)-1]
	}
	return rows, nil
}

type (
	refObject  map[string]any
	refList    []any
	refEntries [][2]any
)

// read turns a value of type t into a string, one of the types above, or nil.
func (r *reference) read(raw json.RawMessage, t arrow.DataType, path string, depth int) (any, error) {
	raw = bytes.TrimSpace(raw)
	if (raw[0] == '{' || raw[0] == '[') && depth > maxDepth {
		return nil, errRef
	}
	if raw[0] == 'n' {
		return nil, nil
	}
	switch t := t.(type) {
	case *arrow.StructType:
		names, values, err := members(raw)
		if err != nil {
			return nil, err
		}
		object := refObject{}
		for i, name := range names {
			if name == "" {
				return nil, errRef
			}
			of := anyValue
			if f, ok := t.FieldByName(name); ok {
				of = f.Type
			}
			if !slices.Contains(r.order[path], name) {
				r.order[path] = append(r.order[path], name)
			}
			if object[name], err = r.read(values[i], of, path+"."+name, depth+1); err != nil {
				return nil, err
			}
		}
		return object, nil
	case *arrow.MapType:
		names, values, err := members(raw)
		if err != nil {
			return nil, err
		}
		entries := refEntries{}
		for i, name := range names {
			v, err := r.read(values[i], anyValue, path, depth+1)
			if err != nil {
				return nil, err
			}
			entries = append(entries, [2]any{name, v})
		}
		return entries, nil
	case *arrow.ListType:
		elements, err := elements(raw)
		if err != nil {
			return nil, err
		}
		list := refList{}
		for _, e := range elements {
			v, err := r.read(e, t.Elem(), path+"[]", depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	}
	if raw[0] == '"' {
		return clearText(raw)
	}
	if raw[0] != '{' && raw[0] != '[' {
		return string(raw), nil
	}
	if t.ID() == arrow.STRING {
		return nil, errRef
	}
	var text bytes.Buffer
	if err := json.Compact(&text, raw); err != nil {
		return nil, err
	}
	return text.String(), r.check(raw, depth)
}

// check looks for what we refuse inside of any value.
func (r *reference) check(raw json.RawMessage, depth int) error {
	raw = bytes.TrimSpace(raw)
	var values []json.RawMessage
	var err error
	switch raw[0] {
	case '{':
		_, values, err = members(raw)
	case '[':
		values, err = elements(raw)
	case '"':
		_, err = clearText(raw)
		return err
	default:
		return nil
	}
	if err == nil && depth > maxDepth {
		err = errRef
	}
	for _, v := range values {
		if err == nil {
			err = r.check(v, depth+1)
		}
	}
	return err
}

func elements(raw json.RawMessage) (list []json.RawMessage, err error) {
	if raw[0] != '[' {
		return nil, errRef
	}
	return list, json.Unmarshal(raw, &list)
}

// members splits an object, whose names must differ.
func members(raw json.RawMessage) (names []string, values []json.RawMessage, err error) {
	if raw[0] != '{' {
		return nil, nil, errRef
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		return nil, nil, err
	}
	for before := d.InputOffset(); d.More(); before = d.InputOffset() {
		token, err := d.Token()
		if err != nil {
			return nil, nil, err
		}
		quoted := raw[before:d.InputOffset()]
		if _, err := clearText(quoted[bytes.IndexByte(quoted, '"'):]); err != nil {
			return nil, nil, err
		}
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			return nil, nil, err
		}
		if slices.Contains(names, token.(string)) {
			return nil, nil, errRef
		}
		names, values = append(names, token.(string)), append(values, v)
	}
	return names, values, nil
}

// clearText is what a string says. encoding/json takes half a surrogate pair for
// U+FFFD.
func clearText(raw json.RawMessage) (string, error) {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return "", err
	}
	if strings.Contains(text, "\ufffd") {
		if bytes.Contains(raw, []byte("\ufffd")) || bytes.Contains(bytes.ToLower(raw), []byte(`\ufffd`)) {
			return "", errUnclear
		}
		return "", errRef
	}
	return text, nil
}

// render shows a value as the function of this name shows cells.
func (r *reference) render(v any, path string) string {
	var b strings.Builder
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return strconv.Quote(v)
	case refObject:
		b.WriteString("{")
		for _, name := range r.order[path] {
			if v[name] != nil {
				fmt.Fprintf(&b, "%q=%s ", name, r.render(v[name], path+"."+name))
			}
		}
		return b.String() + "}"
	case refEntries:
		b.WriteString("<")
		for _, e := range v {
			fmt.Fprintf(&b, "%s:%s ", strconv.Quote(e[0].(string)), r.render(e[1], path))
		}
		return b.String() + ">"
	case refList:
		b.WriteString("[")
		for _, e := range v {
			b.WriteString(r.render(e, path+"[]") + " ")
		}
		return b.String() + "]"
	}
	return "?"
}
