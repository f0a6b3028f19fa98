package synth

import "fmt"

// writer is the customer in what is not spoken.
func (s *story) writer() {
	p, x := s.leg("customer")
	s.known(p, x)
	if s.medium == "email" && s.chance(60) {
		p.ParticipantName = is(fmt.Sprintf("%s <%s>", s.fullName(), s.address()))
	}
	s.addressed(x)
	s.shared(x)
	x.EngagementSource = when(s.chance(20), s.one("web", "app", "social"))
	x.Cleared = when(s.medium == "message" && s.chance(10), s.chance(50))
	from := s.now
	g := s.span(x, "interact", 60, 1200)
	s.now = from
	g.Subject = when(s.medium == "email", s.subject())
	g.QueueID, g.DisconnectType = is(s.queueID()), is("peer")
	s.measure(x, "nConnected", 1)
}

// addressed says from whom to whom.
func (s *story) addressed(x *session) {
	switch s.medium {
	case "email":
		ours := s.one("claims", "billing", "help") + "@contact.example.net"
		x.AddressFrom, x.AddressTo, x.AddressSelf, x.AddressOther = is(s.address()), is(ours), is(ours), is(s.address())
		x.Cc, x.Bcc = []string{}, nil
		if s.chance(40) {
			x.Cc = []string{fmt.Sprintf("%s <%s.%d@example.com>", s.one("Ana Pérez", "Jürgen Weiß", "Łukasz Nowak"), "family", s.IntN(999))}
		}
		if s.chance(15) {
			x.Bcc = []string{"lawyer@example.com", "\"" + s.last + ", " + s.first + "\" <" + s.address() + ">"}
		}
		if s.chance(20) {
			x.DestinationAddresses = []string{"tier2@contact.example.net"}
		}
		x.DeliveryStatus = when(s.chance(50), s.one("Sent", "Delivered", "Failed"))
	case "message":
		kind := s.one("sms", "whatsapp", "webmessaging", "facebook")
		x.MessageType, x.AddressSelf = is(kind), is(s.ours[len("tel:"):])
		x.AddressOther = is(fmt.Sprintf("+1%03d5550%03d", s.area, s.line))
		if kind == "webmessaging" || kind == "facebook" {
			x.AddressOther = is(fixedUUID("handle", s.contact()))
		}
		x.AddressFrom, x.AddressTo = x.AddressOther, x.AddressSelf
		x.MediaCount = is(int64(s.IntN(4)))
		x.DeliveryStatus, x.ExtendedDeliveryStatus = is("Delivered"), when(s.chance(20), "Read by handset")
		x.DeliveryStatusChangeDate = is(s.now + 1500)
		x.DeliveryPushed = when(s.chance(30), s.chance(90))
	}
}

// shared is the screen or picture that the two look at.
func (s *story) shared(x *session) {
	switch s.medium {
	case "cobrowse":
		x.CobrowseRole, x.CobrowseRoomID = is(s.one("sharer", "viewer")), is(uuid(s.Rand))
	case "screenshare":
		x.ScreenShareAddressSelf, x.ScreenShareRoomID, x.SharingScreen = is(s.address()), is(uuid(s.Rand)), is(true)
	case "video":
		x.VideoAddressSelf, x.VideoRoomID = is(uuid(s.Rand)+"@conference.example.com"), is(uuid(s.Rand))
	}
}
