package stage

import (
	"maps"
	"sync"
	"time"

	"github.com/maskrail/maskrail/libs/bus"
)

// A tally remembers at most tallyLimit messages, and none longer than tallyAge after the last event: a message
// that another worker finished is never heard of again.
const (
	tallyLimit = 4096
	tallyAge   = 6 * time.Hour
)

// messageKey tells the messages of a durable apart. The time a stream stores a message at is unique in it.
type messageKey struct {
	durable, subject, id string
	stored               int64
}

func keyOf(durable string, m bus.Message) messageKey {
	return messageKey{durable: durable, subject: m.Subject, id: m.ID, stored: m.Time.UnixNano()}
}

// count is what this process knows about a message that is not settled.
type count struct {
	running  bool
	failures int // errors returned by Func
	answers  int // deliveries that were answered with a Nak
	last     time.Time
}

// tally counts per message.
type tally struct {
	mu     sync.Mutex
	counts map[messageKey]*count
}

// begin claims the message and reports whether it was free.
func (t *tally) begin(k messageKey) bool {
	free := false
	t.with(k, func(c *count) { free, c.running = !c.running, true })
	return free
}

func (t *tally) end(k messageKey) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.counts[k]
	if c == nil {
		return
	}
	c.running = false
	if c.failures == 0 && c.answers == 0 {
		delete(t.counts, k)
	}
}

// failed counts an error and returns how many there are.
func (t *tally) failed(k messageKey) (n int) {
	t.with(k, func(c *count) { c.failures++; n = c.failures })
	return n
}

// answered notes that a delivery got its answer and will come again.
func (t *tally) answered(k messageKey) { t.with(k, func(c *count) { c.answers++ }) }

// unanswered is how many of the deliveries before this one got no answer, as far as this process knows.
func (t *tally) unanswered(k messageKey, number int) (n int) {
	t.with(k, func(c *count) { n = max(number-1-c.answers, 0) })
	return n
}

// forget drops a settled message.
func (t *tally) forget(k messageKey) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.counts, k)
}

func (t *tally) with(k messageKey, f func(*count)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counts == nil {
		t.counts = map[messageKey]*count{}
	}
	now := time.Now()
	c := t.counts[k]
	if c == nil {
		if len(t.counts) >= tallyLimit {
			maps.DeleteFunc(t.counts, func(_ messageKey, c *count) bool { return !c.running && now.Sub(c.last) > tallyAge })
		}
		c = &count{}
		t.counts[k] = c
	}
	c.last = now
	f(c)
}
