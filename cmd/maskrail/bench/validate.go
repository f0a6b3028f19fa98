package main

import (
	"context"
	"os"

	"github.com/maskrail/maskrail/cmd/maskrail/bench/internal/measure"
	"github.com/maskrail/maskrail/cmd/maskrail/bench/internal/rival"
)

// validate judges a masked file as the pipeline does, with statement, canary and report, and holds the processor's time
// against that of masking the same rows.
func (b *bench) validate(ctx context.Context) error {
	for _, kind := range []data{plain, rich} {
		in, err := b.file(ctx, kind, ".parquet", b.rows)
		if err != nil {
			return err
		}
		shelf := b.out("shelf")
		b.say("         mask and attest\n")
		if _, _, err := b.play("attested", &rival.Attested{File: in, Policy: b.policy, Key: b.key, Dir: shelf}).Run(ctx); err != nil {
			return err
		}
		work := "validate, " + kind.Notes + " notes"
		r, err := b.race(ctx, work, b.rounds,
			b.mask(us, b.policy, in, b.out("masked.parquet"), threads),
			measure.Entrant{Name: validating, Command: b.play("validate", &rival.Validate{Policy: b.policy, Key: b.key, Dir: shelf, Rows: b.rows})},
		)
		if err != nil {
			return err
		}
		b.figure(work+": the masker's time : the validator's", "", measure.Ratios(r[us].CPU(), r[validating].CPU()), atLeast(0.33, 0))
		if err := os.RemoveAll(shelf); err != nil {
			return err
		}
	}
	return nil
}
