package masker

import (
	"errors"
	"iter"
	"maps"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/policy"
)

// frame is one batch under work: the values by field of the policy, and the tenant of each record.
type frame struct {
	plan    *Plan
	columns []cells // by field; without an array when the source has no such column
	records *level
	mem     memory.Allocator
	made    []arrow.Array // on the way, to be released with the frame

	// Tenants are numbered within the batch, in order of appearance; records of one tenant mostly stand together.
	tenants  []string
	tenantOf []int32 // by record

	views []*texts // by reference, made on demand

	// rejected are the faults of records that are left out, by record; nil where a fault stops the object.
	rejected map[int]*fault
}

// cells are the values of one field in a batch: one array for all slots of a level.
type cells struct {
	frame *frame
	level *level
	array arrow.Array
}

// at is the place of a slot.
func (c cells) at(slot int) place { return place{c.frame, c.level, slot} }

// texts is a view of the cells of its own, because two readers of one row would share a buffer.
func (c cells) texts() *texts { return newTexts(c.array) }

// fail says what becomes of a value at fault: an error, or nil when its record is left out and null may stand in its
// place until then. An error that is no fault comes back as it is.
func (c cells) fail(slot int, err error) error {
	var bad *fault
	if !errors.As(err, &bad) {
		return err
	}
	bad.row = c.level.recordOf(slot)
	if c.frame.rejected == nil {
		return err
	}
	if _, known := c.frame.rejected[bad.row]; !known {
		c.frame.rejected[bad.row] = bad
	}
	return nil
}

// place is where a value stands.
type place struct {
	frame *frame
	level *level
	slot  int
}

// record is the place's record in the batch.
func (p place) record() int { return p.level.recordOf(p.slot) }

// tenant is the batch's number of the record's tenant.
func (p place) tenant() int32 { return p.frame.tenantOf[p.record()] }

func newFrame(p *Plan, records int, mem memory.Allocator) *frame {
	f := &frame{plan: p, columns: make([]cells, len(p.fields)), records: &level{slots: records}, mem: mem,
		views: make([]*texts, len(p.references))}
	if p.policy.RejectRow == policy.DropRow {
		f.rejected = map[int]*fault{}
	}
	for i := range f.columns {
		f.columns[i] = cells{frame: f, level: f.records}
	}
	return f
}

// fork is a frame of the same columns and owners. What is made on the way, and who is rejected, is its own.
func (f *frame) fork() *frame {
	out := *f
	out.columns = slices.Clone(f.columns)
	for i := range out.columns {
		out.columns[i].frame = &out
	}
	out.made, out.views = nil, make([]*texts, len(f.views))
	if f.rejected != nil {
		out.rejected = maps.Clone(f.rejected)
	}
	return &out
}

// release frees what was made on the way.
func (f *frame) release() {
	for _, a := range f.made {
		a.Release()
	}
	f.made = nil
}

// view is the shared view of what a reference leads to, nil when the source has no such column.
func (f *frame) view(ref reference) *texts {
	c := f.columns[ref.field]
	if c.array == nil {
		return nil
	}
	if f.views[ref.number] == nil {
		if ref.key != "" {
			c.array = valuesOf(c, ref.key)
			f.made = append(f.made, c.array)
		}
		f.views[ref.number] = c.texts()
	}
	return f.views[ref.number]
}

// all yields the values that a reference has in one record, without nulls. Each is valid until the next.
func (f *frame) all(ref reference, record int) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		view := f.view(ref)
		if view == nil {
			return
		}
		from, to := f.columns[ref.field].level.slotsOf(record)
		for slot := from; slot < to; slot++ {
			value, ok, err := view.at(slot)
			if (ok || err != nil) && !yield(value, err) {
				return
			}
		}
	}
}

// near is the value that a reference has at a place or in an object around it; false for null.
func (f *frame) near(ref reference, at place) ([]byte, bool, error) {
	view := f.view(ref)
	if view == nil {
		return nil, false, nil
	}
	level, slot := at.level, at.slot
	for level != f.columns[ref.field].level {
		if level.around == nil {
			return nil, false, errors.New("a reference does not lead to an object around its place")
		}
		slot = int(level.outer[slot])
		level = level.around
	}
	return view.at(slot)
}
