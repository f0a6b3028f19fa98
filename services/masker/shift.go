package masker

import (
	"fmt"

	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/services/masker/internal/calendar"
)

// shiftDomain is the domain of the key that all shifts are made with.
const shiftDomain = "date"

// What a shift is chosen for.
const (
	shiftSubject = 's' // followed by the subject's canonical form
	shiftRow     = 'r' // followed by the canonical parts of the row's key
)

// shift moves dates by whole days, -max to max and never 0, every shift as likely as any other. How many is fixed by
// key, scope and subject, and by nothing else: not by column, type, layout, file or entity. So the order of all dates of
// one subject, and the time between them, stay exactly. Whoever knows the true day of one date of a subject knows all
// its dates: a marker such as 9999-12-31 in a shifted column gives the shift away.
type shift struct {
	key  int // in Plan.keys
	max  uint64
	by   subject
	rows []subject // the row's key, for rows without a subject
}

// subject is where the value stands that is told from others by its canonical form.
type subject struct {
	reference
	form policy.Form
	auto bool // a number or a mail address has the form that it has in a column of its own
}

func (p *Plan) newShift(t policy.Shift) (dated, error) {
	if t.Max < 1 || t.Max > calendar.Last {
		return dated{}, fmt.Errorf("date.shift.max: %d days, want 1 to %d", t.Max, calendar.Last)
	}
	o := shift{max: uint64(t.Max)}
	var err error
	if o.by, err = p.subject(t.By); err != nil {
		return dated{}, fmt.Errorf("date.shift.by: %w", err)
	}
	for _, path := range p.policy.Key {
		part, err := p.subject(policy.Reference{Path: path})
		if err != nil {
			return dated{}, fmt.Errorf("date.shift: key: %w", err)
		}
		o.rows = append(o.rows, part)
	}
	scope := policy.EnvironmentScope
	if p.policy.Tenant != nil && p.policy.Tenant.Required {
		scope = policy.TenantScope
	}
	o.key = p.keyFor(purpose{domain: shiftDomain, scope: scope, use: useShift})
	return dated{o}, nil
}

func (p *Plan) subject(r policy.Reference) (subject, error) {
	ref, err := p.reference(r)
	if err != nil {
		return subject{}, err
	}
	t := p.telling(ref)
	token, _ := t.(policy.Token)
	return subject{ref, compared(t), token.Format == policy.Auto}, nil
}

// append appends the canonical form of the subject at a place; nothing for null and for what is only space.
func (o subject) append(s *scratch, at place, dst []byte) ([]byte, error) {
	value, ok, err := at.frame.near(o.reference, at)
	if err != nil || !ok {
		return dst, err
	}
	if o.auto {
		dst, _ = s.canonical.auto(dst, o.form, value)
		return dst, nil
	}
	return s.canonical.append(dst, o.form, value), nil
}

func (shift) perValue() bool { return false }

func (shift) midnight() bool { return false }

func (o shift) move(s *scratch, at place, day int64) (int64, error) {
	known := s.shifted(shiftedLevel{o.by.number, o.max, at.level})
	if known[at.slot] == 0 {
		days, err := o.days(s, at)
		if err != nil {
			return 0, err
		}
		known[at.slot] = int32(days)
	}
	if day += int64(known[at.slot]); day < calendar.First || day > calendar.Last {
		return 0, beyondDates()
	}
	return day, nil
}

// shiftedLevel is where shifts are the same for all columns: the values of one level by one subject.
type shiftedLevel struct {
	by    int // reference
	max   uint64
	level *level
}

// shifted are the shifts of the batch's slots, 0 where one is not known yet.
func (s *scratch) shifted(at shiftedLevel) []int32 {
	known := s.shifts[at]
	if known == nil {
		known = make([]int32, at.level.slots)
		s.shifts[at] = known
	}
	return known
}

// days is the shift of the subject at a place.
func (o shift) days(s *scratch, at place) (int64, error) {
	key, err := s.key(o.key, at)
	if err != nil {
		return 0, err
	}
	if s.form, err = o.by.append(s, at, append(s.form[:0], shiftSubject)); err != nil {
		return 0, err
	}
	if len(s.form) == 1 {
		if err := o.row(s, at); err != nil {
			return 0, err
		}
	}
	n, _ := key.choose(s.form, 2*o.max, 0)
	days := int64(n) - int64(o.max)
	if days >= 0 { // there is no 0
		days++
	}
	return days, nil
}

// row takes the row itself for the subject.
func (o shift) row(s *scratch, at place) (err error) {
	s.form = append(s.form[:0], shiftRow)
	found := false
	for _, part := range o.rows {
		if s.row, err = part.append(s, at, s.row[:0]); err != nil {
			return err
		}
		found = found || len(s.row) > 0
		s.form = appendPart(s.form, s.row)
	}
	if !found {
		return faultf(ClassBadValue, "", -1, "the row has neither a subject to shift its dates by nor a key: fill the column of date.shift.by, or name the policy's key")
	}
	return nil
}
