package dataexport

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/maskrail/maskrail/libs/policy"
)

// media are fields that hold a conversation whole. The provider delivers them to whoever names them.
var media = map[string]struct {
	covers func(policy.Treatment) bool
	want   string
}{
	"recordingContent": {removes, "drop, null or redact it: sound cannot be scrubbed"},
	"transcript":       {func(t policy.Treatment) bool { return removes(t) || scrubs(t) }, "scrub, drop, null or redact it"},
}

func removes(t policy.Treatment) bool {
	switch t.(type) {
	case policy.Drop, policy.Null, policy.Redact:
		return true
	}
	return false
}

func scrubs(t policy.Treatment) bool {
	_, ok := t.(policy.Scrub)
	return ok
}

// medium is the name of a field as media has it, "" for any other. The provider's spelling may change.
func medium(field string) string {
	for name := range media {
		if strings.EqualFold(name, field) {
			return name
		}
	}
	return ""
}

// media refuses fields that hold whole conversations, unless every policy takes out what is sensitive.
func (c Config) media() error {
	var errs []error
	for _, field := range c.Fields {
		name := medium(field)
		if name == "" {
			continue
		}
		policies := slices.DeleteFunc(slices.Clone(c.Policies), func(p *policy.Policy) bool { return p.Entity != c.Entity })
		if len(policies) == 0 {
			errs = append(errs, fmt.Errorf("fields: %s is not exported: no policy for %s says what becomes of it", name, c.Entity))
		}
		for _, p := range policies {
			if !covered(p, field, media[name].covers) {
				errs = append(errs, fmt.Errorf("fields: %s is not exported: the policy %s has to %s", name, p.Name, media[name].want))
			}
		}
	}
	return errors.Join(errs...)
}

// covered reports whether all that the policy can do with the field is right. What it does with members of the field that
// it does not name counts as well.
func covered(p *policy.Policy, field string, right func(policy.Treatment) bool) bool {
	found := false
	for _, f := range p.Fields {
		if f.Column() != field && !slices.Contains(f.Aliases, field) {
			continue
		}
		if !right(f.Treatment) || len(f.Steps()) > 1 && p.Unknown == policy.PassUnknown {
			return false
		}
		found = true
	}
	return found || p.Unknown == policy.DropUnknown
}
