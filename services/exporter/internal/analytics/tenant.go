package analytics

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/maskrail/maskrail/libs/tenant"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// The places that a conversation's tenant is looked for, in the order in which they count.
const (
	FromAttribute = "attribute"        // of a participant, written by a flow
	FromCustom    = "custom-attribute" // of the conversation
	FromTag       = "external-tag"
	FromQueue     = "queue"
	FromDivision  = "division"
)

// DefaultTenantKey is the attribute that names the tenant.
const DefaultTenantKey = "tenant_id"

// Tenants says how the tenant of a conversation is told. Nothing is ever guessed: a conversation whose tenant cannot be
// told is held.
type Tenants struct {
	Key string // of the attribute, exactly; default tenant_id
	// Custom asks the provider for the custom attributes of each conversation that has no such attribute: one request each.
	Custom          bool
	CustomKey       string   // of the custom attribute; default Key
	CustomPerMinute int      // requests; default 150
	Known           []string // the only tenants there are; nil means any name
	// Queues and Divisions are the tenants of queue and division ids. An id of nobody in particular has the tenant "". Once one
	// id of a conversation has a tenant, all others must be listed: one that is not may be somebody else's.
	Queues, Divisions map[string]string
}

// resolver finds tenants. It is safe for concurrent use.
type resolver struct {
	Tenants
	custom  func(ctx context.Context, conversation string) ([]byte, error) // the listing; nil does not ask
	names   tenant.Names
	mu      sync.Mutex
	refused map[string]string // what names has said of a tenant, "" when it may be one
}

// maxNames bounds what is remembered.
const maxNames = 10_000

func newResolver(t Tenants, custom func(context.Context, string) ([]byte, error)) (*resolver, error) {
	names, err := tenant.NewNames("")
	if err != nil {
		return nil, fmt.Errorf("tenants: %w", err)
	}
	return &resolver{Tenants: t, custom: custom, names: names, refused: map[string]string{}}, nil
}

// owner is whose a conversation is, and where that stands.
type owner struct{ tenant, source string }

// resolve tells the owner of c. The first place that says anything decides, and must say it clearly.
func (r *resolver) resolve(ctx context.Context, c *conversation) (owner, *fault, error) {
	for _, place := range []struct {
		source string
		look   func(context.Context, *conversation) (string, *fault, error)
	}{
		{FromAttribute, r.attribute},
		{FromCustom, r.customAttribute},
		{FromTag, r.tag},
		{FromQueue, r.queue},
		{FromDivision, r.division},
	} {
		tenant, bad, err := place.look(ctx, c)
		if tenant != "" && bad == nil && err == nil {
			bad = r.name(tenant, place.source)
		}
		if tenant != "" || bad != nil || err != nil {
			return owner{tenant, place.source}, bad, err
		}
	}
	return owner{}, &fault{source.ClassTenantMissing, "tenant_id", "nothing in the conversation tells its tenant: let a flow set the attribute, or map its queues or divisions"}, nil
}

func (r *resolver) attribute(_ context.Context, c *conversation) (string, *fault, error) {
	var w witness
	for _, p := range c.participants {
		w.hear(p.attributes, r.Key)
	}
	tenant, bad := w.verdict("participants[].attributes." + r.Key)
	return tenant, bad, nil
}

func (r *resolver) customAttribute(ctx context.Context, c *conversation) (string, *fault, error) {
	if r.custom == nil {
		return "", nil, nil
	}
	listing, err := r.custom(ctx, c.id)
	if err != nil {
		return "", nil, fmt.Errorf("read custom attributes of a conversation: %w", err)
	}
	var w witness
	for name, v := range members(listing) {
		if string(name) != "results" {
			continue
		}
		for record := range elements(v) {
			for name, v := range members(record) {
				if string(name) == "customAttributes" {
					w.hear(v, r.CustomKey)
				}
			}
		}
	}
	tenant, bad := w.verdict("customAttributes." + r.CustomKey)
	return tenant, bad, nil
}

// tag takes the external tag for a tenant where it is one that is known. It is a free text, mostly of something else.
func (r *resolver) tag(_ context.Context, c *conversation) (string, *fault, error) {
	if tag := strings.TrimSpace(c.tag); tag != "" && slices.Contains(r.Known, tag) {
		return tag, nil, nil
	}
	return "", nil, nil
}

func (r *resolver) queue(_ context.Context, c *conversation) (string, *fault, error) {
	var ids []string
	c.each(func(_ *participant, _ *session, g *segment) {
		if g.queue != "" {
			ids = append(ids, g.queue)
		}
	})
	tenant, bad := mapped(ids, r.Queues, "participants[].sessions[].segments[].queueId", "queue")
	return tenant, bad, nil
}

func (r *resolver) division(_ context.Context, c *conversation) (string, *fault, error) {
	tenant, bad := mapped(c.divisions, r.Divisions, "divisionIds[]", "division")
	return tenant, bad, nil
}

// mapped is the tenant that all ids agree on.
func mapped(ids []string, tenants map[string]string, field, kind string) (string, *fault) {
	var tenant string
	strange := false
	for _, id := range ids {
		t, listed := tenants[id]
		switch {
		case !listed:
			strange = true
		case t == "":
		case tenant == "":
			tenant = t
		case tenant != t:
			return "", &fault{source.ClassTenantConflict, field, "the conversation was in a " + kind + " of another tenant as well"}
		}
	}
	if tenant != "" && strange {
		return "", &fault{source.ClassTenantUnknown, field, "the conversation was in a " + kind + " that is not listed as well: list it with its tenant, or with none"}
	}
	return tenant, nil
}

// witness hears what several maps of attributes say of the tenant.
type witness struct {
	tenant                          string
	variants                        []string // under keys that differ by case
	blank, conflict, cut, malformed bool
}

// maxAttribute is where the provider cuts keys and values of attributes, in characters.
const maxAttribute = 1024

// hear takes the value of key in attributes. A key that is another only by its case may be a mistake for it.
func (w *witness) hear(attributes []byte, key string) {
	for name, v := range members(attributes) {
		exact := string(name) == key
		if !exact && !strings.EqualFold(strings.TrimSpace(string(name)), key) {
			continue
		}
		value, ok := textOf(v)
		named := strings.TrimSpace(value)
		switch {
		case !exact:
			w.variants = append(w.variants, named)
		case !ok && string(v) != "null":
			w.malformed = true
		case utf8.RuneCountInString(value) >= maxAttribute:
			w.cut = true
		case named == "":
			w.blank = true
		case w.tenant == "":
			w.tenant = named
		case w.tenant != named:
			w.conflict = true
		}
	}
}

// verdict is the tenant, "" when nobody said anything.
func (w *witness) verdict(field string) (string, *fault) {
	switch {
	case w.conflict:
		return "", &fault{source.ClassTenantConflict, field, "the attribute names two tenants: correct the flow that sets it"}
	case w.cut:
		return "", &fault{source.ClassTenantTruncated, field, "the attribute is as long as the provider lets one be, and may have been cut"}
	case w.malformed:
		return "", &fault{source.ClassTenantMalformed, field, "the attribute is no text"}
	case w.mistaken():
		return "", &fault{source.ClassTenantKey, field, "there is an attribute whose name differs in upper and lower case alone: correct the flow that sets it"}
	case w.tenant == "" && w.blank:
		return "", &fault{source.ClassTenantBlank, field, "the attribute is there and blank: correct the flow that sets it"}
	}
	return w.tenant, nil
}

// mistaken says that a key of another case may be meant for the right one: it says something else, or it alone is there.
func (w *witness) mistaken() bool {
	return slices.ContainsFunc(w.variants, func(v string) bool { return w.tenant == "" || v != "" && v != w.tenant })
}

// name says why a tenant's name is none, nil when it is one. What the masker would refuse is held here, where it holds up
// one conversation and not all those that are delivered with it.
func (r *resolver) name(name, place string) *fault {
	if r.Known != nil {
		if !slices.Contains(r.Known, name) {
			return &fault{source.ClassTenantUnknown, place, "the tenant is none of those that are known: add it, or correct the source"}
		}
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	why, seen := r.refused[name]
	if !seen {
		why = r.names.Refuse([]byte(name))
		if len(r.refused) < maxNames {
			r.refused[name] = why
		}
	}
	if why == "" {
		return nil
	}
	return &fault{source.ClassTenantMalformed, place, "the tenant " + why + ": correct the source, or list the tenants that are known"}
}
