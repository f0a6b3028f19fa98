package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/stack"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/keys/awskms"
	"github.com/maskrail/maskrail/libs/policy"
)

// defaultEnvironment is the sandbox of somebody who names none.
const defaultEnvironment = "sandbox"

// settings are the flags of every command that works with a policy, a key and a folder.
type settings struct {
	dir, policy, keyFile, env string
	keyEpoch                  int
}

func (s *settings) flags(c *cobra.Command) {
	s.maskFlags(c)
	c.Flags().StringVar(&s.dir, "dir", "maskrail-data", "folder for buckets, streams, keys and sandboxes")
}

func (s *settings) maskFlags(c *cobra.Command) {
	c.Flags().StringVar(&s.policy, "policy", "", "policy file (YAML)")
	c.Flags().StringVar(&s.keyFile, "key-file", "", "root key file; otherwise $"+keys.FileVar+" or $"+keys.TextVar)
	c.Flags().IntVar(&s.keyEpoch, "key-epoch", 0, "epoch of the key to mask with, for a sandbox of before a rotation; 0 is the last")
	c.Flags().StringVar(&s.env, "env", defaultEnvironment, "environment: one sandbox, with tokens of its own")
	c.MarkFlagRequired("policy")
}

// environmentName is what fits a file name, a durable's name and a subject token.
var environmentName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)

const environmentRule = "want lower-case letters, digits, - and _, at most 63, beginning with a letter or digit"

// load reads policy and key; whatever is wrong with them is the user's to mend.
func (s *settings) load(ctx context.Context) (*policy.Set, *keys.Ring, error) {
	if !environmentName.MatchString(s.env) {
		return nil, nil, app.Usage(fmt.Errorf("--env %q: %s", s.env, environmentRule))
	}
	set, err := loadPolicy(s.policy)
	if err != nil {
		return nil, nil, err
	}
	src := keys.FromEnvironment()
	if s.keyFile != "" {
		src = keys.Source{File: s.keyFile}
	}
	src.Epoch = s.keyEpoch
	ring, err := keys.Open(ctx, src, awskms.New(awskms.Options{}).Unwrap)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) && s.keyFile != "" {
			err = fmt.Errorf("%w: name the file that the sandbox was made with, or make one for a new sandbox with maskrail keygen --out %s", err, s.keyFile)
		}
		return nil, nil, usage(ctx, err)
	}
	return set, ring, nil
}

func (s *settings) config(ctx context.Context) (stack.Config, error) {
	set, ring, err := s.load(ctx)
	if err != nil {
		return stack.Config{}, err
	}
	if err := checkFolder("--dir", s.dir); err != nil {
		return stack.Config{}, err
	}
	dir, err := filepath.Abs(s.dir)
	if err != nil {
		return stack.Config{}, app.Usage(fmt.Errorf("--dir: %w", err))
	}
	return stack.Config{Dir: stack.Dir(dir), Environment: s.env, Policies: set, Ring: ring}, nil
}
