package exporter

import (
	"context"
	"fmt"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/run"
	"github.com/maskrail/maskrail/services/exporter/internal/dataexport"
)

// Tag is the field of a source's interactions that tells tenants apart.
type Tag struct {
	Source  string `json:"source"`
	Created bool   `json:"created"` // it was not there before
}

// ProvisionTags gives the interactions of each source of type data-export the field tenant_id, unless they have it. It may
// be done again at any time. Sources of other types have nothing to provision.
func ProvisionTags(ctx context.Context, sources []Source) ([]Tag, error) {
	var tags []Tag
	for _, s := range sources {
		if s.Type != run.SourceExport {
			continue
		}
		client, err := s.connect(nil)
		if err != nil {
			return tags, err
		}
		c := s.dataExport(Config{})
		c.Fields = nil // what is exported does not matter here
		src, err := dataexport.New(client, c)
		if err != nil {
			return tags, app.Usage(fmt.Errorf("sources: %s: %w", s.Name, err))
		}
		created, err := src.Provision(ctx)
		if err != nil {
			return tags, fmt.Errorf("source %s: %w", s.Name, err)
		}
		tags = append(tags, Tag{s.Name, created})
	}
	return tags, nil
}
