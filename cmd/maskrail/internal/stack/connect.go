package stack

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/maskrail/maskrail/libs/app"
)

// ErrNoWorkers means that nothing works for the environment: what is sent to it would lie until something does.
var ErrNoWorkers = errors.New("no workers of the environment run")

// Connect is Open without workers, for commands that look at what is there: it uses the servers of c.Remote, those of the
// stack that runs on the folder, or runs the folder's servers for the time being. Policies and Ring are not needed.
func Connect(ctx context.Context, c Config) (_ *Stack, err error) {
	if c.Remote.NATS != "" {
		return attachRemote(ctx, c)
	}
	if _, err := os.Stat(c.Dir.path("nats")); err != nil {
		return nil, app.Usage(fmt.Errorf("--dir %s holds no history: name the folder of an earlier run", c.Dir))
	}
	s := &Stack{buckets: app.DefaultCommon().Buckets, failed: make(chan error, 8)}
	defer func() {
		if err != nil {
			closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), Grace)
			defer cancel()
			err = errors.Join(err, s.Close(closing))
		}
	}()
	lock, err := c.Dir.lock()
	switch {
	case errors.Is(err, ErrInUse):
		if s.info, err = c.Dir.Info(); err != nil {
			return nil, fmt.Errorf("%w: it is starting or stopping; try again in a moment", err)
		}
	case err != nil:
		return nil, err
	default:
		s.onClose(func(context.Context) error { return lock.Close() })
		if err := s.servers(ctx, c); err != nil {
			return nil, err
		}
	}
	common, err := s.common(c.Dir)
	if err != nil {
		return nil, err
	}
	if err := Provision(ctx, common); err != nil {
		return nil, err
	}
	return s, s.connect(ctx, common)
}

// Serves reports whether workers of the environment are known to run: on servers elsewhere that shows when they work.
func (s *Stack) Serves(c Config) error {
	if _, ok := s.info.Environments[c.Environment]; !ok && c.Remote.NATS == "" {
		return ErrNoWorkers
	}
	return nil
}
