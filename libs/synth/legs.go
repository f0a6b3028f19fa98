package synth

import (
	"fmt"
	"strings"
)

// leg adds a participant with one session.
func (s *story) leg(purpose string) (*participant, *session) {
	x := &session{
		SessionID: is(uuid(s.Rand)), MediaType: is(s.medium), Direction: is(s.direction()), Provider: is("Edge"),
		RequestedRoutings: []string{"Standard"}, UsedRouting: when(s.chance(60), "Standard"),
	}
	switch s.medium {
	case "voice", "callback":
		// The customer is who calls, and on the way out who is called.
		x.Ani, x.Dnis = is(s.number), is(s.ours)
		if s.outbound {
			x.Ani, x.Dnis = x.Dnis, x.Ani
		}
		x.SessionDnis = when(s.chance(70), x.Dnis.value)
		x.EdgeID = is(s.id("edge", 12))
		x.ProtocolCallID = is(fmt.Sprintf("%s-%d@192.0.2.%d", strings.ToUpper(uuid(s.Rand)), 1000+s.IntN(9000), 1+s.IntN(250)))
		x.Recording = when(s.chance(80), true)
		x.SnippetRecording = when(s.chance(5), s.chance(50))
	case "email":
		x.Provider = is("PureCloud Email")
	default:
		x.Provider = is("PureCloud Messaging")
	}
	p := &participant{ParticipantID: is(uuid(s.Rand)), Purpose: is(purpose), Sessions: []*session{x}}
	if last := len(s.c.Participants) - 1; last >= 0 {
		x.PeerID = s.c.Participants[last].Sessions[0].SessionID
	}
	s.c.Participants = append(s.c.Participants, p)
	return p, x
}

// span adds a segment of some seconds, and moves on.
func (s *story) span(x *session, kind string, least, most int) *segment {
	from := s.now
	s.now += millis(least*1000 + s.IntN((most-least)*1000))
	x.Segments = append(x.Segments, segment{
		SegmentStart: is(from), SegmentEnd: is(s.now), SegmentType: is(kind), Conference: is(s.chance(3)),
	})
	return &x.Segments[len(x.Segments)-1]
}

// measure adds metrics, emitted now.
func (s *story) measure(x *session, values ...any) {
	for i := 0; i < len(values); i += 2 {
		x.Metrics = append(x.Metrics, metric{EmitDate: is(s.now), Name: is(values[i].(string)), Value: is(int64(values[i+1].(int)))})
	}
}

// heard is what the endpoints say of the sound.
func (s *story) heard(x *session) {
	for range 1 + s.IntN(2) {
		received := int64(2_000 + s.IntN(60_000))
		x.MediaEndpointStats = append(x.MediaEndpointStats, endpointStats{
			EventTime: is(s.now + 80), Codecs: []string{s.one("audio/opus", "audio/PCMU")},
			MinMos: is(3.6 + s.Float64()*1.3), MinRFactor: is(70 + s.Float64()*22),
			MaxLatencyMs: is(int64(5 + s.IntN(180))), ReceivedPackets: is(received),
			DiscardedPackets: when(s.chance(30), received/997), DuplicatePackets: when(s.chance(10), int64(s.IntN(9))),
			InvalidPackets: when(s.chance(10), int64(s.IntN(5))), OverrunPackets: when(s.chance(10), int64(s.IntN(7))),
			UnderrunPackets: when(s.chance(20), int64(s.IntN(90))),
		})
	}
}

// displayed is what stands for the customer where a name belongs: a name, a number or a place.
func (s *story) displayed() text {
	switch s.IntN(12) {
	case 0, 1:
		return is(fmt.Sprintf("+1%03d5550%03d", s.area, s.line))
	case 2:
		return is(fmt.Sprintf("1%03d5550%03d", s.area, s.line))
	case 3, 4:
		return is(s.place)
	case 5:
		return is(strings.ToUpper(s.last + ", " + s.first))
	case 6:
		return is("")
	case 7:
		return text{state: null}
	case 8:
		return text{}
	}
	return is(s.fullName())
}

// known fills what every leg of a customer has.
func (s *story) known(p *participant, x *session) {
	p.ParticipantName = s.displayed()
	p.Attributes = s.attributes()
	p.ExternalContactID = when(s.chance(70), fixedUUID("contact", s.contact()))
	p.ExternalOrganizationID = when(s.chance(15), fixedUUID("organization", s.contact()%5000))
	p.FlaggedReason = when(s.chance(3), "general")
	x.Authenticated = when(s.chance(20), s.chance(70))
	switch s.IntN(10) {
	case 0:
		x.JourneyCustomerID, x.JourneyCustomerIDType = is(s.address()), is("email")
	case 1:
		x.JourneyCustomerID, x.JourneyCustomerIDType = is(fmt.Sprintf("+1%03d5550%03d", s.area, s.line)), is("phone")
	case 2, 3:
		x.JourneyCustomerID, x.JourneyCustomerIDType = is(fixedUUID("cookie", s.contact())), is("cookie")
		x.JourneyCustomerSessionID, x.JourneyCustomerSessionIDType = is(uuid(s.Rand)), is(s.one("web", "app"))
		x.JourneyActionID, x.JourneyActionMapID = when(s.chance(40), uuid(s.Rand)), is(s.id("actionmap", 20))
		x.JourneyActionMapVersion = is(int64(1 + s.IntN(30)))
	}
}

// caller is the customer on the telephone.
func (s *story) caller() {
	p, x := s.leg("customer")
	s.known(p, x)
	x.Remote, x.RemoteNameDisplayable = when(s.chance(30), s.place), when(s.chance(60), s.place)
	x.SelectedAgentID = when(s.chance(50), fixedUUID("agent", s.agent))
	x.SelectedAgentRank = when(s.chance(20), int64(1+s.IntN(5)))
	if s.medium == "callback" {
		x.CallbackNumbers = []string{s.phone(s.Rand), fmt.Sprintf("+1 %03d 555 0%03d x%d", s.area, s.line, 10+s.IntN(90))}
		x.CallbackUserName = is(s.fullName())
		x.CallbackScheduledTime = is(s.now + 3_600_000)
		x.SkipEnabled, x.TimeoutSeconds = is(s.chance(50)), is(int64(60))
	}
	if s.outbound {
		x.DetectedSpeechStart = when(s.chance(50), s.now+900)
		x.DetectedSpeechEnd = when(s.chance(50), s.now+2_400)
	}
	from := s.now
	g := s.span(x, "interact", 30, 900)
	s.now = from // the rest of the story happens meanwhile
	g.QueueID, g.DisconnectType = is(s.queueID()), is(s.one("peer", "client", "endpoint", "system"))
	if g.DisconnectType.value == "system" {
		g.ErrorCode = is("error.ininedgecontrol.connection." + s.one("endpoint.busy", "media.timeout"))
		g.SipResponseCodes, g.Q850ResponseCodes = []int64{486}, []int64{17}
	} else if s.chance(50) {
		g.SipResponseCodes, g.Q850ResponseCodes = []int64{200}, []int64{16}
	}
	s.measure(x, "nConnected", 1, "tConnected", 3+s.IntN(200))
	s.heard(x)
}

// dialer is the leg of a campaign.
func (s *story) dialer() {
	p, x := s.leg("outbound")
	p.ParticipantName = s.displayed()
	p.Attributes = map[string]text{}
	campaign := s.IntN(9)
	x.OutboundCampaignID, x.OutboundContactListID = is(fixedUUID("campaign", campaign)), is(fixedUUID("contactlist", campaign))
	x.OutboundContactID = is(fmt.Sprintf("%x", 1<<56+uint64(s.contact())*7919))
	x.DispositionAnalyzer, x.DispositionName = is("speech.person"), is("disposition.classification.callable."+s.one("person", "machine", "busy"))
	s.span(x, "dialing", 2, 20)
	s.measure(x, "nOutboundAttempted", 1, "nOutboundConnected", 1)
}
