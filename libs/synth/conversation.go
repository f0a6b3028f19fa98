package synth

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// story makes one record: its methods add the legs of a conversation one after the other and move now on.
type story struct {
	*rand.Rand
	person
	c        *conversation
	tenant   string
	medium   string // mediaType of the legs
	outbound bool
	number   string // the customer's address, as a leg has it
	ours     string // the organisation's
	place    string // where telephony thinks that the customer is
	queue    int
	agent    int // index of the one who talks
	now      millis
	open     bool // nobody has hung up yet
	late     bool // the agent's wrap-up came after the record's end
	org      *Org // nil in a file
}

// newConversation makes record i of the seed. The customers are those of the interactions.
func newConversation(seed uint64, i int64) *conversation {
	r := conversationRand(seed, i)
	start := epoch.Add(time.Duration(i)*1700*time.Millisecond + time.Duration(r.IntN(1500))*time.Millisecond)
	return newStory(r, start, Tenants, nil).tell()
}

func conversationRand(seed uint64, i int64) *rand.Rand {
	return rand.New(rand.NewPCG(seed^0x636f6e76, uint64(i)))
}

func newStory(r *rand.Rand, start time.Time, tenants []string, org *Org) *story {
	return &story{
		Rand: r, person: customer(r), c: &conversation{}, tenant: pick(r, tenants), now: millis(start.UnixMilli()), org: org,
		place: pick(r, localities), queue: r.IntN(len(queues)), agent: r.IntN(400), ours: fmt.Sprintf("tel:+18005550%03d", 100+r.IntN(100)),
		open: r.IntN(16) == 0, late: r.IntN(10) == 0,
	}
}

// tell makes the record.
func (s *story) tell() *conversation {
	c := s.c
	c.ConversationID, c.ConversationStart = is(s.begin()), is(s.now)
	plot := s.plot()
	c.OriginatingDirection = is(s.direction())
	c.ConversationInitiator = is(s.one("customer", "customer", "agent", "system"))
	c.DivisionIDs = s.ids(s.owned("division"), divisions, 1+s.IntN(2))
	plot()
	s.hangUp()
	s.about()
	s.afterwards()
	return c
}

// begin is all that comes before the record's id, and the id.
func (s *story) begin() string {
	s.number = s.dialled()
	return uuid(s.Rand)
}

// plot chooses what happens.
func (s *story) plot() func() {
	s.medium = "voice"
	switch n := s.IntN(100); {
	case n < 45:
		return s.call
	case n < 58:
		s.outbound = true
		return s.dial
	case n < 66:
		s.outbound = true
		return s.campaign
	case n < 73:
		s.medium = "callback"
		return s.callBack
	case n < 83:
		s.medium = "email"
		return s.mail
	case n < 94:
		s.medium = "message"
		return s.chat
	default:
		s.medium = s.one("cobrowse", "screenshare", "video")
		return s.chat
	}
}

func (s *story) call() {
	s.caller()
	if s.chance(10) {
		s.workflow()
	}
	s.ivr()
	s.acd()
	s.answer()
	if s.chance(25) {
		s.queue, s.agent = s.IntN(len(queues)), s.IntN(400)
		s.acd()
		s.answer()
	}
	if s.chance(8) {
		s.consult()
	}
}

func (s *story) dial() {
	s.caller()
	s.answer()
	slices.Reverse(s.c.Participants) // the agent was first
	if s.chance(20) {
		s.consult()
	}
}

func (s *story) campaign() {
	s.dialer()
	s.caller()
	s.answer()
}

func (s *story) callBack() {
	s.caller()
	s.ivr()
	s.acd()
	s.answer()
}

func (s *story) mail() {
	s.writer()
	s.workflow()
	s.acd()
	if s.chance(30) {
		s.now += millis(s.IntN(4*24*3600)) * 1000 // waits for days
	}
	s.answer()
}

func (s *story) chat() {
	s.writer()
	s.workflow()
	s.acd()
	s.answer()
}

// hangUp ends the record, and the customer's part in it.
func (s *story) hangUp() {
	if !s.open {
		s.c.ConversationEnd = is(s.now)
	}
	for _, p := range s.c.Participants {
		if p.Purpose.value == "customer" {
			g := &p.Sessions[0].Segments[0]
			if g.SegmentEnd = s.c.ConversationEnd; s.open {
				g.DisconnectType = text{}
			}
		}
	}
}

// about fills what the record says of itself.
func (s *story) about() {
	c := s.c
	if s.medium == "voice" || s.medium == "callback" {
		c.MediaStatsMinConversationMos = is(3.6 + s.Float64()*1.3)
		c.MediaStatsMinConversationRFactor = is(70 + s.Float64()*22)
	}
	c.ExternalTag = when(s.chance(25), fmt.Sprintf("CASE-%07d %c.%s", s.IntN(10_000_000), s.first[0], s.last))
	if s.chance(4) {
		c.ExternalTag = text{state: null}
	}
	c.SelfServed = when(s.chance(10), s.chance(50))
	c.CustomerParticipation = when(s.chance(30), true)
	c.OriginatingSocialMediaPublic = when(s.medium == "message" && s.chance(10), s.chance(50))
	c.InactivityTimeout = when(s.medium == "message" && s.chance(20), s.now+900_000)
	c.ConferenceStart = when(s.chance(4), s.c.ConversationStart.value+60_000)
	if s.chance(10) {
		c.KnowledgeBaseIDs = s.ids("knowledge", 5, s.IntN(3)) // may be empty
	}
	if s.chance(3) {
		c.AccessAttributes = []string{"region-" + s.one("north", "south"), s.tenant}
	}
	c.AssociatedConversationID = when(s.chance(3), uuid(s.Rand))
	if s.chance(3) {
		c.ConsultationConversationIDs = []string{uuid(s.Rand)}
	}
}

func (s *story) direction() string {
	if s.outbound {
		return "outbound"
	}
	return "inbound"
}

func (s *story) chance(percent int) bool { return s.IntN(100) < percent }

func (s *story) one(of ...string) string { return pick(s.Rand, of) }

// ids are n ids of configuration objects, of which there are so many.
func (s *story) ids(kind string, of, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fixedUUID(kind, s.IntN(of))
	}
	return out
}

func (s *story) id(kind string, of int) string { return fixedUUID(kind, s.IntN(of)) }

// contact is the number of the customer's record.
func (s *story) contact() int { return s.area - 201 + 700*(s.line-100) }

// dialled is the customer's number as telephony writes it.
func (s *story) dialled() string {
	e164 := fmt.Sprintf("+1%03d5550%03d", s.area, s.line)
	if s.contact()%20 == 0 { // some are British: numbers that Ofcom keeps for drama
		e164 = fmt.Sprintf("+442079460%03d", s.contact()%1000)
	}
	switch n := s.IntN(20); {
	case n < 13:
		return "tel:" + e164
	case n < 16:
		return fmt.Sprintf("sip:%s@198.51.100.%d;user=phone", e164, 1+s.IntN(250))
	case n < 17:
		return e164
	case n < 18:
		return e164[1:]
	case n < 19:
		return "tel:" + e164 + ";ext=" + fmt.Sprint(10+s.IntN(90))
	}
	return "anonymous"
}

// address is the customer's mail address.
func (s *story) address() string {
	if s.email != "" {
		return s.email
	}
	return strings.ToLower(s.first + "." + s.last + "@example.org")
}

func (s *story) fullName() string { return s.first + " " + s.last }
