package masker

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/services/masker/internal/document"
)

// mapping treats open sets of keys and values: an Arrow map, a struct whose members are the keys, or a text that holds a
// JSON object. As an operator it makes a map of the first two; as a rewriter it makes JSON of JSON.
type mapping struct {
	named  map[string][]rule // by key; where none is met, the others' counts
	others rule
	keys   keyMask
}

// entry is a key of a map with its value.
type entry struct {
	key, value   []byte
	null, nested bool
	json         document.Value // where the map is a JSON object
}

func (p *Plan) newMapping(t policy.Map) (mapping, error) {
	o := mapping{named: map[string][]rule{}}
	for _, key := range t.Keep {
		o.named[key] = []rule{{rewriter: keep{}, clear: true}}
	}
	for _, f := range t.Fields {
		c, err := p.newRule(f)
		if err != nil {
			return mapping{}, err
		}
		if w := f.When; w != nil {
			c.when = &condition{in: w.In, path: [][]string{{w.Key}}}
		}
		o.named[f.Path] = append(o.named[f.Path], c)
	}
	var err error
	if o.others, err = p.newRule(policy.Field{Path: "map.default", Treatment: t.Default}); err != nil {
		return mapping{}, err
	}
	o.keys, err = p.newKeyMask()
	return o, err
}

var mapType = arrow.MapOf(arrow.BinaryTypes.String, arrow.BinaryTypes.String)

func (mapping) output(in arrow.DataType) (arrow.DataType, bool) {
	switch t := in.(type) {
	case *arrow.MapType:
		return mapType, !nested(t.KeyType()) && !nested(t.ItemType())
	case *arrow.StructType:
		return mapType, !slices.ContainsFunc(t.Fields(), func(f arrow.Field) bool { return nested(f.Type) })
	case *arrow.DictionaryType:
		in = t.ValueType
	case arrow.ExtensionType:
		in = t.StorageType()
	}
	id := in.ID()
	return arrow.BinaryTypes.String, arrow.IsBaseBinary(id) || id == arrow.STRING_VIEW || id == arrow.BINARY_VIEW
}

func (o mapping) mask(s *scratch, c cells) (arrow.Array, error) {
	read := entriesOf(c.array)
	if read == nil {
		return text{o}.mask(s, c)
	}
	b := array.NewMapBuilder(c.frame.mem, arrow.BinaryTypes.String, arrow.BinaryTypes.String, false)
	defer b.Release()
	b.Reserve(c.level.slots)
	defer s.layers.close(s.layers.used)
	l := s.layers.open()
	for slot := range c.level.slots {
		if c.array.IsNull(slot) {
			b.AppendNull()
			continue
		}
		l.entries, l.text = l.entries[:0], l.text[:0]
		if err := read(l, slot); err != nil {
			return nil, err
		}
		if l.repeats() {
			if err := c.fail(slot, faultf(ClassBadValue, "", slot, "the map has one key twice: correct it in the source")); err != nil {
				return nil, err
			}
			b.AppendNull()
			continue
		}
		b.Append(true)
		if err := o.appendEntries(s, c, slot, l, b); err != nil {
			return nil, err
		}
	}
	return b.NewArray(), nil
}

// appendEntries appends the masked entries of one map. Where one is at fault and its record left out, null stands for it.
func (o mapping) appendEntries(s *scratch, c cells, slot int, l *layer, b *array.MapBuilder) error {
	keys, items := b.KeyBuilder().(*array.StringBuilder), b.ItemBuilder().(*array.StringBuilder)
	for i := range l.entries {
		e := &l.entries[i]
		treatment, known := o.choose(l.entries, e.key)
		if treatment.rewriter == nil {
			continue
		}
		var err error
		if s.out, err = o.keys.append(s, c.at(slot), s.out[:0], e.key, known); err != nil {
			return err
		}
		keys.BinaryBuilder.Append(s.out)
		switch {
		case e.null:
			items.AppendNull()
			continue
		case treatment.clear:
			items.BinaryBuilder.Append(e.value)
			continue
		}
		s.out, err = treatment.text(s, c.at(slot), s.out[:0], e.value)
		if err == nil {
			items.BinaryBuilder.Append(s.out)
			continue
		}
		if err = c.orNull(slot, o.within(err, e.key, known)); err != nil {
			return err
		}
		items.AppendNull()
	}
	return nil
}

func (o mapping) within(err error, key []byte, known bool) error {
	if known {
		return within(err, fmt.Sprintf("the value of key %q", key))
	}
	return within(err, "the value of a key that has the default treatment")
}

// choose is the treatment of a key's value, and whether the policy names the key.
func (o mapping) choose(in []entry, key []byte) (c rule, known bool) {
	rules, known := o.named[string(key)]
	for _, c := range rules {
		if c.when == nil || holds(in, c.when) {
			return c, true
		}
	}
	return o.others, known
}

func holds(in []entry, c *condition) bool {
	for i := range in {
		if string(in[i].key) == c.path[0][0] {
			return !in[i].null && !in[i].nested && c.has(in[i].value)
		}
	}
	return false
}

// entriesOf is a reader of the entries of one map of a column, nil when the column is text. The entries are valid until
// the layer is used for another map.
func entriesOf(column arrow.Array) func(l *layer, slot int) error {
	switch a := column.(type) {
	case *array.Map:
		keys, items := newTexts(a.Keys()), newTexts(a.Items())
		return func(l *layer, slot int) error {
			from, to := a.ValueOffsets(slot)
			for i := int(from); i < int(to); i++ {
				key, _, err := l.cell(keys, i)
				if err != nil {
					return err
				}
				value, ok, err := l.cell(items, i)
				if err != nil {
					return err
				}
				l.entries = append(l.entries, entry{key: key, value: value, null: !ok})
			}
			return nil
		}
	case *array.Struct:
		members, names := make([]*texts, a.NumField()), make([][]byte, a.NumField())
		for i, f := range a.DataType().(*arrow.StructType).Fields() {
			members[i], names[i] = newTexts(a.Field(i)), []byte(f.Name)
		}
		return func(l *layer, slot int) error {
			for i, m := range members {
				value, ok, err := l.cell(m, slot)
				if err != nil {
					return err
				}
				l.entries = append(l.entries, entry{key: names[i], value: value, null: !ok})
			}
			return nil
		}
	}
	return nil
}

// members are the entries of a JSON object.
func (l *layer) members(object document.Value) {
	l.entries = l.entries[:0]
	for v := range object.Children() {
		l.entries = append(l.entries, entry{key: v.Name(), value: v.Text(), null: v.Kind() == document.Null, nested: v.Nested(), json: v})
	}
}

// cell is a text that stays valid as long as the map is in work.
func (l *layer) cell(view *texts, i int) ([]byte, bool, error) {
	value, ok, err := view.at(i)
	if view.offsets != nil || !ok || err != nil {
		return value, ok, err
	}
	from := len(l.text)
	l.text = append(l.text, value...)
	value = l.text[from:]
	if !utf8.Valid(value) {
		return nil, false, faultf(ClassBadValue, "", -1, "the map holds bytes that are no UTF-8 text: drop the field")
	}
	return value, true, nil
}

// repeats reports that a key is there twice.
func (l *layer) repeats() bool {
	if len(l.entries) <= 8 {
		for i := range l.entries {
			for j := range i {
				if bytes.Equal(l.entries[i].key, l.entries[j].key) {
					return true
				}
			}
		}
		return false
	}
	l.order = l.order[:0]
	for i := range l.entries {
		l.order = append(l.order, int32(i))
	}
	slices.SortFunc(l.order, func(a, b int32) int { return bytes.Compare(l.entries[a].key, l.entries[b].key) })
	for i := range l.order[1:] {
		if bytes.Equal(l.entries[l.order[i]].key, l.entries[l.order[i+1]].key) {
			return true
		}
	}
	return false
}

func (mapping) perValue() bool { return false }

func (mapping) room(_, size int) int { return size }

func (o mapping) rewrite(s *scratch, at place, dst, value []byte) ([]byte, error) {
	defer s.layers.close(s.layers.used)
	top, quotes, err := s.layers.read(value)
	if err == nil && top.Kind() == document.Array {
		err = errNoObject
	}
	if err != nil {
		return dst, faultf(ClassBadValue, "", -1, "the text holds no JSON object: %v: correct the source, or redact or drop the field", err)
	}
	from := len(dst)
	if dst, err = o.rewriteValue(s, at, dst, top); err != nil {
		return dst, err
	}
	for range quotes {
		dst = document.Quote(dst, from)
	}
	return dst, nil
}

var errNoObject = errors.New("it is an array")

func (o mapping) rewriteValue(s *scratch, at place, dst []byte, value document.Value) ([]byte, error) {
	switch value.Kind() {
	case document.Null:
		return append(dst, "null"...), nil
	case document.Object:
	default:
		return dst, faultf(ClassWrongType, "", -1, "an array stands where the policy treats a map")
	}
	defer s.layers.close(s.layers.used)
	l := s.layers.open()
	l.members(value)
	dst = append(dst, '{')
	begin := len(dst)
	for i := range l.entries {
		e := &l.entries[i]
		treatment, known := o.choose(l.entries, e.key)
		if treatment.rewriter == nil {
			continue
		}
		if len(dst) > begin {
			dst = append(dst, ',')
		}
		from := len(dst)
		var err error
		if dst, err = o.keys.append(s, at, dst, e.key, known); err != nil {
			return dst, err
		}
		dst = append(document.Quote(dst, from), ':')
		if dst, err = treatment.json(s, at, dst, e.json, true); err != nil {
			return dst, o.within(err, e.key, known)
		}
	}
	return append(dst, '}'), nil
}
