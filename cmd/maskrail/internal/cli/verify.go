package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/stack"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/attest"
)

// errNotProven ends a verification that failed; what is wrong was told already.
var errNotProven = errors.New("not proven")

// verification is the flags of verify.
type verification struct {
	t               *terminal
	dir, trust, env string
	at              instant
}

func newVerify(t *terminal) *cobra.Command {
	v := verification{t: t}
	c := &cobra.Command{
		Use:   "verify OBJECT... --trust FOLDER | verify --dir DIR [BUCKET/KEY...]",
		Short: "Check and explain the proof that a masked object carries, offline",
		Long: `Holds masked objects against the two statements beside them, as the loader does, and explains each step: who signed, with a
key that is trusted for which role, environment and time; whether these are the very bytes; whether the environment
allows the policy; what masker and validator say. Where the canary that the masker names lies beside the object or in a folder above it,
as in a copy of the bucket, it is opened too and searched again for what was in it. It needs the file, its attestations beside it (*` + attest.MaskedSuffix + ` and
*` + attest.VerdictInfix + `N` + attest.VerdictEnd + `, under the names they have in the bucket) and a trust folder, and neither network nor keys nor policy.

With --dir it looks into the masked bucket of a stack on this machine, at all objects or at those named, and takes
the trust of that stack. The validator's key is judged at the time of its verdict; with --at it must be valid then too, as for a load at
that time.

Exit codes: 0 every object is proven; 1 one is not; 2 wrong usage.`,
		Example: `  maskrail verify 0011.parquet --trust trust
  maskrail verify --dir data
  maskrail verify 0011.parquet --trust trust --at 2026-06-30T12:00:00Z --json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 && v.dir == "" {
				return errors.New("name masked objects, or a stack's folder with --dir")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return v.run(c.Context(), args) },
	}
	c.Flags().StringVar(&v.trust, "trust", "", "folder with the trusted public keys and trust.yaml; with --dir that of the stack")
	c.Flags().StringVar(&v.dir, "dir", "", "folder of a stack: objects are BUCKET/KEY in it, or all that are masked")
	c.Flags().StringVar(&v.env, "env", "", "environment that the objects must be for; otherwise the one that they say")
	c.Flags().Var(&v.at, "at", "time (RFC 3339) at which the validator's key must be valid as well")
	t.jsonFlag(c)
	return c
}

func (v verification) run(ctx context.Context, args []string) error {
	folder := attest.TrustFolder(v.trust)
	switch {
	case v.trust == "" && v.dir == "":
		return app.Usage(errors.New("--trust is missing: name the folder with the trusted public keys and " + attest.TrustFile))
	case v.trust == "":
		folder = stack.Dir(v.dir).Trust()
	}
	trust, err := folder.Open()
	if err != nil {
		return app.Usage(fmt.Errorf("--trust: %w", err))
	}
	files := args
	if v.dir != "" {
		if files, err = v.stored(args); err != nil {
			return err
		}
	}
	for _, f := range files {
		if err := checkInput(f); err != nil {
			return err
		}
	}
	var report verified
	known := canaries{}
	for _, f := range files {
		o, err := v.examine(trust, f)
		if err != nil {
			return fmt.Errorf("%s: %w", shown(f), err)
		}
		canary := known.step(ctx, trust, f, o)
		o.Checks = append(o.Checks, canary)
		o.Proven = o.Proven && canary.Outcome != attest.Failed
		report.Objects = append(report.Objects, o)
	}
	return report.finish(v.t)
}

// stored finds objects in the buckets of a stack.
func (v verification) stored(args []string) (files []string, err error) {
	dir := stack.Dir(v.dir)
	masked := dir.Bucket(app.DefaultCommon().Buckets.Masked)
	for _, arg := range args {
		if !filepath.IsLocal(arg) {
			return nil, app.Usage(fmt.Errorf("%s: with --dir name BUCKET/KEY, such as %s/KEY", arg, filepath.Base(masked)))
		}
		files = append(files, dir.Bucket(arg))
	}
	if len(args) > 0 {
		return files, nil
	}
	err = filepath.WalkDir(masked, func(path string, d fs.DirEntry, err error) error {
		switch rel, _ := filepath.Rel(masked, path); {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(rel, "_"): // what lies there is for workers alone
			return fs.SkipDir
		case d.Type().IsRegular() && strings.HasSuffix(path, ".parquet") && (v.env == "" || strings.HasPrefix(rel, v.env+"/")):
			files = append(files, path)
		}
		return nil
	})
	if err == nil && len(files) == 0 {
		err = errors.New("nothing is masked there yet")
	}
	if err != nil {
		return nil, app.Usage(fmt.Errorf("--dir %s: %w", v.dir, err))
	}
	return files, nil
}

// examine holds one file against what lies beside it. Of several verdicts the latest genuine one counts, and of two of one
// second that which refuses.
func (v verification) examine(trust attest.Trust, file string) (verifiedObject, error) {
	o := verifiedObject{Object: shown(file)}
	var err error
	if o.SHA256, o.Bytes, err = digestOf(file); err != nil {
		return o, err
	}
	e := attest.Evidence{SHA256: o.SHA256, Environment: v.env, At: v.at.Time}
	if e.Masked, err = attestation(file + attest.MaskedSuffix); err != nil {
		return o, err
	}
	entries, err := os.ReadDir(filepath.Dir(file))
	if err != nil {
		return o, err
	}
	o.take("", trust.Examine(e))
	for _, entry := range entries {
		if !attest.IsVerdict(entry.Name(), filepath.Base(file)) {
			continue
		}
		o.Verdicts++
		if e.Validated, err = attestation(filepath.Join(filepath.Dir(file), entry.Name())); err != nil {
			return o, err
		}
		x := trust.Examine(e)
		v, counts := x.Validated, o.Validated
		if o.Verdict == "" || v != nil && (counts == nil || v.At > counts.At || v.Overrules(*counts)) {
			o.take(entry.Name(), x)
		}
	}
	return o, nil
}
