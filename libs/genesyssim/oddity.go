package genesyssim

import (
	"fmt"
	"slices"
	"strings"

	"github.com/maskrail/maskrail/libs/synth"
)

// Oddity makes every so many-th conversation unclear about its tenant, in one of synth.TenantOddities. Of several, the
// first that fits counts. A flat interaction has the attribute alone: blank, unknown and nowhere are what it can be.
type Oddity struct {
	Tenant string `yaml:"tenant"`
	Every  int64  `yaml:"every"`
}

func (o Oddity) validate() error {
	if !slices.Contains(synth.TenantOddities(), o.Tenant) {
		return fmt.Errorf("tenant: want one of %s", strings.Join(synth.TenantOddities(), ", "))
	}
	if o.Every < 1 {
		return fmt.Errorf("every: want 1 or more, not %d", o.Every)
	}
	return nil
}

// oddity is what is unclear about conversation i.
func (w *world) oddity(i int64) string {
	for _, o := range w.Odd {
		if i >= 0 && i%o.Every == o.Every-1 {
			return o.Tenant
		}
	}
	return ""
}

// other is a tenant that is not this one.
func (w *world) other(tenant string) string {
	for _, t := range w.Tenants {
		if t != tenant {
			return t
		}
	}
	return synth.StrangeTenant
}
