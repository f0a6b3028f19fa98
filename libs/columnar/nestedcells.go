package columnar

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// structCells are the cells of an object with known members. Slots of the
// members are those of the object.
type structCells struct {
	typ    *arrow.StructType
	valid  validity
	fields []cells
	whole  bool // no slot is ever null: the entries of a map
}

// open makes slot valid.
func (c *structCells) open(slot int) {
	c.valid.skip(slot)
	c.valid.add()
}

func (c *structCells) finish(n int) arrow.ArrayData {
	children := make([]arrow.ArrayData, len(c.fields))
	for i, f := range c.fields {
		children[i] = f.finish(n)
	}
	if c.whole {
		return handOver(c.typ, n, 0, children, nil)
	}
	c.valid.skip(n)
	bits, nulls := c.valid.handOver()
	return handOver(c.typ, n, nulls, children, bits)
}

func (c *structCells) release() {
	c.valid.bits.release()
	for _, f := range c.fields {
		f.release()
	}
}

// listCells are the cells of a list, and of a map, which Arrow lays out as a
// list of entries. Elements have slots of their own, counted through the batch.
type listCells struct {
	typ      arrow.DataType
	valid    validity
	offsets  run
	elements int // so far in the batch: the next element's slot
	elem     cells
}

func newListCells(t arrow.DataType, elem cells, mem memory.Allocator) *listCells {
	return &listCells{typ: t, elem: elem, valid: validity{bits: run{mem: mem}}, offsets: run{mem: mem}}
}

// open begins the list at slot; the elements that follow are its.
func (c *listCells) open(slot int) {
	c.skip(slot)
	c.offsets.putOffset(c.elements)
	c.valid.add()
}

// next returns the slot of the next element.
func (c *listCells) next() (slot int, err error) {
	if c.elements == math.MaxInt32 {
		return 0, errBatchSize
	}
	c.elements++
	return c.elements - 1, nil
}

func (c *listCells) skip(slot int) {
	n := slot - c.valid.slots
	if n <= 0 {
		return
	}
	c.offsets.putOffsets(c.elements, n)
	c.valid.skip(slot)
}

func (c *listCells) finish(n int) arrow.ArrayData {
	c.skip(n)
	c.offsets.putOffset(c.elements)
	elements := []arrow.ArrayData{c.elem.finish(c.elements)}
	c.elements = 0
	bits, nulls := c.valid.handOver()
	return handOver(c.typ, n, nulls, elements, bits, c.offsets.handOver())
}

func (c *listCells) release() {
	c.valid.bits.release()
	c.offsets.release()
	c.elem.release()
}
