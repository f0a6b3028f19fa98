package masker

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/policy"
)

// choice treats a value by the first case whose condition another value of its object meets.
type choice struct{ cases []option }

// option is one case; the last has no condition.
type option struct {
	of reference
	in map[string]bool
	operator
}

func (p *Plan) newChoice(fields []policy.Field) (operator, error) {
	if len(fields) > 256 {
		return nil, fmt.Errorf("more than 256 conditions on one field")
	}
	o := choice{}
	for _, f := range fields {
		op, err := p.compile(f)
		if err != nil {
			return nil, err
		}
		c := option{operator: op}
		if f.When != nil {
			if c.of, err = p.reference(f.When.Reference); err != nil {
				return nil, fmt.Errorf("when: %w", err)
			}
			c.in = map[string]bool{}
			for _, v := range f.When.In {
				c.in[v] = true
			}
		}
		o.cases = append(o.cases, c)
	}
	return o, nil
}

// output is the one type that all cases make; what is emptied has any type.
func (o choice) output(in arrow.DataType) (arrow.DataType, bool) {
	var out arrow.DataType
	for _, c := range o.cases {
		t, ok := c.output(in)
		if !ok {
			return nil, false
		}
		if _, empty := c.operator.(null); empty {
			continue
		}
		if out != nil && !arrow.TypeEqual(out, t) {
			return nil, false
		}
		out = t
	}
	if out == nil {
		return in, true
	}
	return out, true
}

func (o choice) mask(s *scratch, c cells) (arrow.Array, error) {
	which, used, err := o.choose(c)
	if err != nil {
		return nil, err
	}
	defer func(t *translation) { s.translation = t }(s.translation)
	s.translation = nil // it is for one operator, and the parts are merged as texts
	parts := make([]arrow.Array, len(o.cases))
	defer func() {
		for _, p := range parts {
			if p != nil {
				p.Release()
			}
		}
	}()
	out, _ := o.output(c.array.DataType())
	for i, one := range o.cases {
		if !used[i] {
			continue
		}
		if _, empty := one.operator.(null); empty {
			parts[i] = array.MakeArrayOfNull(c.frame.mem, out, c.level.slots)
			continue
		}
		only := c
		only.array = where(c, which, uint8(i))
		parts[i], err = one.mask(s, only)
		only.array.Release()
		if err != nil {
			return nil, err
		}
	}
	return merge(c.frame.mem, out, parts, which)
}

// choose says for each slot which case is its own, and which cases are any slot's.
func (o choice) choose(c cells) (which []uint8, used []bool, err error) {
	which, used = make([]uint8, c.level.slots), make([]bool, len(o.cases))
	otherwise := len(o.cases) - 1
	for slot := range which {
		own := otherwise
		for i, one := range o.cases[:otherwise] {
			value, ok, err := c.frame.near(one.of, c.at(slot))
			if err != nil {
				return nil, nil, err
			}
			if ok && one.in[string(value)] {
				own = i
				break
			}
		}
		which[slot], used[own] = uint8(own), true
	}
	return which, used, nil
}

// where is the cells' array with null in the slots of other cases.
func where(c cells, which []uint8, own uint8) arrow.Array {
	d := c.array.Data()
	bits := memory.NewResizableBuffer(c.frame.mem)
	defer bits.Release()
	bits.Resize(int(bitutil.BytesForBits(int64(d.Offset() + d.Len()))))
	memory.Set(bits.Bytes(), 0)
	nulls := 0
	for slot, at := range which {
		if at == own && c.array.IsValid(slot) {
			bitutil.SetBit(bits.Bytes(), d.Offset()+slot)
		} else {
			nulls++
		}
	}
	buffers := append([]*memory.Buffer{bits}, d.Buffers()[1:]...)
	data := array.NewData(d.DataType(), d.Len(), buffers, d.Children(), nulls, d.Offset())
	defer data.Release()
	if dict, ok := c.array.(*array.Dictionary); ok {
		data.SetDictionary(dict.Dictionary().Data())
	}
	return array.MakeFromData(data)
}

// merge takes each slot from the part of its case.
func merge(mem memory.Allocator, t arrow.DataType, parts []arrow.Array, which []uint8) (arrow.Array, error) {
	if len(which) == 0 {
		return array.MakeArrayOfNull(mem, t, 0), nil
	}
	if t.ID() == arrow.STRING {
		b := array.NewStringBuilder(mem)
		defer b.Release()
		b.Reserve(len(which))
		for slot, own := range which {
			if part := parts[own]; part.IsNull(slot) {
				b.AppendNull()
			} else {
				b.Append(part.(*array.String).Value(slot))
			}
		}
		return b.NewArray(), nil
	}
	var runs []arrow.Array
	defer func() {
		for _, r := range runs {
			r.Release()
		}
	}()
	for from := 0; from < len(which); {
		to := from + 1
		for to < len(which) && which[to] == which[from] {
			to++
		}
		runs = append(runs, array.NewSlice(parts[which[from]], int64(from), int64(to)))
		from = to
	}
	return array.Concatenate(runs, mem)
}
