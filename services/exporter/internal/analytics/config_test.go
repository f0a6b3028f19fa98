package analytics

import (
	"strings"
	"testing"
	"time"
)

func TestConfig(t *testing.T) {
	t.Parallel()
	if err := (Config{}).Validate(); err != nil {
		t.Error(err)
	}
	for want, c := range map[string]Config{
		"write":       {Write: []string{"interactions"}},
		"pageSize":    {PageSize: 10_001},
		"patience":    {Patience: -time.Second},
		"filters":     {Filters: []Filter{{Dimension: "direction"}}},
		"tenants":     {Tenants: Tenants{Known: []string{" acme"}}},
		"requests":    {Tenants: Tenants{CustomPerMinute: -1}},
		"tail":        {Tail: Tail{PageSize: 101}},
		"6 days":      {Tail: Tail{Back: 7 * 24 * time.Hour}},
		"attributes:": {Projection: Projection{Attributes: map[string]string{"interactionId": "id"}}},
	} {
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q in it", c, err, want)
		}
	}
}
