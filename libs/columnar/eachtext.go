package columnar

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// EachText calls look with the text of every value, however deep it lies.
func EachText(a arrow.Array, look func(string)) {
	switch a := a.(type) {
	case *array.Struct:
		for i := range a.NumField() {
			EachText(a.Field(i), look)
		}
		return
	case *array.Map:
		EachText(a.Keys(), look)
		EachText(a.Items(), look)
		return
	case array.ListLike:
		EachText(a.ListValues(), look)
		return
	}
	var buf []byte
	for row := range a.Len() {
		text, ok, err := AppendText(buf[:0], a, row)
		if ok && err == nil {
			look(string(text))
		}
		buf = text
	}
}
