package exporter

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/services/exporter/internal/export"
)

// Source is a provider whose data is exported into the raw bucket. What is left out has the default of the comment.
type Source struct {
	// Name tells sources apart: lower-case letters, digits, - and _. It stands in metrics, and its variables are
	// MASKRAIL_SOURCES_<NAME>_..., in capitals and with _ for -.
	Name string `yaml:"name"`
	// Type is genesys-analytics or data-export.
	Type string `yaml:"type"`

	// Region is the domain of the organisation, such as mypurecloud.de. API and Login are addresses instead of it.
	Region string `yaml:"region"`
	API    string `yaml:"api"`
	Login  string `yaml:"login"`
	// ClientID is that of an OAuth client with the grant client credentials. Its secret stands in a file, mode 0600, or in
	// MASKRAIL_SOURCES_<NAME>_CLIENT_SECRET.
	ClientID         string `yaml:"clientId"`
	ClientSecretFile string `yaml:"clientSecretFile"`
	// RateLimit is how many requests the token may make, until the provider says another number: a minute, 300, and a second
	// for data-export, 100.
	RateLimit int `yaml:"rateLimit"`

	// Schedule is a cron expression in UTC; "0 2 * * *". "" exports on demand alone. A source that was never exported is
	// exported at once, and so is one whose time came while nobody ran.
	Schedule *string `yaml:"schedule"`
	// Jitter is the longest delay after a scheduled time; 5m.
	Jitter *time.Duration `yaml:"jitter"`
	// Window is the longest span that is asked for at once; 24h, and 168h for data-export. Smaller ones are taken where the
	// provider gives no more.
	Window time.Duration `yaml:"window"`
	// Concurrency is how many windows are exported at the same time, 1 to 16; 2.
	Concurrency int `yaml:"concurrency"`
	// Lookback is how far back the first export begins; 168h.
	Lookback time.Duration `yaml:"lookback"`
	// Overlap is how much of what was exported is exported again by the next run, as records change afterwards; 48h.
	Overlap *time.Duration `yaml:"overlap"`
	// Resweeps are ages at which a day is exported once more; [96h, 840h].
	Resweeps []time.Duration `yaml:"resweeps"`

	// Tenants are whose rows are wanted; everyone's.
	Tenants []string `yaml:"tenants"`
	// Filters narrow what is exported; none, and direction EQ INBOUND for data-export.
	Filters []Filter `yaml:"filters"`

	Analytics  `yaml:",inline"`
	DataExport `yaml:",inline"`
}

// Filter wants a field to have a value.
type Filter struct {
	Field    string   `yaml:"field"`
	Operator string   `yaml:"operator"` // EQ, NE or IN; "" is EQ. genesys-analytics has EQ alone
	Value    string   `yaml:"value"`
	Values   []string `yaml:"values"` // instead of Value
}

// Analytics is what a source of type genesys-analytics has besides.
type Analytics struct {
	// Write are the entities that are written: conversation, interaction; those of the two that entities has.
	Write []string `yaml:"write"`
	// Open takes conversations that have not ended as well.
	Open bool `yaml:"open"`
	// PageSize is how many conversations are asked for at once, 1 to 10000; 1000. Pages are held in memory.
	PageSize int `yaml:"pageSize"`
	// TenantKey is the attribute of participants that tells the tenant; tenant_id.
	TenantKey string `yaml:"tenantKey"`
	// KnownTenants are the only tenants there are; any name. Conversations of others are held for an operator.
	KnownTenants []string `yaml:"knownTenants"`
	// Queues and Divisions are the tenants of queue and division ids, for conversations that do not say.
	Queues    map[string]string `yaml:"queues"`
	Divisions map[string]string `yaml:"divisions"`
	// CustomAttributes asks for the custom attributes of each conversation that does not say: one request each, for which at
	// most half of RateLimit is taken. CustomAttributeKey is the one that tells the tenant; TenantKey.
	CustomAttributes   bool   `yaml:"customAttributes"`
	CustomAttributeKey string `yaml:"customAttributeKey"`
	// Attributes are the customer's attributes that fields of interactions are taken from, by field.
	Attributes map[string]string `yaml:"attributes"`
	// Notes takes what agents wrote when they wrapped up into interactions.
	Notes bool `yaml:"notes"`
	// HideTenantSource leaves the field tenant_source, which says where the tenant was found, out of interactions. It is left
	// out as well when policies are given, and that of interactions does not name it.
	HideTenantSource bool `yaml:"hideTenantSource"`
	// Tail asks by query for what the jobs do not have yet.
	Tail bool `yaml:"tail"`
}

// DataExport is what a source of type data-export has besides.
type DataExport struct {
	// Entity is what is exported; interaction.
	Entity string `yaml:"entity"`
	// Format is JSON_LINES, PARQUET or CSV; JSON_LINES.
	Format string `yaml:"format"`
	// Fields are what is exported; all but recordingContent and transcript, which the policy must scrub or remove to be named.
	Fields []string `yaml:"fields"`
	// BucketRegion is the AWS region of the raw bucket, into which the provider writes; s3.region, or us-east-1.
	BucketRegion string `yaml:"bucketRegion"`
}

// The defaults of sources.
const (
	DefaultSchedule    = "0 2 * * *"
	defaultJitter      = 5 * time.Minute
	defaultWindow      = 24 * time.Hour
	defaultLookback    = 7 * 24 * time.Hour
	defaultOverlap     = 48 * time.Hour
	defaultConcurrency = 2
	maxConcurrency     = 16
	maxSpan            = 366 * 24 * time.Hour
	maxSources         = 64
	minTail            = 24 * time.Hour // by how much the jobs' data may be late
)

var defaultResweeps = []time.Duration{4 * 24 * time.Hour, 35 * 24 * time.Hour}

var sourceName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)

// settings are those of the engine.
func (s Source) settings() export.Settings {
	resweeps := s.Resweeps
	if resweeps == nil {
		resweeps = defaultResweeps
	}
	return export.Settings{
		Name: s.Name, Type: s.Type, Schedule: value(s.Schedule, DefaultSchedule), Jitter: value(s.Jitter, defaultJitter),
		Window: cmp.Or(s.Window, kinds[s.Type].window, defaultWindow), Lookback: cmp.Or(s.Lookback, defaultLookback),
		Overlap: value(s.Overlap, defaultOverlap), Resweeps: resweeps, Tenants: s.Tenants, Workers: cmp.Or(s.Concurrency, defaultConcurrency),
	}
}

// value is what p points to, or the default.
func value[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}

// secretVariable is where the client's secret stands, if not in a file.
func (s Source) secretVariable() string {
	return app.EnvPrefix + "SOURCES_" + strings.ToUpper(strings.ReplaceAll(s.Name, "-", "_")) + "_CLIENT_SECRET"
}

// secret reads the client's secret.
func (s Source) secret() (keys.Secret, error) {
	text := os.Getenv(s.secretVariable())
	switch {
	case s.ClientSecretFile != "" && text != "":
		return keys.Secret{}, app.Usage(fmt.Errorf("sources: %s: the secret is given twice: unset %s or clientSecretFile", s.Name, s.secretVariable()))
	case s.ClientSecretFile != "":
		return readSecret("sources: "+s.Name+": clientSecretFile", s.ClientSecretFile, func(keys.Secret) error { return nil })
	case text == "":
		return keys.Secret{}, app.Usage(fmt.Errorf("sources: %s: want the client's secret in a file that clientSecretFile names, or in %s", s.Name, s.secretVariable()))
	}
	return keys.NewSecret([]byte(text)), nil
}

// CheckSources names every field of a source that is wrong and what is right. It reads no secret.
func CheckSources(sources []Source) error {
	var errs []error
	wrong := func(field, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: "+format, append([]any{field}, args...)...))
	}
	if len(sources) > maxSources {
		wrong("sources", "want at most %d", maxSources)
	}
	for i, s := range sources {
		fault := func(field, format string, args ...any) {
			wrong(fmt.Sprintf("sources[%d].%s", i, field), format, args...)
		}
		switch {
		case !sourceName.MatchString(s.Name):
			fault("name", "want 1 to 32 lower-case letters, digits, - and _, beginning with a letter or digit")
		case slices.ContainsFunc(sources[:i], func(o Source) bool { return o.secretVariable() == s.secretVariable() }):
			fault("name", "another source has it")
		}
		k, known := kinds[s.Type]
		if !known {
			fault("type", "want one of %s", strings.Join(slices.Sorted(maps.Keys(kinds)), ", "))
			continue
		}
		s.checkTimes(fault)
		if s.Concurrency < 0 || s.Concurrency > maxConcurrency {
			fault("concurrency", "want 1 to %d", maxConcurrency)
		}
		for j, name := range s.Tenants {
			if reason := noTenant(name); reason != "" {
				fault("tenants", "name %d %s", j+1, reason)
			}
		}
		for j, f := range s.Filters {
			if f.Value != "" && len(f.Values) > 0 {
				fault("filters", "filter %d: want value or values, not both", j+1)
			}
		}
		for _, err := range each(k.check(s)) {
			errs = append(errs, fmt.Errorf("sources[%d].%w", i, err))
		}
	}
	return errors.Join(errs...)
}

func (s Source) checkTimes(fault func(field, format string, args ...any)) {
	set := s.settings()
	if set.Schedule != "" {
		if err := export.CheckSchedule(set.Schedule); err != nil {
			fault("schedule", "%w", err)
		}
	}
	if set.Jitter < 0 || set.Jitter > 12*time.Hour {
		fault("jitter", "want 0 to 12h")
	}
	if set.Window < export.Smallest || set.Window > maxSpan {
		fault("window", "want %s to %s", export.Smallest, maxSpan)
	}
	if set.Lookback < export.Smallest || set.Lookback > 10*maxSpan {
		fault("lookback", "want %s to %s", export.Smallest, 10*maxSpan)
	}
	if set.Overlap < 0 || set.Overlap > maxSpan {
		fault("overlap", "want 0 to %s", maxSpan)
	}
	if s.Tail && set.Overlap < minTail {
		fault("overlap", "want at least 24h with tail: the jobs deliver what was taken by query once more, and whole")
	}
	for i, age := range set.Resweeps {
		if age < 24*time.Hour || age > maxSpan || slices.Contains(set.Resweeps[:i], age) {
			fault("resweeps", "age %d: want 24h to %s, each once", i+1, maxSpan)
		}
	}
}
