package masker

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/maskrail/maskrail/libs/sketch"
)

// entries is what is known of the entries of the dictionary of a column.
type entries struct {
	of    arrow.ArrayData // never read
	noted []bool
	sums  []uint64
	space []int32
	used  map[string][]bool // by tenant: the entries that were counted
}

func (e *entries) begin(of arrow.ArrayData, n int) {
	if e.of == of {
		return
	}
	*e = entries{of: of, noted: make([]bool, n), sums: make([]uint64, n), space: make([]int32, n), used: map[string][]bool{}}
}

// counted is a value that is counted.
type counted struct {
	sum    uint64      // by which it is counted
	hash   sketch.Hash // for the sketch; 0 for none, or one that is there already
	record int32
	space  int32
}

// begin makes the noter ready for a batch.
func (n *noter) begin(f *frame) {
	n.owners = n.owners[:0]
	for _, name := range f.tenants {
		n.owners = append(n.owners, n.hasher.Sum([]byte(name)))
	}
}

// put takes down the value in work, which stands in a slot.
func (n *noter) put(c cells, slot int) error {
	if n.value.space == absent && n.value.hash == absent {
		return nil
	}
	n.value.record = int32(c.level.recordOf(slot))
	n.value.tenant = c.frame.tenantOf[n.value.record]
	if n.noted = append(n.noted, n.value); len(n.noted) >= maxNoted {
		return n.resolve()
	}
	return nil
}

// hear begins to note the values of a column while they are masked; nil where nobody does.
func (n *noter) hear(c cells) *noter {
	if n == nil || n.tell == nil {
		return nil
	}
	n.forget()
	room := c.level.slots - c.array.NullN()
	if n.count != nil {
		room = maxNoted
	}
	n.notes, n.heard = slices.Grow(n.notes, room), true
	return n
}

// told notes the value in a slot, of which the masking has made the form.
func (n *noter) told(c cells, slot int, value []byte, f formed) error {
	n.note(n.tell, value, f)
	return n.put(c, slot)
}

// taken are the notes of the column in work. The caller has them until it gives them back to be written over, if it does.
func (n *noter) taken() ([]counted, error) {
	err := n.resolve()
	out := n.notes
	n.notes = nil
	return out, err
}

// forget gives up what waits: a column that was at fault is not noted.
func (n *noter) forget() {
	n.forms.Sums()
	n.noted, n.notes = n.noted[:0], n.notes[:0]
}

// cells notes the values of a field and returns those that are counted; of a dictionary each entry once for each tenant,
// where once is set. left says which records do not count.
func (n *noter) cells(w *noting, c cells, once bool, left []bool) ([]counted, error) {
	n.forget()
	if d, ok := c.array.(*array.Dictionary); ok && d.Dictionary().Len() > 0 {
		if err := n.dictionary(w, c, d, once, left); err != nil {
			return nil, err
		}
		return n.taken()
	}
	view := c.texts()
	for slot := range c.level.slots {
		value, ok, err := view.at(slot)
		if err != nil {
			return nil, err
		}
		if !ok || len(value) == 0 {
			continue
		}
		n.inForm(w, value)
		if err := n.put(c, slot); err != nil {
			return nil, err
		}
	}
	return n.taken()
}

// owned is a sum as it is counted: with its tenant, where tokens of two tenants differ and it is known.
func (n *noter) owned(at int32, sum uint64, tenant int32) uint64 {
	if tenant != absent && n.perTenant[at] {
		return sketch.Mix(sum, n.owners[tenant])
	}
	return sum
}

func (n *noter) dictionary(w *noting, c cells, d *array.Dictionary, once bool, left []bool) error {
	e := &n.entries
	e.begin(d.Data().Dictionary(), d.Dictionary().Len())
	if err := n.noteEntries(w, d); err != nil {
		return err
	}
	index := newIndices(d)
	var used [][]bool // by the batch's number of the tenant
	if once {
		for _, name := range c.frame.tenants {
			if e.used[name] == nil {
				e.used[name] = make([]bool, len(e.noted))
			}
			used = append(used, e.used[name])
		}
	}
	nulls := d.NullN() > 0
	for slot := range c.level.slots {
		if nulls && d.IsNull(slot) {
			continue
		}
		entry := index.at(slot)
		record := c.level.recordOf(slot)
		tenant := c.frame.tenantOf[record]
		if once && used[tenant][entry] || left != nil && left[record] {
			continue
		}
		if once {
			used[tenant][entry] = true
		}
		if at := e.space[entry]; at != absent {
			n.notes = append(n.notes, counted{n.owned(at, e.sums[entry], tenant), 0, int32(record), at})
		}
	}
	return nil
}

// noteEntries notes the entries of a dictionary that its column has and that were not noted before.
func (n *noter) noteEntries(w *noting, d *array.Dictionary) error {
	e, view, index := &n.entries, newTexts(d.Dictionary()), newIndices(d)
	nulls := d.NullN() > 0
	for slot := range d.Len() {
		if nulls && d.IsNull(slot) {
			continue
		}
		entry := index.at(slot)
		if e.noted[entry] {
			continue
		}
		e.noted[entry], e.space[entry] = true, absent
		value, ok, err := view.at(entry)
		if err != nil {
			return err
		}
		if ok && len(value) > 0 {
			n.inForm(w, value)
			n.value.record, n.value.tenant = int32(entry), absent
			n.noted = append(n.noted, n.value)
		}
	}
	if len(n.noted) == 0 {
		return nil
	}
	if err := n.resolve(); err != nil {
		return err
	}
	for _, o := range n.notes {
		e.sums[o.record], e.space[o.record] = o.sum, o.space
		n.add(o.hash)
	}
	n.notes = n.notes[:0]
	return n.settle()
}

// nameEntries are the names of the entries of two dictionaries, and which of their pairs were noted.
type nameEntries struct {
	first, last nameColumn
	tried       []uint64 // bitmap by first and last entry
}

// nameColumn is a column of names.
type nameColumn struct {
	of    arrow.ArrayData // the dictionary
	names []name          // by entry
}

// name is the sums of a name's words.
type name struct {
	known   bool
	letters int
	words   []uint64
}

// maxTried is the most pairs of entries that are remembered, a bit each.
const maxTried = 1 << 23

// fullNames notes the first and last names of the same objects together.
func (n *noter) fullNames(first, last cells) error {
	if first.array == nil || last.array == nil || first.level != last.level {
		return nil
	}
	a, b := n.nameView(&n.names.first, first), n.nameView(&n.names.last, last)
	fresh := a.fresh || b.fresh
	pairs := a.entries * b.entries
	memo := a.entries > 0 && b.entries > 0 && pairs <= maxTried
	if memo && (fresh || len(n.names.tried) != pairs/64+1) {
		n.names.tried = slices.Grow(n.names.tried[:0], pairs/64+1)[:pairs/64+1]
		clear(n.names.tried)
	}
	for slot := range first.level.slots {
		i, j := a.at(slot), b.at(slot)
		if i < 0 || j < 0 {
			continue
		}
		if memo {
			bit := i*b.entries + j
			if n.names.tried[bit/64]&(1<<(bit%64)) != 0 {
				continue
			}
			n.names.tried[bit/64] |= 1 << (bit % 64)
		}
		x, err := a.name(n, slot, i)
		if err != nil {
			return err
		}
		if len(x.words) == 0 {
			continue
		}
		y, err := b.name(n, slot, j)
		if err != nil {
			return err
		}
		if len(y.words) > 0 {
			n.full(append(slices.Clip(x.words), y.words...), x.letters+y.letters)
		}
		if len(n.waiting) >= maxNoted {
			if err := n.settle(); err != nil {
				return err
			}
		}
	}
	return n.settle()
}

// nameView reads a column of names.
type nameView struct {
	column  *nameColumn
	cells   cells
	texts   *texts
	index   indices // of a dictionary
	entries int     // of a dictionary, else 0
	nulls   bool    // there are some
	fresh   bool    // it is another dictionary than before
}

func (n *noter) nameView(column *nameColumn, c cells) nameView {
	v := nameView{column: column, cells: c, texts: c.texts(), nulls: c.array.NullN() > 0}
	if d, ok := c.array.(*array.Dictionary); ok && d.Dictionary().Len() > 0 {
		v.entries, v.index, v.texts = d.Dictionary().Len(), newIndices(d), newTexts(d.Dictionary())
		if of := d.Data().Dictionary(); column.of != of {
			*column = nameColumn{of: of, names: make([]name, v.entries)}
			v.fresh = true
		}
	}
	return v
}

// at is the entry of a slot, 0 where there are none, and -1 for null.
func (v *nameView) at(slot int) int {
	switch {
	case v.nulls && v.cells.array.IsNull(slot):
		return -1
	case v.entries > 0:
		return v.index.at(slot)
	}
	return 0
}

// name is the name in a slot.
func (v *nameView) name(n *noter, slot, entry int) (name, error) {
	if v.entries == 0 {
		return n.read(v.texts, slot)
	}
	at := &v.column.names[entry]
	if !at.known {
		x, err := n.read(v.texts, entry)
		if err != nil {
			return x, err
		}
		x.known = true
		*at = x
	}
	return *at, nil
}

func (n *noter) read(view *texts, i int) (name, error) {
	value, ok, err := view.at(i)
	if err != nil || !ok {
		return name{}, err
	}
	n.words, n.letters = n.words[:0], 0
	if !n.split(value) || sketch.Placeholder(n.plain) {
		return name{}, nil
	}
	return name{letters: n.letters, words: slices.Clone(n.words)}, nil
}
