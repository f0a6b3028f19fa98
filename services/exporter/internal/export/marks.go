package export

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
)

// Marks say how far a source has come. They never go back.
type Marks struct {
	Source string `json:"source"`
	// Start is where exports began, Exported up to where they have gone: what lies between was exported or stands in the
	// journal of a run that is not over.
	Start    time.Time `json:"start"`
	Exported time.Time `json:"exported"`
	// Watermark: everything before it has ended as loaded, skipped or discarded in every environment.
	Watermark time.Time `json:"watermark"`
	// Tick is the scheduled time that was done last.
	Tick time.Time `json:"tick,omitzero"`
	// Resweeps are, by age, the days that are to be exported once more next.
	Resweeps map[string]time.Time `json:"resweeps,omitempty"`
}

// merge takes over what other has seen and m has not.
func (m *Marks) merge(other *Marks) {
	if m.Start.IsZero() {
		m.Start = other.Start
	}
	m.Exported = latest(m.Exported, other.Exported)
	m.Watermark = latest(m.Watermark, other.Watermark)
	m.Tick = latest(m.Tick, other.Tick)
	for age, day := range other.Resweeps {
		if m.Resweeps == nil {
			m.Resweeps = map[string]time.Time{}
		}
		m.Resweeps[age] = latest(m.Resweeps[age], day)
	}
}

func (m *Marks) clone() *Marks {
	c := *m
	c.Resweeps = maps.Clone(m.Resweeps)
	return &c
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// readMarks returns the marks of a source, those of the journals included: a process may have died between the two.
func (s shelf) readMarks(ctx context.Context, source string, journals []*Journal) (*Marks, error) {
	m := &Marks{}
	err := s.read(ctx, s.marks(source), m)
	if errors.Is(err, errDamaged) {
		return nil, fmt.Errorf("read marks of source %s: %w: restore them, or delete them and the source begins again at its lookback", source, err)
	}
	if err != nil && !errors.Is(err, blob.ErrNotFound) {
		return nil, fmt.Errorf("read marks of source %s: %w", source, err)
	}
	m.Source = source
	for _, j := range journals {
		m.Tick = latest(m.Tick, j.Tick)
		if j.Marks != nil {
			m.merge(j.Marks)
		}
	}
	return m, nil
}

func (s shelf) writeMarks(ctx context.Context, m *Marks) error {
	if err := s.write(ctx, s.marks(m.Source), m); err != nil {
		return fmt.Errorf("write marks of source %s: %w", m.Source, err)
	}
	return nil
}
