package columnar

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
)

// jsonObjects writes one object per line, members in the schema's order, nulls
// as null. Numbers and booleans are literals, lists are arrays, structs and maps
// objects, everything else is a string. Only what JSON requires is escaped.
type jsonObjects struct {
	root  *jsonMembers
	names nameSet
	text  []byte
}

// jsonMembers are what an object has.
type jsonMembers struct {
	columns []*jsonColumn
	// nulls is the object with every member null, but for its last brace. What
	// stands in it around the members that are not null is copied in one piece.
	nulls []byte
}

// jsonForm is how the values of a column stand in JSON.
type jsonForm uint8

const (
	jsonString  jsonForm = iota // any text, escaped
	jsonWritten                 // what has its text in Arrow's memory, as a string
	jsonSafe                    // a text that never needs an escape, as a string
	jsonInstant                 // the same, of a timestamp
	jsonLiteral                 // a number or boolean
	jsonInteger                 // of 64 bits
	jsonFloat                   // a number, if it is one
	jsonIndex                   // of a dictionary: as its value
	jsonArray
	jsonStruct
	jsonEntries
)

// jsonColumn writes the values of one column, or of what is inside a nested one.
type jsonColumn struct {
	form    jsonForm
	name    int           // where nulls of its object have the member's name
	end     int           // where they have what comes after its null
	inner   []*jsonColumn // the element of a list; key and item of a map; the value of a dictionary
	members *jsonMembers  // of an object

	// Of the batch:
	arr      arrow.Array
	valid    []byte  // nil if there is no null
	first    int     // bit of value 0 in valid
	offsets  []int32 // of texts
	text     []byte
	plain    bool // text, of which nothing needs an escape
	integers []int64
	instants []arrow.Timestamp
	unit     arrow.TimeUnit
	list     array.ListLike
	index    *array.Dictionary

	today lastDay // of instants
}

var (
	errNotANumber = errors.New("NaN and infinity have no JSON number: write CSV or Parquet")
	errNullKey    = errors.New("a key of a map is null, which JSON has no name for")
)

func (o *jsonObjects) header(s *arrow.Schema) (_ []byte, err error) {
	if o.root, err = newJSONMembers(s.Fields()); err != nil {
		return nil, fmt.Errorf("columnar: %s: %w", opWriteJSONL, err)
	}
	return nil, nil
}

func newJSONMembers(fields []arrow.Field) (*jsonMembers, error) {
	m := &jsonMembers{nulls: []byte{'{'}}
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
		if i > 0 {
			m.nulls = append(m.nulls, ',')
		}
		m.nulls = append(appendQuoted(m.nulls, []byte(f.Name)), ':')
		c.name = len(m.nulls)
		m.nulls = append(m.nulls, jsonNull...)
		c.end = len(m.nulls)
		m.columns = append(m.columns, c)
	}
	m.nulls = slices.Grow(m.nulls, block)
	return m, nil
}

const jsonNull = "null"

func newJSONColumn(t arrow.DataType) (c *jsonColumn, err error) {
	switch t := t.(type) {
	case *arrow.StructType:
		c = &jsonColumn{form: jsonStruct}
		c.members, err = newJSONMembers(t.Fields())
		return c, err
	case *arrow.MapType:
		if !hasText(t.KeyType()) {
			return nil, fmt.Errorf("a map with keys of %s has no JSON form: write Parquet", t.KeyType().Name())
		}
		return newJSONInner(jsonEntries, t.KeyType(), t.ItemType())
	case arrow.ListLikeType:
		return newJSONInner(jsonArray, t.Elem())
	case *arrow.DictionaryType:
		c, err := newJSONInner(jsonIndex, t.ValueType)
		if err == nil && c.inner[0].form >= jsonArray {
			return nil, errNestedDictionary
		}
		return c, err
	case arrow.ExtensionType:
		return newJSONColumn(t.StorageType())
	}
	if !hasText(t) {
		return nil, fmt.Errorf("%s has no JSON form: write Parquet", t.Name())
	}
	return &jsonColumn{form: scalarForm(t.ID())}, nil
}

func scalarForm(t arrow.Type) jsonForm {
	switch {
	case arrow.IsFloating(t):
		return jsonFloat
	case t == arrow.INT64:
		return jsonInteger
	case arrow.IsInteger(t), arrow.IsDecimal(t), t == arrow.BOOL:
		return jsonLiteral
	}
	switch t {
	case arrow.STRING:
		return jsonWritten
	case arrow.TIMESTAMP:
		return jsonInstant
	case arrow.DATE32, arrow.DATE64, arrow.TIME32, arrow.TIME64:
		return jsonSafe
	}
	return jsonString
}

func newJSONInner(form jsonForm, types ...arrow.DataType) (*jsonColumn, error) {
	c := &jsonColumn{form: form}
	for _, t := range types {
		in, err := newJSONColumn(t)
		if err != nil {
			return nil, err
		}
		c.inner = append(c.inner, in)
	}
	return c, nil
}

func (o *jsonObjects) bind(batch arrow.RecordBatch) {
	for i, c := range o.root.columns {
		c.bind(batch.Column(i), 0, int(batch.NumRows()))
	}
}

// bind takes the array of which values from to to are written.
func (c *jsonColumn) bind(arr arrow.Array, from, to int) {
	if e, ok := arr.(array.ExtensionArray); ok && c.form != jsonString { // a UUID has a text of its own
		arr = e.Storage()
	}
	c.arr, c.valid, c.first = arr, nil, arr.Data().Offset()
	if arr.NullN() > 0 {
		c.valid = arr.NullBitmapBytes()
	}
	switch a := arr.(type) {
	case *array.Struct:
		for i, m := range c.members.columns {
			m.bind(a.Field(i), from, to)
		}
	case *array.Map:
		c.bindList(a, from, to, a.Keys(), a.Items())
	case array.ListLike:
		c.bindList(a, from, to, a.ListValues())
	case *array.Dictionary:
		c.index = a
		if d := a.Dictionary(); c.inner[0].arr == nil || c.inner[0].arr.Data() != d.Data() {
			c.inner[0].bind(d, 0, d.Len())
		}
	case *array.String:
		c.bindText(a, from, to)
	case *array.Int64:
		c.integers = a.Int64Values()
	case *array.Timestamp:
		c.instants, c.unit = a.TimestampValues(), a.DataType().(*arrow.TimestampType).Unit
	}
}

func (c *jsonColumn) bindList(list array.ListLike, from, to int, inner ...arrow.Array) {
	c.list = list
	begin, end := 0, inner[0].Len()
	switch list.(type) {
	case *array.List, *array.Map: // elements stand in the order of their lists
		if end = 0; from < to {
			first, _ := list.ValueOffsets(from)
			_, last := list.ValueOffsets(to - 1)
			begin, end = int(first), int(last)
		}
	}
	for i, arr := range inner {
		c.inner[i].bind(arr, begin, end)
	}
}

func (c *jsonColumn) bindText(a *array.String, from, to int) {
	c.offsets, c.text, c.plain = nil, nil, true
	if from == to {
		return
	}
	c.offsets = a.ValueOffsets()
	if text := a.Data().Buffers()[2]; text != nil {
		c.text = text.Bytes()
		c.plain = isPlain(c.text[c.offsets[from]:c.offsets[to]])
	}
}

func (c *jsonColumn) isNull(i int) bool {
	return len(c.valid) > 0 && bitutil.BitIsNotSet(c.valid, c.first+i)
}

func (o *jsonObjects) row(dst []byte, i int) (out []byte, column int, err error) {
	if dst, column, err = o.members(dst, o.root, i); err != nil {
		return dst, column, err
	}
	return append(dst, '\n'), 0, nil
}

// members appends object i; bad is the member of which err is.
func (o *jsonObjects) members(dst []byte, m *jsonMembers, i int) (_ []byte, bad int, err error) {
	from := 0
	for n, c := range m.columns {
		if c.isNull(i) {
			continue
		}
		lead := m.nulls[from:c.name]
		from = c.end
		if c.plain {
			dst = appendPlain(dst, lead, c.text[c.offsets[i]:c.offsets[i+1]])
			continue
		}
		dst = append(dst, lead...)
		if dst, err = o.value(dst, c, i); err != nil {
			return dst, n, err
		}
	}
	dst = append(dst, m.nulls[from:]...)
	return append(dst, '}'), 0, nil
}

// value appends value i of c, which is not null.
func (o *jsonObjects) value(dst []byte, c *jsonColumn, i int) (_ []byte, err error) {
	switch c.form {
	case jsonWritten:
		text := c.text[c.offsets[i]:c.offsets[i+1]]
		if c.plain {
			return appendPlain(dst, nil, text), nil
		}
		return appendString(dst, text)
	case jsonInteger:
		return strconv.AppendInt(dst, c.integers[i], 10), nil
	case jsonInstant:
		dst = c.today.appendInstant(append(dst, '"'), int64(c.instants[i]), c.unit)
		return append(dst, '"'), nil
	case jsonLiteral:
		dst, _, err = AppendText(dst, c.arr, i)
		return dst, err
	case jsonFloat:
		dst, _, err = AppendText(dst, c.arr, i)
		if last := dst[len(dst)-1]; last == 'N' || last == 'f' {
			return dst, errNotANumber
		}
		return dst, err
	case jsonSafe:
		dst, _, err = AppendText(append(dst, '"'), c.arr, i)
		return append(dst, '"'), err
	case jsonIndex:
		return o.valueOrNull(dst, c.inner[0], c.index.GetValueIndex(i))
	case jsonArray:
		return o.elements(dst, c, i)
	case jsonStruct:
		dst, _, err = o.members(dst, c.members, i)
		return dst, err
	case jsonEntries:
		return o.entries(dst, c, i)
	}
	if o.text, _, err = AppendText(o.text[:0], c.arr, i); err != nil {
		return dst, err
	}
	return appendString(dst, o.text)
}

func (o *jsonObjects) valueOrNull(dst []byte, c *jsonColumn, i int) ([]byte, error) {
	if c.isNull(i) {
		return append(dst, jsonNull...), nil
	}
	return o.value(dst, c, i)
}

func (o *jsonObjects) elements(dst []byte, c *jsonColumn, i int) (_ []byte, err error) {
	dst = append(dst, '[')
	from, to := c.list.ValueOffsets(i)
	for e := from; e < to; e++ {
		if e > from {
			dst = append(dst, ',')
		}
		if dst, err = o.valueOrNull(dst, c.inner[0], int(e)); err != nil {
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
			dst, err = o.valueOrNull(append(dst, ':'), c.inner[1], int(e))
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
