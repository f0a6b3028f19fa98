package columnar

import (
	"errors"
	"fmt"

	"github.com/maskrail/maskrail/libs/columnar/internal/thrift"
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
	r := thrift.NewReader(footer)
	return r.Fields(func(id int16, kind thrift.Kind) (bool, error) {
		if id != footerSchema || kind != thrift.List {
			return false, nil
		}
		return true, checkTree(r, limits)
	})
}

func checkTree(r *thrift.Reader, limits Limits) error {
	kind, n, err := r.ListHead()
	if err != nil {
		return err
	}
	if kind != thrift.Struct {
		return thrift.ErrDamaged
	}
	var open []uint64 // children that are still to come, of the groups around
	leaves := 0
	for i := range n {
		children, err := childrenOf(r)
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

// childrenOf reads an element and returns the number of its children.
func childrenOf(r *thrift.Reader) (n int32, err error) {
	err = r.Fields(func(id int16, kind thrift.Kind) (bool, error) {
		if id != elementChildren || kind != thrift.I32 {
			return false, nil
		}
		var err error
		n, err = r.I32()
		return true, err
	})
	return n, err
}
