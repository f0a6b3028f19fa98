package exporter

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/drift"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/run"
	"github.com/maskrail/maskrail/services/exporter/internal/analytics"
	"github.com/maskrail/maskrail/services/exporter/internal/dataexport"
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
	run.SourceExport:    {check: checkExport, open: openExport, limit: quota.Limit{Requests: 100, Per: time.Second}, window: 7 * 24 * time.Hour},
}

// source opens the source.
func (s Source) source(c Config, deps app.Deps) (source.Source, error) {
	client, err := s.connect(c.Transport)
	if err != nil {
		return nil, err
	}
	src, err := kinds[s.Type].open(s, c, client)
	if err != nil {
		return nil, app.Usage(fmt.Errorf("sources: %s: %w", s.Name, err))
	}
	deps.Telemetry.Gauge("maskrail.export.quota.left", func() int64 { return int64(client.Left()) }, sourceAttr(s.Name))
	return src, nil
}

// connect makes the source's client; it asks for nothing yet.
func (s Source) connect(transport http.RoundTripper) (*genesys.Client, error) {
	secret, err := s.secret()
	if err != nil {
		return nil, err
	}
	org := s.client(secret, kinds[s.Type].limit)
	org.Transport = transport
	client, err := genesys.New(org)
	if err != nil {
		return nil, app.Usage(fmt.Errorf("sources: %s: %w", s.Name, err))
	}
	return client, nil
}

// client is the configuration of the source's client; limit is that of its kind.
func (s Source) client(secret keys.Secret, limit quota.Limit) genesys.Config {
	if s.RateLimit > 0 {
		limit.Requests = s.RateLimit
	}
	return genesys.Config{Region: s.Region, API: s.API, Login: s.Login, ClientID: s.ClientID, ClientSecret: secret, Limit: limit}
}

// check says what is wrong with addresses and client id, and with fields that are another type's.
func (s Source) check(others any) error {
	err := s.client(keys.NewSecret([]byte("any")), quota.Limit{Requests: 1, Per: time.Second}).Validate() // of the secret no more than that there is one
	if s.RateLimit < 0 {
		err = errors.Join(err, errors.New("rateLimit: want a number of requests"))
	}
	for field, value := range reflect.ValueOf(others).Fields() {
		if !value.IsZero() {
			err = errors.Join(err, fmt.Errorf("%s: another type of source has this", field.Tag.Get("yaml")))
		}
	}
	return err
}

func checkAnalytics(s Source) error {
	c, err := s.analytics()
	return errors.Join(flat(s.check(s.DataExport), err, c.Validate())...)
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
		Write: a.Write, Open: a.Open, PageSize: a.PageSize,
		Tenants: analytics.Tenants{
			Key: a.TenantKey, Known: a.KnownTenants, Queues: a.Queues, Divisions: a.Divisions,
			Custom: a.CustomAttributes, CustomKey: a.CustomAttributeKey, CustomPerMinute: (max(0, s.RateLimit) + 1) / 2,
		},
		Projection: analytics.Projection{Attributes: a.Attributes, Notes: a.Notes, HideTenantSource: a.HideTenantSource},
		Tail:       a.Tail,
	}
	var errs []error
	for i, f := range s.Filters {
		if op := cmp.Or(f.Operator, "EQ"); op != "EQ" || len(f.Values) > 1 {
			errs = append(errs, fmt.Errorf("filters: filter %d: this type of source compares with one value by EQ", i+1))
		}
		c.Filters = append(c.Filters, analytics.Filter{Dimension: f.Field, Value: f.values()[0]})
	}
	return c, errors.Join(errs...)
}

// values are those of the filter, at least one.
func (f Filter) values() []string {
	if len(f.Values) > 0 {
		return f.Values
	}
	return []string{f.Value}
}

func checkExport(s Source) error {
	c := s.dataExport(Config{})
	c.Fields = nil // what the policies say of them is known when the source is opened
	_, err := dataexport.New(nil, c)
	return errors.Join(flat(s.check(s.Analytics), errors.Unwrap(err))...) // without the operation, as these are faults of fields
}

func openExport(s Source, c Config, client *genesys.Client) (source.Source, error) {
	return dataexport.New(client, s.dataExport(c))
}

// entity is what a source of type data-export delivers.
func (s Source) entity() string { return cmp.Or(s.Entity, analytics.Interaction) }

// delivers are the entities of which the source may store objects, held ones among them.
func (s Source) delivers() []string {
	if s.Type == run.SourceExport {
		return []string{s.entity()}
	}
	return []string{analytics.Conversation, analytics.Interaction}
}

// dataExport is the configuration of the kind.
func (s Source) dataExport(c Config) dataexport.Config {
	d := dataexport.Config{
		Entity: s.entity(), Bucket: cmp.Or(c.Buckets.Raw, "any"), Region: cmp.Or(s.BucketRegion, c.S3.Region, "us-east-1"), Format: s.Format, Fields: s.Fields,
	}
	if s.Filters != nil {
		d.Filters = []dataexport.Filter{} // none is not the default
	}
	for _, f := range s.Filters {
		d.Filters = append(d.Filters, dataexport.Filter{Field: f.Field, Operator: cmp.Or(f.Operator, "EQ"), Values: f.values()})
	}
	if c.Policies != nil {
		d.Policies = slices.Collect(c.Policies.All())
	}
	return d
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
