package exporter

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/run"
)

// Config is the exporter's configuration.
type Config struct {
	app.Common `yaml:",inline"`
	// Environments are the sandboxes that the sweep watches over. MASKRAIL_ENVIRONMENTS, with commas
	Environments []string `yaml:"environments" env:"ENVIRONMENTS"`
	// Entities are the first segments of keys that are let through; an object of another is rejected. Empty lets any
	// name through that a policy could have. MASKRAIL_ENTITIES, with commas
	Entities []string `yaml:"entities" env:"ENTITIES"`
	// Routes say what lies in folders of the raw bucket, see Route.
	Routes []Route `yaml:"routes"`
	// Workers is how many objects are announced at the same time, 1 to 256. An announcement reads no object.
	// MASKRAIL_WORKERS
	Workers int `yaml:"workers" env:"WORKERS"`
	// Sweep is how often the raw bucket is compared with what has ended, at least 1s; also once at the start.
	// MASKRAIL_SWEEP
	Sweep time.Duration `yaml:"sweep" env:"SWEEP"`
	// Grace is how long an announced object may be on its way before the sweep announces it again, at least 10m: the
	// bus drops a repetition that comes earlier. Each further time takes twice as long, up to a day. Longer than the
	// usual backlog is right; too short repeats work and loses nothing. MASKRAIL_GRACE
	Grace time.Duration `yaml:"grace" env:"GRACE"`
	// Sources are providers whose data is exported into the raw bucket, see Source.
	Sources []Source `yaml:"sources,omitempty"`
	// Refresh is POST /refresh, which asks for an export.
	Refresh Refresh `yaml:"refresh" envPrefix:"REFRESH_"`
	// Policy is a policy file. What a provider says of its fields is compared with it before anything is asked for; "" leaves
	// it to the masker. MASKRAIL_POLICY
	Policy string `yaml:"policy" env:"POLICY"`
	// Policies are given instead of a file by who runs the service as a part.
	Policies *policy.Set `yaml:"-"`
	// Arrivals are the ways by which notifications come, beside the bus itself.
	Arrivals Arrivals `yaml:"arrivals" envPrefix:"ARRIVALS_"`
	// Transport carries requests to providers for who runs the service as a part and has another way than the network.
	Transport http.RoundTripper `yaml:"-"`
}

// Default sweeps each minute.
func Default() Config {
	return Config{Common: app.DefaultCommon(), Workers: 8, Sweep: time.Minute, Grace: 15 * time.Minute}
}

const (
	maxWorkers     = 256
	maxEnvironment = 64 // bytes
	minSweep       = time.Second
	minGrace       = 10 * time.Minute
)

// Validate names every field that is wrong and what is right.
func (c Config) Validate() error {
	return errors.Join(c.Common.Validate(), c.check())
}

// check looks at what is the exporter's own.
func (c Config) check() error {
	var errs []error
	wrong := func(field, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: "+format, append([]any{field}, args...)...))
	}
	if len(c.Environments) == 0 {
		wrong("environments", "want the name of at least one sandbox, such as sandbox-01")
	}
	for i, e := range c.Environments {
		if e == "" || len(e) > maxEnvironment || strings.ContainsFunc(e, func(r rune) bool { return r <= ' ' || r > '~' }) {
			wrong("environments", "name %d: want 1 to %d visible ASCII characters", i+1, maxEnvironment)
		} else if slices.Contains(c.Environments[:i], e) {
			wrong("environments", "%s stands there twice", e)
		}
	}
	for i, e := range c.Entities {
		if !plausible(e) {
			wrong("entities", "name %d: want lower-case letters, digits and _, beginning with a letter", i+1)
		}
	}
	c.checkRoutes(wrong)
	if c.Workers < 1 || c.Workers > maxWorkers {
		wrong("workers", "want 1 to %d", maxWorkers)
	}
	if c.Sweep < minSweep {
		wrong("sweep", "want at least %s", minSweep)
	}
	if c.Grace < minGrace {
		wrong("grace", "want at least %s", minGrace)
	}
	c.checkEntities(wrong)
	return errors.Join(append(errs, CheckSources(c.Sources), c.Refresh.Validate(), c.Arrivals.Validate())...)
}

// checkEntities tells wrong of sources whose objects nobody would take.
func (c Config) checkEntities(wrong func(field, format string, args ...any)) {
	strange := func(entity string) bool { return len(c.Entities) > 0 && !slices.Contains(c.Entities, entity) }
	for i, s := range c.Sources {
		switch {
		case s.Type == run.SourceExport && strange(s.entity()):
			wrong(fmt.Sprintf("sources[%d].entity", i), "want one of entities, or add it there")
		case s.Type == run.SourceAnalytics && slices.ContainsFunc(s.Write, strange):
			wrong(fmt.Sprintf("sources[%d].write", i), "want those of entities, or add them there")
		}
	}
}
