package columnar

import (
	"errors"
	"fmt"
)

// Field ids of parquet.thrift.
const (
	footerSchema    = 2 // of FileMetaData: list<SchemaElement>
	elementChildren = 5 // of SchemaElement: i32 num_children
)

// schemaDepth is the most groups that stand one in the other. A list takes two,
// a map two.
const schemaDepth = 100

var (
	errChildren = errors.New("the schema claims more children than elements: the footer is damaged")
	errOrphans  = errors.New("the schema has elements that belong to no group: the footer is damaged")
)

// checkSchema walks the schema of a footer, a tree laid out depth first, before
// the library builds it: that recurses as deep and allocates as much as the
// number of children of an element says.
func checkSchema(footer []byte, limits Limits) error {
	w := thriftWalk{b: footer}
	return w.fields(0, func(id int16, kind byte) (bool, error) {
		if id != footerSchema || kind != thriftList {
			return false, nil
		}
		return true, w.schema(limits)
	})
}

func (w *thriftWalk) schema(limits Limits) error {
	kind, n, err := w.listHead()
	if err != nil {
		return err
	}
	if kind != thriftStruct {
		return errThrift
	}
	var open []uint64 // children that are still to come, of the groups around
	leaves := 0
	for i := range n {
		children, err := w.children()
		if err != nil {
			return err
		}
		if children < 0 || uint64(children) > n-i-1 {
			return errChildren
		}
		if i > 0 {
			if len(open) == 0 {
				return errOrphans
			}
			open[len(open)-1]--
		}
		if children > 0 {
			open = append(open, uint64(children))
		} else if leaves++; leaves > limits.MaxColumns {
			return fmt.Errorf("more than %d columns", limits.MaxColumns)
		}
		if len(open) > schemaDepth {
			return fmt.Errorf("the schema is nested more than %d groups deep", schemaDepth)
		}
		for len(open) > 0 && open[len(open)-1] == 0 {
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return errChildren
	}
	return nil
}

// children reads an element and returns the number of its children.
func (w *thriftWalk) children() (n int32, err error) {
	err = w.fields(1, func(id int16, kind byte) (bool, error) {
		if id != elementChildren || kind != thriftI32 {
			return false, nil
		}
		v, err := w.varint()
		n = zigzag(v)
		return true, err
	})
	return n, err
}
