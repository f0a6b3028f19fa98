package sqstest

import (
	"crypto/md5" //nolint:gosec // the protocol's checksum
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// queue is a standard queue.
type queue struct {
	Attributes
	name     string
	messages []*message
	next     int
}

type message struct {
	id, body string
	sent     time.Time
	first    time.Time // of all deliveries
	taken    time.Time // by the last delivery
	visible  time.Time // when others can have it
	receives int
	ghosts   int
}

func (q *queue) add(body string, now time.Time) *message {
	q.next++
	m := &message{id: fmt.Sprintf("00000000-0000-4000-8000-%012d", q.next), body: body, sent: now, visible: now}
	q.messages = append(q.messages, m)
	return m
}

// maxHidden is how long a delivery may keep a message from others in all.
const maxHidden = 12 * time.Hour

// deliver hands out up to n of the visible messages, in any order.
func (s *Server) deliver(q *queue, n int, hidden time.Duration, now time.Time) (out []*message) {
	at := s.random.Perm(len(q.messages))
	var dead []*message
	for _, i := range at {
		m := q.messages[i]
		if m.visible.After(now) {
			continue
		}
		if q.DeadLetter != "" && m.receives >= q.MaxReceives {
			dead = append(dead, m)
			continue
		}
		if len(out) == n {
			break
		}
		m.receives++
		m.taken = now
		if m.first.IsZero() {
			m.first = now
		}
		if m.visible = now.Add(hidden); s.happens(s.faults.Again) {
			m.visible = now
		}
		out = append(out, m)
	}
	for _, m := range dead {
		q.drop(m)
		moved := s.queues[q.DeadLetter].add(m.body, m.sent)
		moved.id = m.id
		s.wake()
	}
	return out
}

func (q *queue) drop(m *message) {
	q.messages = slices.DeleteFunc(q.messages, func(o *message) bool { return o == m })
}

// soonest is when the next hidden message becomes visible.
func (q *queue) soonest(now time.Time) (wait time.Duration, ok bool) {
	for _, m := range q.messages {
		if d := m.visible.Sub(now); !ok || d < wait {
			wait, ok = d, true
		}
	}
	return wait, ok
}

// receipt names one delivery of a message.
func (q *queue) receipt(m *message) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s %s %d", q.name, m.id, m.receives))
}

// delivery finds the message that a receipt names. It is nil when the message is gone; last says whether it was not
// delivered again since.
func (q *queue) delivery(receipt string) (m *message, last bool, code string) {
	b, err := base64.StdEncoding.DecodeString(receipt)
	name, rest, _ := strings.Cut(string(b), " ")
	id, number, ok := strings.Cut(rest, " ")
	if err != nil || !ok || name != q.name {
		return nil, false, "ReceiptHandleIsInvalid"
	}
	for _, m := range q.messages {
		if m.id == id {
			return m, number == fmt.Sprint(m.receives), ""
		}
	}
	return nil, false, ""
}

// remove deletes the message of a receipt. As with Amazon, the receipt of an earlier delivery is no error and deletes
// nothing.
func (s *Server) remove(q *queue, receipt string) (code string) {
	m, last, code := q.delivery(receipt)
	if m == nil || !last {
		return code
	}
	if m.ghosts < 2 && s.happens(s.faults.Ghost) {
		m.ghosts++
		return ""
	}
	q.drop(m)
	return ""
}

// change sets the time until the message of a receipt is visible.
func (s *Server) change(q *queue, receipt string, hidden time.Duration, now time.Time) (code string) {
	m, last, code := q.delivery(receipt)
	switch {
	case code != "":
		return code
	case m == nil || hidden < 0 || now.Add(hidden).After(m.taken.Add(maxHidden)):
		return "InvalidParameterValue"
	case !last || !m.visible.After(now):
		return "MessageNotInflight"
	}
	m.visible = now.Add(hidden)
	s.wake()
	return ""
}

func digest(body string) string {
	sum := md5.Sum([]byte(body)) //nolint:gosec // the protocol's checksum
	return hex.EncodeToString(sum[:])
}
