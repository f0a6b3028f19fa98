// Package membus is a bus in memory: every promise of package bus but the disk. It suits tests and short-lived
// commands, and runs inside a testing/synctest bubble.
package membus

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maskrail/maskrail/libs/bus"
)

// ErrClosed is the error of every call after Close.
var ErrClosed = errors.New("bus is closed")

// Bus is a connection to a bus in memory.
type Bus struct {
	*store
	closed atomic.Bool
}

var _ bus.Bus = (*Bus)(nil)

// store is what the connections of one bus share.
type store struct {
	mu      sync.Mutex
	streams map[string]*stream
	kvs     map[string]*kv
}

// New starts an empty bus with the streams and connects to it. The subjects of the streams must not overlap.
func New(streams []bus.Stream) *Bus {
	s := &store{streams: map[string]*stream{}, kvs: map[string]*kv{}}
	for _, c := range streams {
		s.streams[c.Name] = newStream(c)
	}
	return &Bus{store: s}
}

// Connect makes another connection to the same bus.
func (b *Bus) Connect() *Bus { return &Bus{store: b.store} }

// Close ends this connection; the messages stay.
func (b *Bus) Close() error {
	b.closed.Store(true)
	return nil
}

// Wipe loses all messages and values, as a server does whose store is lost and that is provisioned again.
func (b *Bus) Wipe() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.streams {
		s.stored, s.ids = nil, map[string]time.Time{}
		for _, d := range s.durables {
			d.open = map[uint64]*open{}
		}
	}
	for _, k := range b.kvs {
		clear(k.values)
	}
}

func (b *Bus) usable(ctx context.Context) error {
	if b.closed.Load() {
		return ErrClosed
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// Publish implements bus.Bus.
func (b *Bus) Publish(ctx context.Context, m bus.Message) error {
	if err := b.usable(ctx); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.put(m) {
		return fmt.Errorf("publish: %w", bus.ErrNoStream)
	}
	return nil
}

// put stores m in the stream of its subject, if there is one. b.mu is held.
func (s *store) put(m bus.Message) bool {
	for _, st := range s.streams {
		if bus.MatchAny(st.config.Subjects, m.Subject) {
			st.put(m)
			return true
		}
	}
	return false
}

func (s *store) stream(name string) (*stream, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.streams[name]
	if st == nil {
		return nil, fmt.Errorf("stream %s: %w", name, bus.ErrNoStream)
	}
	return st, nil
}

func clone(m bus.Message) bus.Message {
	m.Header = maps.Clone(m.Header)
	m.Data = slices.Clone(m.Data)
	return m
}

// Read implements bus.Bus.
func (b *Bus) Read(ctx context.Context, q bus.Query, fn func(bus.Message) error) error {
	if err := b.usable(ctx); err != nil {
		return err
	}
	st, err := b.stream(q.Stream)
	if err != nil {
		return err
	}
	b.mu.Lock()
	last, next := st.last(), uint64(1)
	b.mu.Unlock()
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		b.mu.Lock()
		m := st.from(next, q.Filters)
		changed := st.changed
		b.mu.Unlock()
		switch {
		case m == nil && !q.Follow, m != nil && !q.Follow && m.seq > last:
			return nil
		case m == nil:
			select {
			case <-changed:
			case <-ctx.Done():
			}
			continue
		case !q.Until.IsZero() && !m.msg.Time.Before(q.Until):
			return nil
		}
		next = m.seq + 1
		if m.msg.Time.Before(q.Since) {
			continue
		}
		if err := fn(clone(m.msg)); err != nil {
			return err
		}
	}
}

// stream keeps the messages of a stream in the order they came.
type stream struct {
	config   bus.Stream
	stored   []stored
	lastTime time.Time
	lastSeq  uint64
	ids      map[string]time.Time // when the id was stored
	pruned   time.Time            // when ids beyond the duplicate window were last forgotten
	durables map[string]*durable
	changed  chan struct{} // closed and replaced when something may be there to deliver
}

type stored struct {
	seq uint64
	msg bus.Message
}

func newStream(c bus.Stream) *stream {
	return &stream{config: c, ids: map[string]time.Time{}, durables: map[string]*durable{}, changed: make(chan struct{})}
}

func (s *stream) last() uint64 { return s.lastSeq }

func (s *stream) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *stream) put(m bus.Message) {
	now := time.Now()
	s.expire(now)
	if m.ID != "" {
		if at, there := s.ids[m.ID]; there && now.Sub(at) < s.config.Duplicates {
			return
		}
		s.ids[m.ID] = now
	}
	m = clone(m)
	m.Time = now
	if !m.Time.After(s.lastTime) { // times tell messages apart, as the clock of a server does
		m.Time = s.lastTime.Add(1)
	}
	s.lastTime = m.Time
	s.lastSeq++
	s.stored = append(s.stored, stored{seq: s.lastSeq, msg: m})
	s.wake()
}

// expire forgets ids after the duplicate window and messages after MaxAge.
func (s *stream) expire(now time.Time) {
	if now.Sub(s.pruned) >= s.config.Duplicates {
		s.pruned = now
		maps.DeleteFunc(s.ids, func(_ string, at time.Time) bool { return now.Sub(at) >= s.config.Duplicates })
	}
	if s.config.MaxAge <= 0 {
		return
	}
	old := 0
	for old < len(s.stored) && now.Sub(s.stored[old].msg.Time) >= s.config.MaxAge {
		old++
	}
	s.stored = slices.Delete(s.stored, 0, old)
}

// from returns the first message at or after seq that the filters cover.
func (s *stream) from(seq uint64, filters []string) *stored {
	s.expire(time.Now())
	i, _ := slices.BinarySearchFunc(s.stored, seq, func(m stored, seq uint64) int {
		switch {
		case m.seq < seq:
			return -1
		case m.seq > seq:
			return 1
		}
		return 0
	})
	for ; i < len(s.stored); i++ {
		if bus.MatchAny(filters, s.stored[i].msg.Subject) {
			m := s.stored[i]
			return &m
		}
	}
	return nil
}
