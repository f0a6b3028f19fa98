package cli

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/keys"
)

func newKeygen(t *terminal) *cobra.Command {
	var out, signing string
	c := &cobra.Command{
		Use:   "keygen [--out FILE] [--signing FILE]",
		Short: "Make a root key, or a key pair for signing",
		Long: `Makes the root key that masking derives its keys from. Whoever has it can link tokens to
people, so keep it out of the sandbox. With --out it goes to a new file that only you can read
(an existing file is never replaced); without, to standard output.

With --signing FILE it makes the key pair of a masker or validator instead: the private key in
FILE, the public one in FILE.pub. Neither replaces a file.`,
		Example: `  maskrail keygen --out root.key
  maskrail keygen --signing masker.pem`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			switch {
			case c.Flags().Changed("signing"):
				return t.keygenSigning(signing)
			case c.Flags().Changed("out"):
			case t.json:
				return app.Usage(errors.New("--json reports on a file: name it with --out"))
			default:
				return keys.Generate(t.out)
			}
			if err := checkNew("--out", out); err != nil {
				return err
			}
			if err := keys.Create(out, keys.Generate); err != nil {
				return err
			}
			ring, err := keys.Load(keys.Source{File: out})
			if err != nil {
				return err
			}
			t.say("root key in %s (fingerprint %s)\nKeep a copy in a safe place: without it no later object gets the same tokens.", out, ring.Fingerprint())
			if t.json {
				t.report(map[string]string{"file": out, "fingerprint": ring.Fingerprint()})
			}
			return nil
		},
	}
	c.Flags().StringVar(&out, "out", "", "new file for the key (mode 0600)")
	c.Flags().StringVar(&signing, "signing", "", "make a signing key pair in FILE and FILE.pub instead")
	c.MarkFlagsMutuallyExclusive("out", "signing")
	t.jsonFlag(c)
	return c
}

// checkNew says whether a file can be written that must not be there yet.
func checkNew(flag, path string) error {
	if _, err := os.Lstat(path); err == nil {
		return app.Usage(fmt.Errorf("%s: %s exists and is not replaced: choose another name or move it away", flag, path))
	}
	return checkOut(flag, path)
}

func (t *terminal) keygenSigning(path string) error {
	for _, p := range []string{path, path + ".pub"} {
		if err := checkNew("--signing", p); err != nil {
			return err
		}
	}
	if err := keys.Create(path, attest.GenerateKey); err != nil {
		return err
	}
	signer, err := attest.LoadSigner(path)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".pub", signer.PublicPEM(), 0o644); err != nil {
		return err
	}
	t.say("private key in %s, public key in %s.pub", path, path)
	if t.json {
		t.report(map[string]string{"file": path, "public": path + ".pub"})
	}
	return nil
}
