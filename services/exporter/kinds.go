package exporter

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/drift"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/run"
	"github.com/maskrail/maskrail/services/exporter/internal/analytics"
	"github.com/maskrail/maskrail/services/exporter/internal/genesys"
	"github.com/maskrail/maskrail/services/exporter/internal/quota"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// kind is a type of sources.
type kind struct {
	window time.Duration // the default; 0 for defaultWindow
	// check says what is wrong with a source of the kind, without its secret. An error begins with the field.
	check func(Source) error
	// open makes the source.
	open func(s Source, c Config, client *genesys.Client) (source.Source, error)
	// limit is the rate limit of the provider's API, until its headers say another number.
	limit quota.Limit
}

// kinds are the types of sources there are.
var kinds = map[string]kind{
	run.SourceAnalytics: {check: checkAnalytics, open: openAnalytics, limit: quota.Limit{Requests: 300, Per: time.Minute}},
}

// source opens the source.
func (s Source) source(c Config, deps app.Deps) (source.Source, error) {
	secret, err := s.secret()
	if err != nil {
		return nil, err
	}
	client, err := genesys.New(s.client(secret, kinds[s.Type].limit))
	if err != nil {
		return nil, app.Usage(fmt.Errorf("sources: %s: %w", s.Name, err))
	}
	src, err := kinds[s.Type].open(s, c, client)
	if err != nil {
		return nil, app.Usage(fmt.Errorf("sources: %s: %w", s.Name, err))
	}
	deps.Telemetry.Gauge("maskrail.export.quota.left", func() int64 { return int64(client.Left()) }, sourceAttr(s.Name))
	return src, nil
}

// client is the configuration of the source's client; limit is that of its kind.
func (s Source) client(secret keys.Secret, limit quota.Limit) genesys.Config {
	if s.RateLimit > 0 {
		limit = quota.Limit{Requests: s.RateLimit, Per: time.Minute}
	}
	return genesys.Config{Region: s.Region, API: s.API, Login: s.Login, ClientID: s.ClientID, ClientSecret: secret, Limit: limit}
}

// checkClient says what is wrong with addresses and client id.
func (s Source) checkClient() error {
	err := s.client(keys.NewSecret([]byte("any")), quota.Limit{}).Validate() // of the secret no more than that there is one
	if s.RateLimit < 0 {
		err = errors.Join(err, errors.New("rateLimit: want requests a minute"))
	}
	return err
}

func checkAnalytics(s Source) error {
	c, err := s.analytics()
	return errors.Join(flat(s.checkClient(), err, c.Validate())...)
}

func openAnalytics(s Source, c Config, client *genesys.Client) (source.Source, error) {
	a, err := s.analytics()
	if err != nil {
		return nil, err
	}
	if len(a.Write) == 0 && len(c.Entities) > 0 { // of the two, what somebody takes
		for _, entity := range []string{analytics.Conversation, analytics.Interaction} {
			if slices.Contains(c.Entities, entity) {
				a.Write = append(a.Write, entity)
			}
		}
		if len(a.Write) == 0 {
			return nil, fmt.Errorf("write: it delivers %s and %s, and entities has neither", analytics.Conversation, analytics.Interaction)
		}
	}
	if c.Policies != nil { // whose objects it would stop
		if p, ok := c.Policies.For(analytics.Interaction); ok && !drift.Named(p, "tenant_source") {
			a.Projection.HideTenantSource = true
		}
	}
	return analytics.New(client, a)
}

// analytics is the configuration of the kind.
func (s Source) analytics() (analytics.Config, error) {
	a := s.Analytics
	c := analytics.Config{
		Write: a.Write, Open: a.Open,
		Tenants: analytics.Tenants{
			Key: a.TenantKey, Custom: a.CustomAttributes, Known: a.KnownTenants, Queues: a.Queues, Divisions: a.Divisions,
		},
		Projection: analytics.Projection{Attributes: a.Attributes, Notes: a.Notes, HideTenantSource: a.HideTenantSource},
		Tail:       analytics.Tail{On: a.Tail},
	}
	var errs []error
	for i, f := range s.Filters {
		if op := cmp.Or(f.Operator, "EQ"); op != "EQ" || len(f.Values) > 1 {
			errs = append(errs, fmt.Errorf("filters: filter %d: this type of source compares with one value by EQ", i+1))
		}
		c.Filters = append(c.Filters, analytics.Filter{Dimension: f.Field, Value: f.value()})
	}
	return c, errors.Join(errs...)
}

// value is the one value of the filter.
func (f Filter) value() string {
	if len(f.Values) > 0 {
		return f.Values[0]
	}
	return f.Value
}

// flat is every single error of those that were joined.
func flat(errs ...error) (all []error) {
	for _, err := range errs {
		switch parts := each(err); {
		case parts != nil:
			all = append(all, flat(parts...)...)
		case err != nil:
			all = append(all, err)
		}
	}
	return all
}
