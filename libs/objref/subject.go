package objref

import (
	"fmt"
	"net/url"
	"strings"
)

// Stage is a step of an object's way; its name is the second token of the subject.
type Stage string

// The stages, in order. AtRejected and AtDead end an object's way like AtLoaded.
const (
	AtRaw       Stage = "raw"
	AtMasked    Stage = "masked"
	AtValidated Stage = "validated"
	AtLoaded    Stage = "loaded"
	AtRejected  Stage = "rejected"
	AtDead      Stage = "dead"
)

// Subject is where a reference of the stage is published. A dead letter's names the service in its reason.
func (r Ref) Subject(s Stage) string {
	switch s {
	case AtRaw:
		return "maskrail.raw." + Token(r.Entity) + "." + r.tenantToken()
	case AtDead:
		var service string
		if r.Outcome != nil && r.Outcome.Reason != nil {
			service = r.Outcome.Reason.Service
		}
		return DeadSubject(service, r.Environment)
	default:
		return "maskrail." + string(s) + "." + Token(r.Environment) + "." + Token(r.Entity) + "." + r.tenantToken()
	}
}

// ReplaySubject is where a reference goes that one environment is to work on again from the stage on.
func (r Ref) ReplaySubject(environment string, s Stage) string {
	return "maskrail.replay." + Token(environment) + "." + string(s) + "." + Token(r.Entity) + "." + r.tenantToken()
}

// DeadSubject is where a service's dead letters go.
func DeadSubject(service, environment string) string {
	return "maskrail.dead." + Token(service) + "." + Token(environment)
}

// MessageID is the bus's duplicate key of a reference of the stage.
func (r Ref) MessageID(s Stage) string {
	o := r.Object
	if r.Outcome != nil && (r.Outcome.State == Released || r.Outcome.State == Discarded) {
		s += "/" + Stage(r.Outcome.State) // a decision about a rejection is another message
	}
	return id(digest(o.Bucket, o.Key, o.Version, string(s), r.Environment, r.Policy, r.Run))
}

func (r Ref) tenantToken() string {
	if r.Tenant == Several || r.Tenant == "" {
		return Several
	}
	return Token(r.Tenant)
}

// Token writes a name as one subject token: what is not a letter, digit, dash or underscore is percent-encoded
// with "=" for "%". The name "_" becomes "=5F", because "_" alone means several tenants; an empty name becomes "_".
func Token(name string) string {
	switch name {
	case "":
		return "_"
	case "_":
		return "=5F"
	}
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "=%02X", c)
		}
	}
	return b.String()
}

// ParseToken is the name that Token wrote as this token; false for what Token never writes.
func ParseToken(token string) (name string, ok bool) {
	if token == "_" {
		return "", true
	}
	name, err := url.PathUnescape(strings.ReplaceAll(token, "=", "%"))
	if err != nil || strings.Contains(token, "%") || Token(name) != token {
		return "", false
	}
	return name, true
}
