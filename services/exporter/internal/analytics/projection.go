package analytics

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// interaction is the flat form of a conversation: the fields of the policy guide-interaction, in its order, as far as a
// conversation has them, and where its tenant was found. docs/projection.md says where each comes from.
type interaction struct {
	InteractionID string `json:"interactionId"`
	TenantID      string `json:"tenant_id"`
	TenantSource  string `json:"tenant_source,omitempty"`
	Direction     string `json:"direction,omitempty"`
	Channel       string `json:"channel,omitempty"`
	Language      string `json:"language,omitempty"`
	StartTime     string `json:"startTime,omitempty"`
	EndTime       string `json:"endTime,omitempty"`
	DurationMs    *int64 `json:"durationMs,omitempty"`
	QueueID       string `json:"queueId,omitempty"`
	AgentID       string `json:"agentId,omitempty"`
	PhoneNumber   string `json:"phoneNumber,omitempty"`
	EmailAddress  string `json:"emailAddress,omitempty"`
	ExternalID    string `json:"externalId,omitempty"`
	FirstName     string `json:"firstName,omitempty"`
	LastName      string `json:"lastName,omitempty"`
	CardNumber    string `json:"cardNumber,omitempty"`
	SSN           string `json:"ssn,omitempty"`
	DateOfBirth   string `json:"dateOfBirth,omitempty"`
	WrapUpCode    string `json:"wrapUpCode,omitempty"`
	Notes         string `json:"notes,omitempty"`
}

// Projection says what goes into the flat form beside what every conversation has.
type Projection struct {
	// Attributes are the keys of the customer's attributes that fields are taken from, by field, before anything else:
	// emailAddress, externalId, firstName, lastName, phoneNumber, cardNumber, ssn, dateOfBirth, language.
	Attributes map[string]string
	Notes      bool // what agents wrote when they wrapped up
	// HideTenantSource leaves tenant_source out, for policies that do not know it.
	HideTenantSource bool
}

// attributed are the fields that can be taken from attributes.
var attributed = map[string]func(*interaction) *string{
	"language":     func(i *interaction) *string { return &i.Language },
	"phoneNumber":  func(i *interaction) *string { return &i.PhoneNumber },
	"emailAddress": func(i *interaction) *string { return &i.EmailAddress },
	"externalId":   func(i *interaction) *string { return &i.ExternalID },
	"firstName":    func(i *interaction) *string { return &i.FirstName },
	"lastName":     func(i *interaction) *string { return &i.LastName },
	"cardNumber":   func(i *interaction) *string { return &i.CardNumber },
	"ssn":          func(i *interaction) *string { return &i.SSN },
	"dateOfBirth":  func(i *interaction) *string { return &i.DateOfBirth },
}

func (p Projection) validate() error {
	for _, field := range slices.Sorted(maps.Keys(p.Attributes)) {
		if attributed[field] == nil {
			return fmt.Errorf("projection.attributes: %q is none of %s", field, strings.Join(slices.Sorted(maps.Keys(attributed)), ", "))
		}
	}
	return nil
}

// append adds the flat form of c as a line.
func (p Projection) append(dst []byte, c *conversation, o owner) ([]byte, error) {
	who := c.customer()
	row := interaction{
		InteractionID: c.id, TenantID: o.tenant, TenantSource: o.source,
		Direction: code(strings.ToUpper(c.direction)), Channel: code(strings.ToLower(who.media)),
		StartTime: c.startText, EndTime: c.endText,
		ExternalID: who.contact,
	}
	if p.HideTenantSource {
		row.TenantSource = ""
	}
	if !c.start.IsZero() && !c.end.Before(c.start) {
		row.DurationMs = new(c.end.Sub(c.start).Milliseconds())
	}
	var language string
	p.served(c, &row, &language)
	p.attributes(&row, who.attributes)
	set(&row.Language, code(language))
	set(&row.PhoneNumber, who.phone)
	set(&row.EmailAddress, who.email)
	if row.FirstName == "" && row.LastName == "" {
		row.FirstName, row.LastName = who.first, who.last
	}
	line, err := json.Marshal(row)
	if err != nil {
		return dst, fmt.Errorf("write an interaction: %w", err)
	}
	return append(append(dst, line...), '\n'), nil
}

// served fills what the contact centre did: the last queue, the last agent and how the agent wrapped up.
func (p Projection) served(c *conversation, row *interaction, language *string) {
	var queue string // of whichever participant
	var notes []string
	for _, part := range c.participants {
		agent := part.purpose == "agent" || part.purpose == "user"
		if agent && part.user != "" {
			row.AgentID = part.user
		}
		for _, s := range part.sessions {
			spoken := s.language
			set(&spoken, s.firstLanguage)
			if spoken != "" {
				*language = spoken
			}
			for _, g := range s.segments {
				if id := code(g.queue); id != "" {
					queue = id
					if agent || part.purpose == "acd" {
						row.QueueID = id
					}
				}
				if id := code(g.code); id != "" {
					row.WrapUpCode = id
				}
				if p.Notes && g.note != "" {
					notes = append(notes, g.note)
				}
			}
		}
	}
	set(&row.QueueID, queue)
	row.Notes = strings.Join(notes, "\n")
}

// attributes fills what the configuration takes from the customer's attributes.
func (p Projection) attributes(row *interaction, attributes []byte) {
	if len(p.Attributes) == 0 {
		return
	}
	for name, v := range members(attributes) {
		value, _ := textOf(v)
		if value = strings.TrimSpace(value); value == "" {
			continue
		}
		for field, key := range p.Attributes {
			if key != string(name) {
				continue
			}
			if field == "dateOfBirth" {
				if _, err := time.Parse(time.DateOnly, value); err != nil {
					continue // the column is one of dates
				}
			}
			if field == "language" {
				value = code(value)
			}
			*attributed[field](row) = value
		}
	}
}

// maxCode is the longest id or word of a configuration, in bytes.
const maxCode = 64

// code passes what can be an id or a word of a configuration, and nothing that could be a number, a name or an address: the
// fields that stay as they are in the sandbox get no other.
func code(s string) string {
	if uuid(s) {
		return s
	}
	letters, digits := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			letters++
		case c >= '0' && c <= '9':
			digits++
		case c != '-' && c != '_' && c != '.':
			return ""
		}
	}
	if len(s) > maxCode || letters == 0 && digits > 4 {
		return ""
	}
	return s
}

// uuid reports the form of RFC 9562.
func uuid(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F':
		default:
			return false
		}
	}
	return true
}
