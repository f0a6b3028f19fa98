package survey

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/maskrail/maskrail/libs/classify"
	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/policy"
)

// Bounds of what is looked into.
const (
	maxDepth   = 32      // objects and lists inside one another
	maxMembers = 96      // of an object in JSON; one with more has keys that are data
	maxPlaces  = 5_000   // in all
	maxText    = 1 << 20 // bytes of JSON that are taken apart for one record's column
)

// place is a value of a file, an object, or a list: what it is shows by its schema, or by the values of a JSON file.
type place struct {
	name    string
	typ     string // of values; "" while none is known
	isMap   bool
	members []*place
	at      map[string]*place
	elem    *place
	sample  classify.Sample

	values, objects, lists int64 // of each shape; a schema's counts once
}

func (p *place) member(name string) *place {
	if m := p.at[name]; m != nil {
		return m
	}
	if p.at == nil {
		p.at = map[string]*place{}
	}
	m := &place{name: name}
	p.at[name] = m
	p.members = append(p.members, m)
	return m
}

func (p *place) element() *place {
	if p.elem == nil {
		p.elem = &place{}
	}
	return p.elem
}

// declare takes a schema's type over.
func (p *place) declare(t arrow.DataType) {
	switch t := t.(type) {
	case *arrow.StructType:
		p.objects++
		for _, f := range t.Fields() {
			p.member(f.Name).declare(f.Type)
		}
	case *arrow.ListType:
		p.lists++
		p.element().declare(t.Elem())
	case *arrow.MapType:
		p.isMap, p.typ = true, "map"
	default:
		p.typ = typeName(t)
	}
}

// rows takes the values of a batch in. In JSON files texts that hold objects and lists are those themselves.
func (p *place) rows(in arrow.RecordBatch, open bool) error {
	for i, c := range in.Columns() {
		if err := p.members[i].take(c, 0, c.Len(), open); err != nil {
			return err
		}
	}
	return nil
}

func (p *place) take(a arrow.Array, from, to int, open bool) error {
	var text []byte
	for i := from; i < to; i++ {
		if a.IsNull(i) {
			p.sample.AddNull()
			continue
		}
		switch a := a.(type) {
		case *array.Struct:
			for n, m := range p.members {
				if err := m.take(a.Field(n), i, i+1, open); err != nil {
					return err
				}
			}
		case *array.Map:
			p.values++
			start, end := a.ValueOffsets(i)
			for j := int(start); j < int(end); j++ {
				for n, part := range []arrow.Array{a.Keys(), a.Items()} {
					if _, nested := part.DataType().(arrow.NestedType); nested {
						continue
					}
					text, _, err := columnar.AppendText(text[:0], part, j)
					if err != nil {
						return err
					}
					p.sample.Add(text)
					if n == 0 && len(p.members) < maxMembers {
						p.member(string(text))
					}
				}
			}
		case *array.List:
			start, end := a.ValueOffsets(i)
			if err := p.element().take(a.ListValues(), int(start), int(end), open); err != nil {
				return err
			}
		default:
			var err error
			if text, _, err = columnar.AppendText(text[:0], a, i); err != nil {
				return err
			}
			if !open || !p.open(text) {
				p.values++
				p.sample.Add(text)
			}
		}
	}
	return nil
}

// open takes a text that holds an object or list apart.
func (p *place) open(text []byte) bool {
	if len(text) < 2 || len(text) > maxText || text[0] != '{' && text[0] != '[' || !json.Valid(text) {
		return false
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	places := maxPlaces
	return p.json(d, 0, &places) == nil
}

// json takes the next value of d in.
func (p *place) json(d *json.Decoder, depth int, places *int) error {
	if *places--; depth > maxDepth || *places < 0 {
		return io.ErrShortBuffer
	}
	t, err := d.Token()
	if err != nil {
		return err
	}
	switch t := t.(type) {
	case nil:
		p.sample.AddNull()
	case json.Delim:
		if t == '{' {
			p.objects++
		} else {
			p.lists++
		}
		for d.More() {
			var inner *place
			if t == '{' {
				name, err := d.Token()
				if err != nil {
					return err
				}
				word, _ := name.(string)
				if !nameable(word) || len(p.members) >= maxMembers && p.at[word] == nil {
					p.isMap = true
					inner = &place{}
				} else {
					inner = p.member(word)
				}
			} else {
				inner = p.element()
			}
			if err := inner.json(d, depth+1, places); err != nil {
				return err
			}
		}
		_, err = d.Token()
		return err
	case string:
		p.values++
		p.sample.Add([]byte(t))
	case json.Number:
		p.values++
		p.sample.Add([]byte(t))
	case bool:
		p.values++
		p.sample.Add(map[bool][]byte{true: []byte("true"), false: []byte("false")}[t])
	}
	return nil
}

// nameable reports a name that a path can have.
func nameable(name string) bool {
	_, err := policy.ParsePath(policy.Path{{Name: name}}.String())
	return err == nil
}

// columns lists the values at and below a place; collapse makes an object one of open keys where those may be data.
func (p *place) columns(dst []Column, at policy.Path, collapse bool) []Column {
	shapes := 0
	for _, n := range []int64{p.values, p.objects, p.lists} {
		if n > 0 {
			shapes++
		}
	}
	leaf := func(typ string, whole bool) []Column {
		if len(at) == 0 {
			return dst
		}
		c := Column{Path: at, Type: typ, Whole: whole, Sample: &p.sample}
		if whole {
			for _, m := range p.members {
				if Plain(m.name) {
					c.Keys = append(c.Keys, m.name)
				}
			}
			p.gather(&p.sample)
		}
		return append(dst, c)
	}
	switch {
	case len(at) > 0 && (p.isMap || collapse && p.objects > 0 && shapes == 1 && !p.named()):
		return leaf("map", true)
	case shapes > 1:
		return leaf("mixed", true)
	case p.objects > 0 && len(p.members) == 0:
		return leaf("object", true)
	case p.objects > 0 || len(at) == 0:
		for _, m := range p.members {
			dst = m.columns(dst, append(at[:len(at):len(at)], policy.Step{Name: m.name}), collapse)
		}
		return dst
	case p.lists > 0:
		return p.element().columns(dst, append(at[:len(at):len(at)], policy.Step{List: true}), collapse)
	case p.typ == "":
		return leaf("string", false)
	}
	return leaf(p.typ, false)
}

// named reports that the members of a JSON object are named as programs name things, and so may show. Keys with blanks and
// other signs are people's: the object is an open one.
func (p *place) named() bool {
	for _, m := range p.members {
		if !Plain(m.name) {
			return false
		}
	}
	return true
}

// gather shows the sample what lies below.
func (p *place) gather(s *classify.Sample) {
	for _, m := range p.members {
		s.Add([]byte(m.name))
		m.gatherInto(s)
	}
	if p.elem != nil {
		p.elem.gatherInto(s)
	}
}

func (p *place) gatherInto(s *classify.Sample) {
	s.Append(&p.sample)
	p.gather(s)
}

// Plain reports a name that a program gave: a word of ASCII letters, digits, - and _, and nothing that looks like a value.
func Plain(name string) bool {
	if name == "" || len(name) > 64 || columnar.LooksLikeValue(name) {
		return false
	}
	for i := range len(name) {
		c := name[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == '$'
		if !letter && (i == 0 || c != '-' && (c < '0' || c > '9')) {
			return false
		}
	}
	return true
}
