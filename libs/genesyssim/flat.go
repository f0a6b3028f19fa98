package genesyssim

import (
	"encoding/base64"
	"time"

	"github.com/maskrail/maskrail/libs/synth"
)

// interaction makes the flat record i.
func (w *world) interaction(i int64) Interaction {
	r := Interaction{Interaction: w.org.Interaction(i, w.start(i))}
	if i < 0 && w.Also[-i-1].Lasts > 0 {
		r.DurationMs = w.Also[-i-1].Lasts.Milliseconds()
		r.End = r.Start.Add(time.Duration(r.DurationMs) * time.Millisecond)
	}
	r.Complete = r.End
	if late := w.dice(diceLate, i); late.IntN(10) == 0 {
		r.Complete = r.End.Add(time.Duration(1+late.IntN(20)) * time.Hour)
	}
	switch how := w.oddity(i); how {
	case synth.TenantBlank, synth.TenantUnknown, synth.TenantNowhere:
		r.Oddity = how
	}
	return r
}

// kind is a type of the schema endpoint.
type kind string

const (
	kindText    kind = "STRING"
	kindInteger kind = "INTEGER"
	kindDouble  kind = "DOUBLE"
	kindBoolean kind = "BOOLEAN"
	kindTime    kind = "DATETIME"
	kindDate    kind = "DATE"
)

// field is a column of the flat form. of gives a string, int64, float64, bool or time.Time; nil is null.
type field struct {
	name string
	kind kind
	of   func(Interaction) any
}

// media are the fields that are delivered to those only who name them.
var media = []string{"recordingContent", "transcript"}

// flatFields are the columns, in order, before any drift.
var flatFields = []field{
	{"interactionId", kindText, func(r Interaction) any { return r.InteractionID }},
	{"tenant_id", kindText, tenantOf},
	{"direction", kindText, func(r Interaction) any { return r.Direction }},
	{"channel", kindText, func(r Interaction) any { return r.Channel }},
	{"language", kindText, func(r Interaction) any { return r.Language }},
	{"startTime", kindTime, func(r Interaction) any { return r.Start }},
	{"endTime", kindTime, func(r Interaction) any { return r.End }},
	{"durationMs", kindInteger, func(r Interaction) any { return r.DurationMs }},
	{"queueId", kindText, func(r Interaction) any { return r.QueueID }},
	{"agentId", kindText, func(r Interaction) any { return r.AgentID }},
	{"phoneNumber", kindText, func(r Interaction) any { return orNull(r.PhoneNumber) }},
	{"emailAddress", kindText, func(r Interaction) any { return orNull(r.EmailAddress) }},
	{"externalId", kindText, func(r Interaction) any { return orNull(r.ExternalID) }},
	{"firstName", kindText, func(r Interaction) any { return r.FirstName }},
	{"lastName", kindText, func(r Interaction) any { return r.LastName }},
	{"cardNumber", kindText, func(r Interaction) any { return orNull(r.CardNumber) }},
	{"ssn", kindText, func(r Interaction) any { return orNull(r.SSN) }},
	{"dateOfBirth", kindDate, func(r Interaction) any { return r.DateOfBirth }},
	{"wrapUpCode", kindText, func(r Interaction) any { return orNull(r.WrapUpCode) }},
	{"notes", kindText, func(r Interaction) any { return orNull(r.Notes) }},
	{"transcript", kindText, func(r Interaction) any { return r.Transcript() }},
	{"recordingContent", kindText, func(r Interaction) any { return base64.StdEncoding.EncodeToString([]byte(r.Transcript())) }},
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func tenantOf(r Interaction) any {
	switch r.Oddity {
	case synth.TenantBlank:
		return " "
	case synth.TenantUnknown:
		return synth.StrangeTenant
	case synth.TenantNowhere:
		return nil
	}
	return r.TenantID
}

// as is the interaction as it is known at a time, if it is.
func (r Interaction) as(at time.Time) (Interaction, bool) {
	if !r.End.Before(at) {
		return r, false
	}
	if !r.Complete.Before(at) {
		r.WrapUpCode, r.Notes = "", ""
	}
	return r, true
}
