package analytics

import (
	"slices"
	"strings"
	"unicode"
)

// customer is what a conversation tells of the one whom the contact centre spoke with.
type customer struct {
	phone, email, first, last, contact string
	media                              string
	attributes                         []byte // of this participant
}

// purposes are those of participants who can be the customer, the likeliest first: an external one beside a customer is
// somebody whom the agent consults.
var purposes = []string{"customer", "outbound", "external"}

// customer finds the customer. Which end of a session is theirs depends on its direction: whoever calls in is the ani, and
// whoever is called is the dnis.
func (c *conversation) customer() (who customer) {
	rank := func(p participant) int {
		if r := slices.Index(purposes, p.purpose); r >= 0 {
			return r
		}
		return len(purposes)
	}
	var candidates []participant
	for _, p := range c.participants {
		if rank(p) < len(purposes) {
			candidates = append(candidates, p)
		}
	}
	slices.SortStableFunc(candidates, func(a, b participant) int { return rank(a) - rank(b) })
	for i, p := range candidates {
		if i > 0 && p.purpose == "external" {
			break
		}
		who.take(c, p)
	}
	return who
}

// take adds what p says and nobody before it has said.
func (who *customer) take(c *conversation, p participant) {
	if who.attributes == nil {
		who.attributes = p.attributes
	}
	set(&who.contact, p.contact)
	names := []string{p.name}
	for _, s := range p.sessions {
		set(&who.media, s.media)
		direction := s.direction
		set(&direction, c.direction)
		theirs := []string{s.ani, s.from, s.other}
		if strings.EqualFold(direction, "outbound") {
			theirs = []string{s.dnis, s.to, s.other}
		}
		for _, address := range slices.Concat(theirs, s.callback) {
			who.address(address)
			if name, _, mail := strings.Cut(address, "<"); mail {
				names = append(names, name)
			}
		}
		names = append(names, s.callbackName)
	}
	who.address(p.name) // a caller without a record is named by the number
	for _, name := range names {
		if who.first == "" && who.last == "" && !c.plays(name) {
			who.first, who.last = person(name)
		}
	}
}

func (who *customer) address(s string) {
	set(&who.phone, phone(s))
	set(&who.email, mail(s))
}

// plays says that the name is that of a queue or flow of the conversation.
func (c *conversation) plays(name string) bool {
	return slices.ContainsFunc(c.participants, func(p participant) bool {
		return p.name != "" && p.name == name && slices.Contains([]string{"acd", "ivr", "workflow", "voicemail"}, p.purpose)
	})
}

// set gives an empty field a value.
func set(field *string, value string) {
	if *field == "" {
		*field = value
	}
}

// phone is the telephone number of an address, "" when it has none: a number as written, or that of tel: (RFC 3966) and
// sip: (RFC 3261) without what belongs to the network. Anonymous callers, handles and ids have none.
func phone(address string) string {
	s := strings.TrimSpace(address)
	scheme, rest, found := strings.Cut(s, ":")
	if found && slices.Contains([]string{"tel", "sip", "sips"}, strings.ToLower(scheme)) {
		s = rest
		if end := strings.IndexAny(s, "@;"); end >= 0 {
			s = s[:end]
		}
	}
	number := strings.TrimRightFunc(s, unicode.IsDigit)
	if cut := strings.TrimRight(number, ". "); strings.HasSuffix(strings.ToLower(cut), "ext") {
		number = cut[:len(cut)-len("ext")]
	} else if strings.HasSuffix(strings.ToLower(cut), "x") {
		number = cut[:len(cut)-1]
	} else {
		number = s
	}
	digits := 0
	for _, r := range number {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !strings.ContainsRune("+()-./ \u00a0", r):
			return ""
		}
	}
	if digits < 3 || digits > 15 {
		return ""
	}
	return s
}

// mail is the mail address of an address such as "Jane Okafor" <jane@example.com>, "" when it has none.
func mail(address string) string {
	s := strings.TrimSpace(address)
	if from, to := strings.LastIndexByte(s, '<'), strings.LastIndexByte(s, '>'); from >= 0 && from < to {
		s = s[from+1 : to]
	}
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at == len(s)-1 || strings.ContainsAny(s[at:], " ;:,\"<>") {
		return "" // a sip: address has its host there, with what the network needs behind it
	}
	if local := s[:at]; local[0] != '"' && strings.ContainsAny(local, " :;,<>\"") {
		return ""
	}
	return s
}
