package columnar

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"unicode/utf8"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// jsonObjects writes one object per line, members in the schema's order, nulls
// as null. Numbers and booleans are literals, lists are arrays, structs and maps
// objects, everything else is a string. Only what JSON requires is escaped.
type jsonObjects struct {
	columns []*jsonColumn
	names   nameSet
	text    []byte
}

// jsonColumn writes the values of one column, or of what is inside a nested one.
type jsonColumn struct {
	name     []byte // of a member: quoted, with the punctuation before and the colon
	nested   bool
	literal  bool
	floating bool
	inner    []*jsonColumn // members; the element of a list; key and item of a map

	// Of the batch:
	arr  arrow.Array
	text *array.String
	list array.ListLike
}

var (
	errNotANumber = errors.New("NaN and infinity have no JSON number: write CSV or Parquet")
	errNullKey    = errors.New("a key of a map is null, which JSON has no name for")
)

func (o *jsonObjects) header(s *arrow.Schema) (_ []byte, err error) {
	if o.columns, err = newJSONMembers(s.Fields()); err != nil {
		return nil, fmt.Errorf("columnar: %s: %w", opWriteJSONL, err)
	}
	return nil, nil
}

func newJSONMembers(fields []arrow.Field) ([]*jsonColumn, error) {
	members := make([]*jsonColumn, len(fields))
	seen := make(map[string]bool, len(fields))
	for i, f := range fields {
		c, err := newJSONColumn(f.Type)
		switch {
		case !utf8.ValidString(f.Name):
			err = errNotUTF8
		case seen[f.Name]:
			err = errTwice
		}
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", ShowName(f.Name, i), err)
		}
		seen[f.Name] = true
		c.name = []byte{','}
		if i == 0 {
			c.name[0] = '{'
		}
		c.name = append(appendQuoted(c.name, []byte(f.Name)), ':')
		members[i] = c
	}
	return members, nil
}

func newJSONColumn(t arrow.DataType) (c *jsonColumn, err error) {
	c = &jsonColumn{nested: true}
	switch t := t.(type) {
	case *arrow.StructType:
		c.inner, err = newJSONMembers(t.Fields())
		return c, err
	case *arrow.MapType:
		if !hasText(t.KeyType()) {
			return nil, fmt.Errorf("a map with keys of %s has no JSON form: write Parquet", t.KeyType().Name())
		}
		return c, c.addInner(t.KeyType(), t.ItemType())
	case arrow.ListLikeType:
		return c, c.addInner(t.Elem())
	case *arrow.DictionaryType:
		c, err := newJSONColumn(t.ValueType)
		if err == nil && c.nested {
			return nil, errNestedDictionary
		}
		return c, err
	case arrow.ExtensionType:
		return newJSONColumn(t.StorageType())
	}
	if !hasText(t) {
		return nil, fmt.Errorf("%s has no JSON form: write Parquet", t.Name())
	}
	c.nested, c.floating = false, arrow.IsFloating(t.ID())
	c.literal = c.floating || arrow.IsInteger(t.ID()) || arrow.IsDecimal(t.ID()) || t.ID() == arrow.BOOL
	return c, nil
}

func (c *jsonColumn) addInner(types ...arrow.DataType) error {
	for _, t := range types {
		in, err := newJSONColumn(t)
		if err != nil {
			return err
		}
		c.inner = append(c.inner, in)
	}
	return nil
}

func (o *jsonObjects) bind(batch arrow.RecordBatch) {
	for i, c := range o.columns {
		c.bind(batch.Column(i))
	}
}

func (c *jsonColumn) bind(arr arrow.Array) {
	if e, ok := arr.(array.ExtensionArray); ok && c.nested {
		arr = e.Storage()
	}
	c.arr = arr
	switch a := arr.(type) {
	case *array.Struct:
		for i, m := range c.inner {
			m.bind(a.Field(i))
		}
	case *array.Map:
		c.list = a
		c.inner[0].bind(a.Keys())
		c.inner[1].bind(a.Items())
	case array.ListLike:
		c.list = a
		c.inner[0].bind(a.ListValues())
	case *array.String:
		c.text = a
	}
}

func (o *jsonObjects) row(dst []byte, i int) (out []byte, column int, err error) {
	if len(o.columns) == 0 {
		dst = append(dst, '{')
	}
	for column, c := range o.columns {
		if dst, err = o.value(append(dst, c.name...), c, i); err != nil {
			return dst, column, err
		}
	}
	return append(dst, '}', '\n'), 0, nil
}

// value appends value i of c.
func (o *jsonObjects) value(dst []byte, c *jsonColumn, i int) ([]byte, error) {
	if c.arr.IsNull(i) {
		return append(dst, "null"...), nil
	}
	if c.text != nil {
		text := c.text.Value(i)
		return appendString(dst, unsafe.Slice(unsafe.StringData(text), len(text)))
	}
	switch {
	case c.list != nil && len(c.inner) == 2:
		return o.entries(dst, c, i)
	case c.list != nil:
		return o.elements(dst, c, i)
	case c.arr.DataType().ID() == arrow.STRUCT:
		return o.members(dst, c, i)
	}
	text, ok, err := AppendText(o.text[:0], c.arr, i)
	o.text = text
	switch {
	case err != nil:
		return dst, err
	case !ok: // of a dictionary
		return append(dst, "null"...), nil
	case c.floating && (text[len(text)-1] == 'N' || text[len(text)-1] == 'f'):
		return dst, errNotANumber
	case c.literal:
		return append(dst, text...), nil
	}
	return appendString(dst, text)
}

func (o *jsonObjects) members(dst []byte, c *jsonColumn, i int) (_ []byte, err error) {
	if len(c.inner) == 0 {
		dst = append(dst, '{')
	}
	for _, m := range c.inner {
		if dst, err = o.value(append(dst, m.name...), m, i); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

func (o *jsonObjects) elements(dst []byte, c *jsonColumn, i int) (_ []byte, err error) {
	dst = append(dst, '[')
	from, to := c.list.ValueOffsets(i)
	for e := from; e < to; e++ {
		if e > from {
			dst = append(dst, ',')
		}
		if dst, err = o.value(dst, c.inner[0], int(e)); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

// entries writes a map, whose keys must differ: a reader may take either value
// of two.
func (o *jsonObjects) entries(dst []byte, c *jsonColumn, i int) (_ []byte, err error) {
	dst = append(dst, '{')
	from, to := c.list.ValueOffsets(i)
	var key []byte
	names := o.names.begin()
	for e := from; e < to; e++ {
		if e > from {
			dst = append(dst, ',')
		}
		begin := len(key)
		var ok bool
		if key, ok, err = AppendText(key, c.inner[0].arr, int(e)); err == nil && !ok {
			err = errNullKey
		}
		if err == nil {
			err = o.names.add(key[begin:len(key):len(key)], names)
		}
		if err == nil {
			dst, err = appendString(dst, key[begin:])
		}
		if err == nil {
			dst, err = o.value(append(dst, ':'), c.inner[1], int(e))
		}
		if err != nil {
			return dst, err
		}
	}
	if o.names.end(names) {
		return dst, errKeyTwice
	}
	return append(dst, '}'), nil
}

func appendString(dst, text []byte) ([]byte, error) {
	if !utf8.Valid(text) {
		return dst, errNotUTF8
	}
	return appendQuoted(dst, text), nil
}

const hexDigits = "0123456789abcdef"

func appendQuoted(dst, text []byte) []byte {
	dst = append(dst, '"')
	for {
		n := plainPrefix(text)
		dst = append(dst, text[:n]...)
		if n == len(text) {
			return append(dst, '"')
		}
		switch c := text[n]; c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		text = text[n+1:]
	}
}

// plainPrefix returns how many bytes at the start of text need no escape.
func plainPrefix(text []byte) int {
	i := 0
	for ; i+8 <= len(text); i += 8 {
		if m := attention(binary.LittleEndian.Uint64(text[i:])); m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
	}
	for ; i < len(text); i++ {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' {
			break
		}
	}
	return i
}
