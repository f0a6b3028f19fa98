package analytics

import "time"

// conversation is what is read of a record. The record itself goes on as it was delivered.
type conversation struct {
	id           string
	start, end   time.Time // end is zero while the conversation is open
	startText    string    // as delivered, and so are the other texts
	endText      string
	direction    string
	tag          string
	divisions    []string
	participants []participant
}

type participant struct {
	purpose, name, user, contact string
	attributes                   []byte // an object, or nothing
	sessions                     []session
}

type session struct {
	media, direction        string
	ani, dnis               string
	from, to, other         string
	callback                []string
	callbackName            string
	language, firstLanguage string // of the flow, at its end and at its beginning
	segments                []segment
}

type segment struct {
	kind, queue, code, note string
}

// parse reads a record that the surveyor has passed. bad says what is wrong with it, "" when nothing is.
func parse(record []byte) (c conversation, bad string) {
	for name, v := range members(record) {
		switch string(name) {
		case "conversationId":
			c.id, _ = textOf(v)
		case "conversationStart":
			c.start, c.startText, bad = instant(v, string(name), bad)
		case "conversationEnd":
			c.end, c.endText, bad = instant(v, string(name), bad)
		case "originatingDirection":
			c.direction, _ = textOf(v)
		case "externalTag":
			c.tag, _ = textOf(v)
		case "divisionIds":
			c.divisions = textsOf(v)
		case "participants":
			for p := range elements(v) {
				c.participants = append(c.participants, parseParticipant(p))
			}
		}
	}
	switch {
	case c.id == "":
		bad = "conversationId is missing or no text"
	case c.start.IsZero() && c.end.IsZero() && bad == "":
		bad = "conversationStart and conversationEnd are missing"
	}
	return c, bad
}

// instant reads a time. Null is no time, as if it were absent.
func instant(v []byte, name, before string) (at time.Time, s, bad string) {
	s, ok := textOf(v)
	if !ok && string(v) == "null" {
		return at, "", before
	}
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, "", name + " is no time"
	}
	return at, s, before
}

func parseParticipant(record []byte) (p participant) {
	for name, v := range members(record) {
		switch string(name) {
		case "purpose":
			p.purpose, _ = textOf(v)
		case "participantName":
			p.name, _ = textOf(v)
		case "userId":
			p.user, _ = textOf(v)
		case "externalContactId":
			p.contact, _ = textOf(v)
		case "attributes":
			p.attributes = v
		case "sessions":
			for s := range elements(v) {
				p.sessions = append(p.sessions, parseSession(s))
			}
		}
	}
	return p
}

func parseSession(record []byte) (s session) {
	for name, v := range members(record) {
		switch string(name) {
		case "mediaType":
			s.media, _ = textOf(v)
		case "direction":
			s.direction, _ = textOf(v)
		case "ani":
			s.ani, _ = textOf(v)
		case "dnis":
			s.dnis, _ = textOf(v)
		case "addressFrom":
			s.from, _ = textOf(v)
		case "addressTo":
			s.to, _ = textOf(v)
		case "addressOther":
			s.other, _ = textOf(v)
		case "callbackNumbers":
			s.callback = textsOf(v)
		case "callbackUserName":
			s.callbackName, _ = textOf(v)
		case "flow":
			for name, v := range members(v) {
				switch string(name) {
				case "startingLanguage":
					s.firstLanguage, _ = textOf(v)
				case "endingLanguage":
					s.language, _ = textOf(v)
				}
			}
		case "segments":
			for g := range elements(v) {
				s.segments = append(s.segments, parseSegment(g))
			}
		}
	}
	return s
}

func parseSegment(record []byte) (g segment) {
	for name, v := range members(record) {
		switch string(name) {
		case "segmentType":
			g.kind, _ = textOf(v)
		case "queueId":
			g.queue, _ = textOf(v)
		case "wrapUpCode":
			g.code, _ = textOf(v)
		case "wrapUpNote":
			g.note, _ = textOf(v)
		}
	}
	return g
}

// each visits all segments, in the order of the record.
func (c *conversation) each(visit func(p *participant, s *session, g *segment)) {
	for i := range c.participants {
		p := &c.participants[i]
		for k := range p.sessions {
			s := &p.sessions[k]
			for m := range s.segments {
				visit(p, s, &s.segments[m])
			}
		}
	}
}
