package synth

import (
	"fmt"
	"time"
)

// answer is the agent's leg: it rings, they talk, with a pause on hold now and then, and the agent writes down how it went.
func (s *story) answer() {
	p, x := s.leg("agent")
	p.ParticipantName = when(s.chance(50), agentName(s.agent))
	p.UserID, p.TeamID = is(fixedUUID("agent", s.agent)), when(s.chance(60), fixedUUID("team", s.agent%30))
	p.ScreenRecording = when(s.chance(20), s.chance(80))
	if s.chance(30) {
		p.Attributes = map[string]text{} // there, and empty
	}
	x.Remote, x.RemoteNameDisplayable = is(s.one(s.fullName(), s.place, s.address())), when(s.chance(30), s.fullName())
	s.seat(x)
	s.shared(x)
	queue := is(s.queueID())
	rang := s.now
	ringing := "alert"
	if s.outbound {
		ringing = "dialing"
	}
	g := s.span(x, ringing, 2, 25)
	g.QueueID = queue
	s.measure(x, "tAlert", int(s.now-rang), "tAnswered", int(s.now-rang)+s.IntN(40_000))
	talked := s.now
	g = s.span(x, "interact", 30, 900)
	g.QueueID = queue
	if s.chance(40) {
		held := s.now
		s.span(x, "hold", 5, 180).QueueID = queue
		s.measure(x, "tHeld", int(s.now-held))
		g = s.span(x, "interact", 10, 400)
		g.QueueID = queue
	}
	if s.open && s.org != nil { // who watches sees every record end, if only days later
		s.now += millis(6+s.IntN(100)) * 3_600_000
		g.SegmentEnd = is(s.now)
		s.open = false
	}
	g.AudioMuted, g.VideoMuted = when(s.chance(10), true), when(s.medium == "video", s.chance(50))
	g.Subject = when(s.medium == "email", s.subject())
	s.measure(x, "tTalk", int(s.now-talked), "tTalkComplete", int(s.now-talked), "nConnected", 1)
	if s.medium == "voice" || s.medium == "callback" {
		s.heard(x)
	}
	if s.open {
		g.SegmentEnd = stamp{state: null}
		return
	}
	g.DisconnectType = is(s.one("peer", "client", "transfer"))
	s.wrapUp(x, int(s.now-talked))
}

// wrapUp is the agent's work after the customer has hung up, while the conversation goes on or ends. When it is late,
// it is not finished hours after the end, and what others copy before that has neither code nor note.
func (s *story) wrapUp(x *session, talked int) {
	ended := s.now
	defer func() { s.now = ended }()
	if s.late {
		s.now += millis(1+s.IntN(20)) * 3_600_000
	}
	began := s.now
	g := s.span(x, "wrapup", 5, 180)
	g.QueueID = is(s.queueID())
	if s.org == nil && s.late && s.chance(50) {
		g.SegmentEnd = stamp{state: null}
	} else {
		g.WrapUpCode = is(fixedUUID("wrapup", s.IntN(30)))
		g.WrapUpNote = when(s.chance(85), s.note()) // may be empty
		if s.chance(30) {
			g.WrapUpTags = []string{s.one("payment", "complaint", "vip "+s.last), s.one("follow-up", s.phone(s.Rand))}[:s.IntN(3)]
		}
		s.measure(x, "tAcw", int(s.now-began), "tHandle", talked+int(s.now-began))
	}
	if s.chance(10) {
		g.Properties = []property{
			{is("customerName"), is("string"), is(s.fullName())}, {is("callbackOffered"), is("bool"), is("true")}, {is("contact"), is("string"), is(s.phone(s.Rand))},
		}
	}
}

// note is what an agent writes, with now and then another sentence that must not leave production.
func (s *story) note() string {
	n := notes(s.Rand, s.person, Interaction{
		InteractionID: s.c.ConversationID.value, Start: time.UnixMilli(int64(s.now)).UTC(), DurationMs: int64(s.now - s.c.ConversationStart.value),
	}, prosaic[Plain])
	if n != "" && s.chance(40) {
		n += " " + sensitive(s.Rand, s.person)
	}
	if n != "" && s.chance(15) {
		n += fmt.Sprintf(" %s %s is on %s.", s.one("Mr", "Mrs", "Ms"), s.last, s.one("metformin", "warfarin", "sertraline"))
	}
	return n
}

func (s *story) subject() string {
	return s.one("RE: Claim for "+s.fullName()+", policy "+s.ssn, "Invoice of January", "Fwd: card "+s.card(s.Rand)+" declined", "")
}

// seat is how the agent was found, and who listens in.
func (s *story) seat(x *session) {
	x.AgentAssistantID = when(s.chance(10), s.id("assistant", 5))
	x.AgentBullseyeRing = when(s.chance(15), int64(1+s.IntN(6)))
	x.AgentOwned = when(s.chance(10), s.chance(50))
	x.AssignerID = when(s.chance(5), s.id("agent", 400))
	x.AcwSkipped = when(s.chance(10), s.chance(50))
	x.ScriptID = when(s.chance(30), s.id("script", 12))
	x.MediaBridgeID, x.RoomID = when(s.chance(5), uuid(s.Rand)), when(s.chance(5), uuid(s.Rand))
	if s.chance(6) {
		x.MonitoredParticipantID, x.CoachedParticipantID, x.BargedParticipantID = is(uuid(s.Rand)), is(uuid(s.Rand)), is(uuid(s.Rand))
		x.ScreenMonitoredUserID = is(s.id("agent", 400))
	}
}
