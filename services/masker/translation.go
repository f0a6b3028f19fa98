package masker

import (
	"errors"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// maxTranslated bounds what a translation knows: entries by tenants, four bytes each.
const maxTranslated = 1 << 21

// translation is what became of the entries of a dictionary, by tenant. It can be kept from one batch of a column to the
// next, as long as one operator works on the column; it starts anew when the dictionary is another one. It is not safe
// for concurrent use.
type translation struct {
	arrays  bool
	of      arrow.ArrayData    // the dictionary; never read, and not kept from being released
	tenants map[string][]int32 // by entry: the number of its text, or untold
	batch   [][]int32          // the same by the batch's number of the tenant

	// The masked texts, in order of first use. Those that go into arrays have a number: equal ones are one there, so that
	// a treatment that makes one text of two values does not show which was which.
	number map[string]int32
	text   []byte
	ends   []int32 // of the texts, after a 0
	array  arrow.Array
}

// Numbers of texts count from 1.
const (
	nothing = -1 // null stands for the value
	untold  = 0
)

// newTranslation is a translation for dictionary arrays, or for texts.
func newTranslation(arrays bool) *translation { return &translation{arrays: arrays} }

// begin prepares for a batch of a dictionary column. It is false when there would be too much to know.
func (t *translation) begin(f *frame, d *array.Dictionary) bool {
	entries := d.Dictionary().Len()
	if len(f.tenants)*entries > maxTranslated {
		return false
	}
	if of := d.Data().Dictionary(); t.of != of {
		t.start(of)
	}
	if len(t.tenants)*entries > maxTranslated {
		clear(t.tenants)
	}
	t.batch = t.batch[:0]
	for _, name := range f.tenants {
		known := t.tenants[name]
		if known == nil {
			known = make([]int32, entries)
			t.tenants[name] = known
		}
		t.batch = append(t.batch, known)
	}
	return true
}

func (t *translation) start(of arrow.ArrayData) {
	*t = translation{arrays: t.arrays, of: of, tenants: map[string][]int32{}, number: map[string]int32{}, ends: []int32{0}}
}

// add is the number of a masked text.
func (t *translation) add(text []byte) (int32, error) {
	number := int32(len(t.ends))
	if t.arrays {
		if known := t.number[string(text)]; known > 0 {
			return known, nil
		}
		t.number[string(text)] = number
	}
	t.text = append(t.text, text...)
	if len(t.text) > math.MaxInt32 {
		return 0, errors.New("the masked texts of one dictionary have more than 2 GiB: write the source with smaller row groups")
	}
	t.ends = append(t.ends, int32(len(t.text)))
	return number, nil
}

// at is a masked text.
func (t *translation) at(number int32) []byte { return t.text[t.ends[number-1]:t.ends[number]] }

// dictionary is the array of all texts. Each begins with the texts of the one before, so that a number stays what it is;
// it is the same array when there were no new ones. What is in an array is not written any more, so that arrays share the
// memory, which is the heap's: nothing needs to be released.
func (t *translation) dictionary() arrow.Array {
	n := len(t.ends) - 1
	if t.array == nil || t.array.Len() < n {
		offsets, text := memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(t.ends)), memory.NewBufferBytes(t.text)
		data := array.NewData(arrow.BinaryTypes.String, n, []*memory.Buffer{nil, offsets, text}, nil, 0, 0)
		t.array = array.NewStringData(data)
	}
	return t.array
}

// translated is the type of a masked dictionary column.
var translated = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}

// numbered is the dictionary array of the texts whose numbers a function tells by slot.
func (t *translation) numbered(c cells, number func(slot int) (int32, error)) (arrow.Array, error) {
	buffer := memory.NewResizableBuffer(c.frame.mem)
	defer buffer.Release()
	buffer.Resize(arrow.Int32Traits.BytesRequired(c.level.slots))
	var emptied []int32
	for slot, to := 0, arrow.Int32Traits.CastFromBytes(buffer.Bytes()); slot < len(to); slot++ {
		n, err := number(slot)
		if err != nil {
			return nil, err
		}
		if n == nothing {
			if c.array.IsValid(slot) {
				emptied = append(emptied, int32(slot))
			}
			n = 1 // any that is one
		}
		to[slot] = n - 1
	}
	valid, nulls := c.validity(emptied)
	if valid != nil {
		defer valid.Release()
	}
	data := array.NewDataWithDictionary(translated, c.level.slots, []*memory.Buffer{valid, buffer}, nulls, 0, t.dictionary().Data().(*array.Data))
	defer data.Release()
	return array.NewDictionaryData(data), nil
}

// always is the dictionary array of cells of which every value becomes one text.
func (t *translation) always(c cells, text string) (arrow.Array, error) {
	if t.number == nil {
		t.start(nil)
	}
	n, err := t.add([]byte(text))
	if err != nil {
		return nil, err
	}
	return t.numbered(c, func(slot int) (int32, error) {
		if c.array.IsNull(slot) {
			return nothing, nil
		}
		return n, nil
	})
}
