package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/keys/awskms"
)

// rootMaker makes the root key that keygen was asked for.
type rootMaker struct {
	t         *terminal
	kms       *awskms.Client
	out, wrap string
	key       string // of KMS
	named     bool   // key is given
	elsewhere bool   // where KMS is is given
	rotate    bool
}

func (r *rootMaker) print(ctx context.Context) error {
	e, err := r.entry(ctx, 1)
	if err != nil {
		return err
	}
	return keys.Write(r.t.out, e)
}

func (r *rootMaker) create(ctx context.Context) error {
	if err := checkNew("--out", r.out); err != nil {
		return err
	}
	entries, err := r.entries(ctx)
	if err != nil {
		return err
	}
	if err := keys.Create(r.out, func(w io.Writer) error { return keys.Write(w, entries...) }); err != nil {
		return err
	}
	return r.tell(ctx, "Keep a copy in a safe place: without it no later object gets the same tokens.")
}

func (r *rootMaker) entries(ctx context.Context) ([]keys.Entry, error) {
	if r.wrap == "" {
		e, err := r.entry(ctx, 1)
		return []keys.Entry{e}, err
	}
	entries, err := keys.Entries(r.wrap)
	if err != nil {
		return nil, app.Usage(fmt.Errorf("--wrap: %w", err))
	}
	plain := 0
	for i, e := range entries {
		if e.Scheme != "" {
			continue
		}
		plain++
		if entries[i], err = r.kms.Wrap(ctx, r.key, e); err != nil {
			return nil, usage(ctx, err)
		}
	}
	if plain == 0 {
		return nil, app.Usage(fmt.Errorf("--wrap: every key in %s is wrapped already", r.wrap))
	}
	return entries, nil
}

// next adds an epoch to the file.
func (r *rootMaker) next(ctx context.Context) error {
	err := keys.Rotate(r.out, func(epoch int, last keys.Entry) (keys.Entry, error) {
		if last.Scheme != "" && !r.named {
			var err error
			if r.key, err = r.kms.KeyOf(ctx, last); err != nil {
				return keys.Entry{}, fmt.Errorf("epoch %d: ask which key wrapped it (or name one with --kms-key): %w", last.Epoch, err)
			}
			r.named = true
		}
		if r.elsewhere && !r.named {
			return keys.Entry{}, errors.New("its last key is plain: name a key with --kms-key to wrap the next one")
		}
		return r.entry(ctx, epoch)
	})
	if err != nil {
		return usage(ctx, err)
	}
	return r.tell(ctx, "What is masked from now on gets other tokens: give it a table of its own, or reload the old one.")
}

// entry makes a new root.
func (r *rootMaker) entry(ctx context.Context, epoch int) (keys.Entry, error) {
	if !r.named {
		return keys.NewEntry(epoch), nil
	}
	e, err := r.kms.Generate(ctx, r.key, epoch)
	return e, usage(ctx, err)
}

// tell reports on the file, read as every other command reads it. Who may make a wrapped key need not be allowed to read
// it; then its fingerprint is left out.
func (r *rootMaker) tell(ctx context.Context, advice string) error {
	entries, err := keys.Entries(r.out)
	if err != nil {
		return err
	}
	report := struct {
		File        string `json:"file"`
		Fingerprint string `json:"fingerprint,omitempty"`
		Epoch       int    `json:"epoch"`
		Wrapped     bool   `json:"wrapped,omitempty"`
	}{File: r.out, Epoch: entries[len(entries)-1].Epoch, Wrapped: entries[len(entries)-1].Scheme != ""}
	ring, err := keys.Open(ctx, keys.Source{File: r.out}, r.kms.Unwrap)
	switch {
	case errors.Is(err, awskms.ErrDenied):
		r.t.say("root key in %s (epoch %d, wrapped; its fingerprint takes the permission kms:Decrypt)\n%s", r.out, report.Epoch, advice)
	case err != nil:
		return usage(ctx, fmt.Errorf("%s is written, but: %w", r.out, err))
	default:
		report.Fingerprint = ring.Fingerprint()
		r.t.say("root key in %s (epoch %d, fingerprint %s)\n%s", r.out, report.Epoch, report.Fingerprint, advice)
	}
	if r.t.json {
		r.t.report(report)
	}
	return nil
}

// usage marks an error as the user's to mend, unless the command was stopped.
func usage(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil {
		return err
	}
	return app.Usage(err)
}
