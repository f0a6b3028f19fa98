package masker

// around is what a scrub looks for: the columns of its context, as a batch has them. They are the same for all texts of
// the batch.
type around struct {
	frame   *frame
	number  int // of the scrub in the plan
	columns []aroundColumn
}

type aroundColumn struct {
	*mention
	level *level
	view  *texts // nil when the source has no such column
}

// look gets ready what the scrub looks for in a batch.
func (a *around) look(o *scrub, f *frame) {
	if len(o.context) == 0 || a.frame == f && a.number == o.number {
		return
	}
	a.frame, a.number, a.columns = f, o.number, a.columns[:0]
	for i := range o.context {
		m := &o.context[i]
		a.columns = append(a.columns, aroundColumn{m, f.columns[m.of.field].level, f.view(m.of)})
	}
}

// slotsOf are the slots that a column's values of a record have.
func (c *aroundColumn) slotsOf(record int) (from, to int) {
	if c.level.first == nil {
		return record, record + 1
	}
	return int(c.level.first[record]), int(c.level.first[record+1])
}
