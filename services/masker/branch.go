package masker

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// branch is a place of the policy's tree as one source has it: a value, or an object whose members are branches.
type branch struct {
	name    string
	source  int            // the member of the source's object around it; -1 when the source has none
	lists   int            // lists around each value or object
	out     arrow.DataType // in the masked object, lists included; nil when nothing of it is there
	leaf    int            // of a value: its number in the binding; -1 for an object
	members []*branch      // of an object, in the order of the masked one
	same    bool           // masked is as in the source
}

// dictionaries reports that the column's text may be a dictionary, and the masked one too: its treatment works on it entry
// by entry, or looks at none.
func (c *branch) dictionaries(b *binding) bool {
	if c.leaf < 0 || c.lists > 0 {
		return false
	}
	switch o := b.leaves[c.leaf].operator.(type) {
	case keep, constant:
		return true
	case text:
		return o.perValue()
	case dated:
		return o.perValue()
	}
	return false
}

// open is a branch in one batch: its array taken apart down to the values.
type opened struct {
	*branch
	whole   arrow.Array // as the source has it; nil when it has none
	level   *level      // of the values or objects inside the lists
	lists   []*array.List
	object  *array.Struct
	members []*opened
}

// open takes the array of a branch apart and tells frame and binding where its values are.
func (b *branch) open(x *batch, whole arrow.Array, around *level) (*opened, error) {
	o := &opened{branch: b, whole: whole, level: around}
	inner := whole
	for range b.lists {
		if whole == nil {
			break
		}
		list, ok := inner.(*array.List)
		if !ok {
			return nil, fmt.Errorf("column %s is no list", b.name)
		}
		level, elements, err := o.level.elements(list, x.frame.records.slots)
		if err != nil {
			return nil, err
		}
		x.frame.made = append(x.frame.made, elements)
		o.lists = append(o.lists, list)
		inner, o.level = elements, level
	}
	if b.leaf >= 0 {
		x.put(b.leaf, cells{frame: x.frame, level: o.level, array: inner})
		return o, nil
	}
	if whole != nil {
		var ok bool
		if o.object, ok = inner.(*array.Struct); !ok {
			return nil, fmt.Errorf("column %s is no object", b.name)
		}
	}
	for _, m := range b.members {
		var member arrow.Array
		if o.object != nil && m.source >= 0 {
			member = o.object.Field(m.source)
		}
		child, err := m.open(x, member, o.level)
		if err != nil {
			return nil, err
		}
		o.members = append(o.members, child)
	}
	return o, nil
}

// build puts the masked array of the branch together, with the source's lists and objects. around is how many slots the
// array has. The caller releases it.
func (o *opened) build(x *batch, around int) (arrow.Array, error) {
	mem := x.frame.mem
	switch {
	case o.leaf >= 0 && x.value(o.leaf).array == nil, o.leaf < 0 && o.whole == nil:
		return array.MakeArrayOfNull(mem, o.out, around), nil
	case o.same:
		o.whole.Retain()
		return o.whole, nil
	}
	inner, err := o.inner(x)
	if err != nil {
		return nil, err
	}
	t := o.out
	types := make([]arrow.DataType, o.branch.lists)
	for i := range types {
		types[i] = t
		t = t.(*arrow.ListType).Elem()
	}
	for i := len(o.lists) - 1; i >= 0; i-- {
		list := relist(o.lists[i], types[i], inner, mem)
		inner.Release()
		inner = list
	}
	return inner, nil
}

// inner is the masked array of the values or objects inside the lists.
func (o *opened) inner(x *batch) (arrow.Array, error) {
	if o.leaf >= 0 {
		return x.mask(o.leaf)
	}
	t := o.out
	for range o.branch.lists {
		t = t.(*arrow.ListType).Elem()
	}
	var children []arrow.ArrayData
	defer func() {
		for _, c := range children {
			c.Release()
		}
	}()
	for _, m := range o.members {
		if m.out == nil {
			continue
		}
		child, err := m.build(x, o.level.slots)
		if err != nil {
			return nil, err
		}
		child.Data().Retain()
		children = append(children, child.Data())
		child.Release()
	}
	valid := validity(o.object, x.frame.mem)
	if valid != nil {
		defer valid.Release()
	}
	data := array.NewData(t, o.object.Len(), []*memory.Buffer{valid}, children, o.object.NullN(), 0)
	defer data.Release()
	return array.NewStructData(data), nil
}

// relist puts values into the lists of another array. The values are those between the first list's begin and the
// last one's end.
func relist(list *array.List, t arrow.DataType, values arrow.Array, mem memory.Allocator) arrow.Array {
	n := list.Len()
	offsets := memory.NewResizableBuffer(mem)
	defer offsets.Release()
	offsets.Resize(arrow.Int32Traits.BytesRequired(n + 1))
	to := arrow.Int32Traits.CastFromBytes(offsets.Bytes())
	to[0] = 0
	if n > 0 {
		start, _ := list.ValueOffsets(0)
		for i := range n {
			_, end := list.ValueOffsets(i)
			to[i+1] = int32(end - start)
		}
	}
	valid := validity(list, mem)
	if valid != nil {
		defer valid.Release()
	}
	data := array.NewData(t, n, []*memory.Buffer{valid, offsets}, []arrow.ArrayData{values.Data()}, list.NullN(), 0)
	defer data.Release()
	return array.NewListData(data)
}

// validity is the array's bitmap from its first value on, nil when none is null. The caller releases it.
func validity(a arrow.Array, mem memory.Allocator) *memory.Buffer {
	if a.NullN() == 0 {
		return nil
	}
	d := a.Data()
	if d.Offset() == 0 {
		d.Buffers()[0].Retain()
		return d.Buffers()[0]
	}
	bits := memory.NewResizableBuffer(mem)
	bits.Resize(int(bitutil.BytesForBits(int64(d.Len()))))
	memory.Set(bits.Bytes(), 0)
	bitutil.CopyBitmap(a.NullBitmapBytes(), d.Offset(), d.Len(), bits.Bytes(), 0)
	return bits
}
