package analytics

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Config says what is taken from the conversations. Zero values mean the defaults of the comments.
type Config struct {
	// Write are the entities that are written: conversation, interaction; default both. Conversations that are held are
	// written as conversation in any case.
	Write []string
	// Open takes conversations that have not ended as well, each in the window in which it began. The default is to take a
	// conversation in the window in which it ended.
	Open       bool
	Tenants    Tenants
	Projection Projection
	Filters    []Filter

	PageSize int // conversations a page; default 1000, at most 10,000
	// Tail takes what the jobs do not have yet, after their availability, by query; see tail.go.
	Tail bool
}

// Filter wants a property of the conversation, or of one of its segments, to have a value.
type Filter struct {
	Dimension string // as the provider names it, such as direction or queueId
	Value     string
}

const (
	defaultPage   = 1000
	defaultCustom = 150 // half of what a token usually has
	maxPage       = 10_000
)

func (c Config) withDefaults() Config {
	if len(c.Write) == 0 {
		c.Write = []string{Conversation, Interaction}
	}
	c.Tenants.Key = cmp.Or(c.Tenants.Key, DefaultTenantKey)
	c.Tenants.CustomKey = cmp.Or(c.Tenants.CustomKey, c.Tenants.Key)
	c.Tenants.CustomPerMinute = cmp.Or(c.Tenants.CustomPerMinute, defaultCustom)
	c.PageSize = cmp.Or(c.PageSize, defaultPage)
	return c
}

// Validate names every field that is wrong and what is right.
func (c Config) Validate() error {
	c = c.withDefaults()
	var errs []error
	for _, w := range c.Write {
		if w != Conversation && w != Interaction {
			errs = append(errs, fmt.Errorf("write: want %s or %s, not %q", Conversation, Interaction, w))
		}
	}
	if c.PageSize < 1 || c.PageSize > maxPage {
		errs = append(errs, fmt.Errorf("pageSize: want 1 to %d, not %d", maxPage, c.PageSize))
	}
	if c.Tenants.CustomPerMinute < 0 {
		errs = append(errs, errors.New("tenants: want no negative number of requests"))
	}
	if slices.ContainsFunc(c.Filters, func(f Filter) bool { return f.Dimension == "" || f.Value == "" }) {
		errs = append(errs, errors.New("filters: want a field and a value for each"))
	}
	if slices.ContainsFunc(c.Tenants.Known, func(t string) bool { return t == "" || strings.TrimSpace(t) != t }) {
		errs = append(errs, errors.New("tenants: a known tenant has no name, or blanks around it"))
	}
	return errors.Join(append(errs, c.Projection.validate())...)
}

// conversationDimensions belong to the whole conversation; all others to its segments.
var conversationDimensions = []string{"conversationId", "divisionId", "externalTag", "originatingDirection"}
