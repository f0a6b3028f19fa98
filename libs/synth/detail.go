package synth

import (
	"bytes"
	"maps"
	"reflect"
	"slices"
	"time"
)

// Detail is a conversation that is looked at more than once. It is safe for concurrent reading.
type Detail struct {
	Tenant  string // whose it is
	c       *conversation
	revised millis // when the night's processing corrects the record; 0: never
}

// ID is conversationId.
func (d *Detail) ID() string { return d.c.ConversationID.value }

// Start is conversationStart.
func (d *Detail) Start() time.Time { return d.c.ConversationStart.value.time() }

// End is conversationEnd, as it is known in the end.
func (d *Detail) End() time.Time { return d.c.ConversationEnd.value.time() }

// Changes are the times at which the record becomes another one, in order. Something that happens at a time is known
// after it.
func (d *Detail) Changes() []time.Time {
	seen := map[millis]bool{d.c.ConversationStart.value: true}
	d.trimmed(func(m millis) bool { seen[m] = true; return true })
	if d.revised != 0 {
		seen[d.revised] = true
	}
	var times []time.Time
	var before []byte
	for _, m := range slices.Sorted(maps.Keys(seen)) {
		if after := d.AppendJSON(nil, (m + 1).time(), true); !bytes.Equal(before, after) {
			times, before = append(times, m.time()), after
		}
	}
	return times
}

// AppendJSON writes the record as it is known at a time: what happens then or later is not in it. Without attributes,
// no participant has them.
func (d *Detail) AppendJSON(dst []byte, at time.Time, attributes bool) []byte {
	now := millis(at.UnixMilli())
	if at.Nanosecond()%int(time.Millisecond) != 0 {
		now++ // all of this millisecond has happened
	}
	c := d.trimmed(func(m millis) bool { return m < now })
	if d.revised != 0 && d.revised < now {
		c.correct()
	}
	if !attributes {
		for _, p := range c.Participants {
			p.Attributes = nil
		}
	}
	return appendJSON(dst, reflect.ValueOf(c).Elem())
}

// Lasting makes the conversation end so long after its start.
func (d *Detail) Lasting(length time.Duration) {
	d.c.ConversationEnd = is(d.c.ConversationStart.value + millis(length.Milliseconds()))
	for _, p := range d.c.Participants {
		if p.Purpose.value == "customer" {
			p.Sessions[0].Segments[0].SegmentEnd = d.c.ConversationEnd
		}
	}
}

// revise picks the night: data that is two days old is processed again.
func (d *Detail) revise(s *story) {
	old := (d.c.ConversationEnd.value+2*day)/day*day + day // the first midnight after it
	d.revised = old + 3_600_000 + millis(s.IntN(5_400_000))
}

// correct does what the night's processing does: it measures again.
func (c *conversation) correct() {
	for _, p := range c.Participants {
		for _, x := range p.Sessions {
			for i := range x.Metrics {
				if m := &x.Metrics[i]; m.Name.value == "tTalk" || m.Name.value == "tHandle" {
					m.Value.value += 250
				}
			}
		}
	}
	c.CustomerParticipation = is(true)
}

func (m millis) time() time.Time { return time.UnixMilli(int64(m)).UTC() }

// Swell adds metrics to the first session until the record's JSON is so many bytes larger, and less than a metric more.
func (d *Detail) Swell(bytes int) {
	const one = len(`,{"emitDate":"2006-01-02T15:04:05.000Z","name":"tSegment","value":1}`)
	x := d.c.Participants[0].Sessions[0]
	for range (bytes + one - 1) / one {
		x.Metrics = append(x.Metrics, metric{EmitDate: d.c.ConversationStart, Name: is("tSegment"), Value: is(int64(1))})
	}
}
