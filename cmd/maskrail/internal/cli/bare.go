package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/stack"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/quarantine"
)

// bare are the flags of commands that look at what a pipeline left behind, without policy and key.
type bare struct {
	dir, env string
	remote   stack.Remote
}

func (b *bare) flags(c *cobra.Command) {
	c.Flags().StringVar(&b.dir, "dir", "maskrail-data", "folder for buckets, streams, keys and sandboxes")
	c.Flags().StringVar(&b.env, "env", defaultEnvironment, "environment: one sandbox, with tokens of its own")
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
	s, err := w.connect(ctx, t)
	if err != nil {
		return nil, err
	}
	if err := s.stack.Serves(s.cfg); errors.Is(err, stack.ErrNoWorkers) {
		s.close(ctx)
		return nil, app.Usage(fmt.Errorf("nothing works for %s on %s: name --policy and --key-file, or start maskrail up first", w.bare.env, w.bare.dir))
	}
	return s, nil
}
