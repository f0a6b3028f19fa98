package exporter

import (
	"context"
	"fmt"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/telemetry"
	"github.com/maskrail/maskrail/services/exporter/internal/export"
)

// exports is the engine of the configured sources, and who may ask it for a run.
type exports struct {
	engine *export.Engine // nil without sources
	token  keys.Secret    // zero when nobody may ask
}

// openExports opens the sources; it does not talk to any provider yet.
func (s *Service) openExports() (err error) {
	c := s.config
	if s.exports.token, err = c.Refresh.secret(); err != nil {
		return err
	}
	if len(c.Sources) == 0 {
		return nil
	}
	policies := c.Policies
	if policies == nil && c.Policy != "" {
		if policies, err = policy.Load(c.Policy); err != nil {
			return app.Usage(fmt.Errorf("policy: %w", err))
		}
	}
	c.Policies = policies
	s.exports.engine = export.New(export.Deps{
		Bus: s.deps.Bus, Store: s.deps.Store, Telemetry: s.deps.Telemetry, Raw: s.raw, Quarantine: c.Buckets.Quarantine,
		Environments: c.Environments, Policies: policies, Lease: c.AckWait,
		Announce: func(ctx context.Context, at blob.Location) error {
			done, _, err := s.tell(ctx, at, nil)
			if err == nil && done == filledNothing {
				return export.ErrIgnored
			}
			return err
		},
	})
	for _, each := range c.Sources {
		src, err := each.source(c, s.deps)
		if err != nil {
			return err
		}
		s.exports.engine.Add(each.settings(), src)
	}
	return nil
}

// run exports until ctx ends.
func (e *exports) run(ctx context.Context) error {
	if e.engine == nil {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	return e.engine.Run(ctx)
}

func sourceAttr(name string) telemetry.Attr { return telemetry.String("maskrail.source", name) }
