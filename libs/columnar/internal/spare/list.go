// Package spare keeps what has served one part of a file for the next one. Unlike a sync.Pool it is not emptied whenever
// the garbage collector runs, which would be often: it goes with the file that it belongs to.
package spare

import "sync"

// List is things that nobody uses. There are never more than were in use at the same time. The zero value is empty and
// ready; it is safe for concurrent use.
type List[T any] struct {
	mu     sync.Mutex
	things []T
}

// Take takes the thing that was given last, false when there is none.
func (l *List[T]) Take() (thing T, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.things)
	if n == 0 {
		return thing, false
	}
	var none T
	thing, l.things[n-1] = l.things[n-1], none
	l.things = l.things[:n-1]
	return thing, true
}

// Give gives a thing that is not used any more.
func (l *List[T]) Give(thing T) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.things = append(l.things, thing)
}
