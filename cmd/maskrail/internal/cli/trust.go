package cli

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/attest"
)

func newTrust(t *terminal) *cobra.Command {
	c := &cobra.Command{
		Use:   "trust",
		Short: "Say whose signatures are believed, and which policies an environment allows",
		Long: `A trust folder holds public keys and the file trust.yaml, which binds each key to a role, to environments and to a time,
and lists the policies that may reach an environment. Masker, validator, loader and maskrail verify read it when they start. These
commands add to it; to take something out, edit trust.yaml.`,
	}
	c.AddCommand(newTrustAdd(t), newTrustAllow(t))
	return c
}

func newTrustAdd(t *terminal) *cobra.Command {
	var (
		e           attest.Entry
		key         string
		from, until instant
	)
	c := &cobra.Command{
		Use:   "add FOLDER --role ROLE --key FILE.pub --env NAME",
		Short: "Trust a public key",
		Long: `Copies a public key into the folder, which is made if need be, and adds an entry for it to trust.yaml. The same entry again
changes nothing. With --not-before and --not-after the key counts from and until that moment: of a masker the time of the
verdict counts, of a validator that of its verdict and of the load.`,
		Example: `  maskrail trust add trust --role masker --key masker.pem.pub --env sandbox
  maskrail trust add trust --role masker --key next.pem.pub --env sandbox --not-before 2026-06-01T00:00:00Z`,
		Args: oneArg("the trust folder"),
		RunE: func(_ *cobra.Command, args []string) (err error) {
			if err := checkFolder("FOLDER", args[0]); err != nil {
				return err
			}
			for _, env := range e.Environments {
				if env != attest.Everywhere && !environmentName.MatchString(env) {
					return app.Usage(fmt.Errorf("--env %q: %s; %q means all", env, environmentRule, attest.Everywhere))
				}
			}
			if len(e.Environments) == 0 {
				return app.Usage(fmt.Errorf("--env: want a name, or %q for all: a key without any is trusted nowhere", attest.Everywhere))
			}
			if err := checkInput(key); err != nil {
				return fmt.Errorf("--key: %w", err)
			}
			if e.Key, err = os.ReadFile(key); err != nil {
				return app.Usage(err)
			}
			e.NotBefore, e.NotAfter = from.Time, until.Time
			added, err := attest.TrustFolder(args[0]).Add(e)
			if err != nil {
				return app.Usage(fmt.Errorf("--key %s: %w", key, err))
			}
			t.say("%s", map[bool]string{true: "the key is trusted as " + e.Role, false: "the key was trusted so already"}[added])
			if t.json {
				t.report(map[string]any{"folder": args[0], "role": e.Role, "added": added})
			}
			return nil
		},
	}
	c.Flags().StringVar(&e.Role, "role", "", "what the key signs as: masker or validator")
	c.Flags().StringVar(&key, "key", "", "file with the public key, as keygen --signing makes it")
	c.Flags().StringSliceVar(&e.Environments, "env", nil, `environment that the key counts in, or "*" for all; may stand several times`)
	c.Flags().Var(&from, "not-before", "time (RFC 3339) from which on the key counts; otherwise since ever")
	c.Flags().Var(&until, "not-after", "time (RFC 3339) until which the key counts; otherwise without end")
	for _, flag := range []string{"role", "key", "env"} {
		c.MarkFlagRequired(flag)
	}
	_ = c.RegisterFlagCompletionFunc("role", cobra.FixedCompletions([]string{attest.Masker, attest.Validator}, cobra.ShellCompDirectiveNoFileComp))
	t.jsonFlag(c)
	return c
}

func newTrustAllow(t *terminal) *cobra.Command {
	var policyFile, env string
	c := &cobra.Command{
		Use:   "allow FOLDER --policy P --env NAME",
		Short: "Allow a policy in an environment",
		Long: `Adds the digests of the policies in a file to those that the environment allows. Validator and loader refuse every object
that was masked under another; an environment without any allows none. Earlier ones stay until somebody takes them out.`,
		Example: `  maskrail trust allow trust --policy policy.yaml --env sandbox`,
		Args:    oneArg("the trust folder"),
		RunE: func(_ *cobra.Command, args []string) error {
			if !environmentName.MatchString(env) {
				return app.Usage(fmt.Errorf("--env %q: %s", env, environmentRule))
			}
			if err := checkFolder("FOLDER", args[0]); err != nil {
				return err
			}
			set, err := loadPolicy(policyFile)
			if err != nil {
				return err
			}
			added, err := attest.TrustFolder(args[0]).Allow(env, set.Digests()...)
			if err != nil {
				return app.Usage(err)
			}
			for p := range set.All() {
				t.say("%s allows %s for %s", env, p.Digest(), p.Entity)
			}
			if t.json {
				t.report(map[string]any{"folder": args[0], "environment": env, "policies": set.Digests(), "added": added})
			}
			return nil
		},
	}
	c.Flags().StringVar(&policyFile, "policy", "", "policy file (YAML)")
	c.Flags().StringVar(&env, "env", "", "environment that allows it")
	c.MarkFlagRequired("policy")
	c.MarkFlagRequired("env")
	t.jsonFlag(c)
	return c
}

// instant is a flag's time in RFC 3339.
type instant struct{ time.Time }

func (i *instant) Set(text string) (err error) {
	if i.Time, err = time.Parse(time.RFC3339, text); err != nil {
		return errors.New("want a time such as 2026-01-31T08:00:00Z")
	}
	return nil
}

func (i *instant) String() string {
	if i.IsZero() {
		return ""
	}
	return i.Format(time.RFC3339)
}

func (i *instant) Type() string { return "time" }
