package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/stack"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/quarantine"
	"github.com/maskrail/maskrail/services/exporter"
)

// bare are the flags of commands that look at what a pipeline left behind, without policy and key.
type bare struct {
	dir, env string
	remote   stack.Remote
}

func (b *bare) flags(c *cobra.Command) {
	b.placeFlags(c)
	c.Flags().StringVar(&b.env, "env", defaultEnvironment, "environment: one sandbox, with tokens of its own")
}

// placeFlags are the flags of a command that is about no environment.
func (b *bare) placeFlags(c *cobra.Command) {
	b.env = defaultEnvironment
	c.Flags().StringVar(&b.dir, "dir", "maskrail-data", "folder for buckets, streams, keys and sandboxes")
	b.remote.Flags(c.Flags())
}

func (b *bare) config() (stack.Config, error) {
	if !environmentName.MatchString(b.env) {
		return stack.Config{}, app.Usage(fmt.Errorf("--env %q: %s", b.env, environmentRule))
	}
	dir, err := filepath.Abs(b.dir)
	if err != nil {
		return stack.Config{}, app.Usage(fmt.Errorf("--dir: %w", err))
	}
	return stack.Config{Dir: stack.Dir(dir), Environment: b.env, Remote: b.remote}, nil
}

// connect opens a session without workers.
func (b *bare) connect(ctx context.Context, t *terminal) (*session, error) {
	cfg, err := b.config()
	if err != nil {
		return nil, err
	}
	return begin(ctx, t, cfg, stack.Connect)
}

// look is connect for commands that only look: of an environment that nothing was ever done for they would say that all is
// well there, and a name is soon mistyped.
func (b *bare) look(ctx context.Context, t *terminal) (*session, error) {
	s, err := b.connect(ctx, t)
	if err != nil {
		return nil, err
	}
	if err := s.knows(ctx, b.env); err != nil {
		s.close(ctx)
		return nil, err
	}
	return s, nil
}

// knows refuses an environment that nothing was ever done for, as far as that can be told.
func (s *session) knows(ctx context.Context, env string) error {
	known, err := exporter.Environments(ctx, s.stack.Store(), s.stack.Buckets().Raw)
	if err != nil {
		return err
	}
	if s.cfg.Remote.NATS == "" {
		known = append(known, s.cfg.Dir.Environments()...)
	}
	return among(known, env)
}

// among is nil when the environment is one of those, or none is known.
func among(known []string, env string) error {
	slices.Sort(known)
	if known = slices.Compact(known); len(known) == 0 || slices.Contains(known, env) {
		return nil
	}
	return app.Usage(fmt.Errorf("--env %s: nothing was ever done for it here: choose one of %s", env, strings.Join(known, ", ")))
}

// quarantine is the quarantine of the session's environment.
func (s *session) quarantine() quarantine.Store {
	return quarantine.Store{Bus: s.stack.Bus(), Blobs: s.stack.Store(), Quarantine: s.stack.Buckets().Quarantine, Environment: s.cfg.Environment}
}

// working are the flags of commands that need workers: those that run, or, with a policy and a key, their own.
type working struct {
	bare
	settings
}

func (w *working) flags(c *cobra.Command) {
	w.bare.flags(c)
	c.Flags().StringVar(&w.policy, "policy", "", "policy file (YAML), to run workers where none run")
	c.Flags().StringVar(&w.keyFile, "key-file", "", "root key file for them; otherwise $"+keys.FileVar+" or $"+keys.TextVar)
	c.Flags().IntVar(&w.keyEpoch, "key-epoch", 0, "epoch of the key to mask with, for a sandbox of before a rotation; 0 is the last")
}

// open opens a session with workers.
func (w *working) open(ctx context.Context, t *terminal) (*session, error) {
	return w.openWith(ctx, t, func(*stack.Config) {})
}

// openWith is open, with a configuration that is changed for workers of the session's own.
func (w *working) openWith(ctx context.Context, t *terminal, change func(*stack.Config)) (*session, error) {
	if w.policy != "" {
		w.settings.dir, w.settings.env = w.bare.dir, w.bare.env
		cfg, err := w.settings.config(ctx)
		if err != nil {
			return nil, err
		}
		cfg.Remote = w.remote
		change(&cfg)
		return open(ctx, t, cfg)
	}
	s, err := w.look(ctx, t)
	if err != nil {
		return nil, err
	}
	if err := s.stack.Serves(s.cfg); errors.Is(err, stack.ErrNoWorkers) {
		s.close(ctx)
		return nil, app.Usage(fmt.Errorf("nothing works for %s on %s: name --policy and --key-file, or start maskrail up first", w.bare.env, w.bare.dir))
	}
	return s, nil
}
