package cli

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/keys/awskms"
	"github.com/maskrail/maskrail/libs/sketch"
)

func newKeygen(t *terminal) *cobra.Command {
	var (
		r       = rootMaker{t: t}
		aws     awskms.Options
		signing string
		sealing string
	)
	c := &cobra.Command{
		Use:   "keygen [--out FILE] [--rotate | --wrap PLAIN] [--kms-key KEY] | --signing FILE | --sealing FILE",
		Short: "Make, rotate or wrap a root key, or make a key pair for signing or sealing",
		Long: `Makes the root key that masking derives its keys from. Whoever has it can link tokens to
people, so keep it out of the sandbox. With --out it goes to a new file that only you can read
(an existing file is never replaced); without, to standard output.

With --kms-key the root is made inside AWS KMS, and the file holds it wrapped: it is worth nothing
without the permission kms:Decrypt. Commands that read the file find region and credentials as the
AWS command line does.

With --rotate the next epoch goes to the end of the existing file; the old ones stay. It is wrapped
like the last one, or with --kms-key. With --wrap PLAIN the new file holds the keys of an existing one,
wrapped: tokens stay what they are.

With --signing FILE it makes the key pair of a masker or validator instead: the private key in
FILE, the public one in FILE.pub. Neither replaces a file. maskrail trust add makes others believe it.

With --sealing FILE it makes the validator's sealing key in the same way: the validator opens with FILE
(sealKey) what maskers seal to FILE.pub (sealTo).`,
		Example: `  maskrail keygen --out root.key
  maskrail keygen --out root.key --kms-key alias/maskrail
  maskrail keygen --out root.key --rotate
  maskrail keygen --signing masker.pem
  maskrail keygen --sealing seal.pem`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if c.Flags().Changed("signing") {
				return t.keygenPair("--signing", signing, attest.CreateKeyPair)
			}
			if c.Flags().Changed("sealing") {
				return t.keygenPair("--sealing", sealing, sketch.CreateKeyPair)
			}
			r.kms, r.named = awskms.New(aws), c.Flags().Changed("kms-key")
			r.elsewhere = c.Flags().Changed("kms-region") || c.Flags().Changed("kms-endpoint")
			switch {
			case r.named && r.key == "":
				return app.Usage(errors.New("--kms-key is empty: name the key by its id, its ARN or alias/NAME"))
			case r.elsewhere && !r.named && !r.rotate:
				return app.Usage(errors.New("--kms-region and --kms-endpoint say where --kms-key is: name it"))
			case r.wrap != "" && !r.named:
				return app.Usage(errors.New("--wrap: name the key to wrap with, --kms-key"))
			case !c.Flags().Changed("out") && (r.rotate || r.wrap != "" || t.json):
				return app.Usage(errors.New("--rotate, --wrap and --json are about a file: name it with --out"))
			case !c.Flags().Changed("out"):
				return r.print(c.Context())
			case r.rotate:
				return r.next(c.Context())
			}
			return r.create(c.Context())
		},
	}
	c.Flags().StringVar(&r.out, "out", "", "new file for the key (mode 0600)")
	c.Flags().BoolVar(&r.rotate, "rotate", false, "add the next epoch to the file --out")
	c.Flags().StringVar(&r.wrap, "wrap", "", "key file whose plain keys the new file shall hold wrapped")
	c.Flags().StringVar(&r.key, "kms-key", "", "AWS KMS key that wraps: id, ARN or alias/NAME")
	c.Flags().StringVar(&aws.Region, "kms-region", "", "region of the KMS key; otherwise as AWS is configured")
	c.Flags().StringVar(&aws.Endpoint, "kms-endpoint", "", "URL of KMS; otherwise as AWS is configured")
	c.Flags().StringVar(&signing, "signing", "", "make a signing key pair in FILE and FILE.pub instead")
	c.Flags().StringVar(&sealing, "sealing", "", "make a validator's sealing key pair in FILE and FILE.pub instead")
	c.MarkFlagsMutuallyExclusive("rotate", "wrap")
	c.MarkFlagsMutuallyExclusive("signing", "sealing")
	for _, root := range []string{"out", "rotate", "wrap", "kms-key", "kms-region", "kms-endpoint"} {
		c.MarkFlagsMutuallyExclusive(root, "signing")
		c.MarkFlagsMutuallyExclusive(root, "sealing")
	}
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

// keygenPair makes a key pair, as a flag asks for.
func (t *terminal) keygenPair(flag, path string, create func(string) error) error {
	for _, p := range []string{path, path + ".pub"} {
		if err := checkNew(flag, p); err != nil {
			return err
		}
	}
	if err := create(path); err != nil {
		return err
	}
	t.say("private key in %s, public key in %s.pub", path, path)
	if t.json {
		t.report(map[string]string{"file": path, "public": path + ".pub"})
	}
	return nil
}
