package exporter_test

import (
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/services/exporter"
)

func TestConfig(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*exporter.Config)
		want   string // part of the error; "" means none
	}{
		{"default with an environment", func(*exporter.Config) {}, ""},
		{"two environments", func(c *exporter.Config) { c.Environments = []string{"a", "b"} }, ""},
		{"no environment", func(c *exporter.Config) { c.Environments = nil }, "environments"},
		{"an environment twice", func(c *exporter.Config) { c.Environments = []string{"a", "a"} }, "twice"},
		{"an environment with a space", func(c *exporter.Config) { c.Environments = []string{"a b"} }, "name 1"},
		{"entities", func(c *exporter.Config) { c.Entities = []string{"interaction"} }, ""},
		{"an entity that cannot be", func(c *exporter.Config) { c.Entities = []string{"interaction", "A/B"} }, "name 2"},
		{"no workers", func(c *exporter.Config) { c.Workers = 0 }, "workers: want 1"},
		{"sweep too often", func(c *exporter.Config) { c.Sweep = time.Millisecond }, "sweep: want at least 1s"},
		{"too little grace", func(c *exporter.Config) { c.Grace = time.Minute }, "grace: want at least 10m"},
		{"common part", func(c *exporter.Config) { c.Buckets.Raw = "" }, "buckets.raw"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := exporter.Default()
			c.Environments = []string{"sandbox"}
			tt.change(&c)
			err := c.Validate()
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

func TestNewNeedsConnections(t *testing.T) {
	t.Parallel()
	c := exporter.Default()
	c.Environments = []string{"sandbox"}
	if _, err := exporter.New(c, app.Deps{}); err == nil {
		t.Error("an exporter without connections")
	}
}
