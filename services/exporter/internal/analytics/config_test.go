package analytics

import (
	"strings"
	"testing"
)

func TestConfig(t *testing.T) {
	t.Parallel()
	if err := (Config{}).Validate(); err != nil {
		t.Error(err)
	}
	for want, c := range map[string]Config{
		"write":       {Write: []string{"interactions"}},
		"pageSize":    {PageSize: 10_001},
		"filters":     {Filters: []Filter{{Dimension: "direction"}}},
		"tenants":     {Tenants: Tenants{Known: []string{" acme"}}},
		"requests":    {Tenants: Tenants{CustomPerMinute: -1}},
		"attributes:": {Projection: Projection{Attributes: map[string]string{"interactionId": "id"}}},
	} {
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q in it", c, err, want)
		}
	}
}
