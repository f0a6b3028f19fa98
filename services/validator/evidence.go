package validator

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/sketch"
	"github.com/maskrail/maskrail/libs/telemetry"
)

// evidence is all that was found out about one object. Rules read it and change nothing.
type evidence struct {
	ref         objref.Ref
	environment string
	trust       attest.Trust   // as it was when the object came
	policy      *policy.Policy // nil when there is none for the entity
	object      blob.Object    // as the store describes what was read
	sha256      string         // of the bytes that were read, lower-case hex
	bytes       int64

	envelope []byte          // the masker's attestation; nil when there is none
	attested *attest.Masked  // nil unless it is genuine and about these bytes
	doubt    string          // why attested is nil
	fault    *columnar.Error // why the file could not be read to its end
	schema   *arrow.Schema   // nil when the file does not open
	cells    *cells          // nil unless every cell was read
	metadata footer
	canary   *canaryVerdict // nil when there was none to judge
	// anonymity is of the whole run; nil when the policy asks for none.
	anonymity *Anonymity

	earlier     *attest.Validated // a genuine verdict on these bytes and this statement by which all passed
	sketch      *sketch.Set       // nil when there is none that counts
	wanted      *wanted           // what is in it
	sketchDoubt string            // why there is none
	sketchGone  bool              // it is not in the bucket
	lax         map[lax]bool      // made by proves
}

func (e *evidence) has() (n need) {
	if e.schema != nil {
		n |= needSchema
	}
	if e.cells != nil {
		n |= needCells
	}
	if e.policy != nil {
		n |= needPolicy
	}
	if e.attested != nil {
		n |= needStatement
	}
	return n
}

// readFile fills in what the file itself says. Data at fault is evidence, an error is operational.
func (s *Service) readFile(ctx context.Context, e *evidence, f *blob.File) error {
	source := io.NewSectionReader(f, 0, f.Bytes)
	if err := s.readCells(ctx, e, source); err != nil {
		data, ok := errors.AsType[*columnar.Error](err)
		if !ok {
			return err
		}
		e.fault = data
		return nil
	}
	return s.readMetadata(ctx, e, source)
}

// readCells reads every cell once.
func (s *Service) readCells(ctx context.Context, e *evidence, source *io.SectionReader) (err error) {
	ctx, end := telemetry.Start(ctx, "check cells", telemetry.Int("maskrail.workers", int64(s.cfg.Workers)))
	defer func() { end(err) }()
	r, err := columnar.Open(source, columnar.Options{Format: columnar.FormatParquet})
	if err != nil {
		return fmt.Errorf("open %s: %w", e.ref.Object, err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	e.schema = r.Schema()
	detect, ok := s.scans[e.ref.Entity]
	if !ok {
		detect = s.fallback
	}
	c := newCells(e.schema, e.policy, detect)
	c.wanted = e.wanted
	if c.counting.groups, err = rowGroups(source); err != nil {
		return fmt.Errorf("open %s: %w", e.ref.Object, err)
	}
	if err := columnar.Map(ctx, r, s.cfg.Workers, c.look, c.add); err != nil {
		return fmt.Errorf("read %s: %w", e.ref.Object, err)
	}
	c.keys.finish()
	c.counting.finish()
	e.cells = c
	telemetry.Set(ctx, telemetry.Int("maskrail.rows", c.rows), telemetry.Int("maskrail.columns", int64(e.schema.NumFields())))
	return nil
}

// rowGroups are the rows of each row group of a file.
func rowGroups(source *io.SectionReader) ([]int64, error) {
	f, err := columnar.OpenFile(source, columnar.Options{Format: columnar.FormatParquet})
	if err != nil {
		return nil, err
	}
	rows := make([]int64, f.Groups())
	for i := range rows {
		rows[i] = f.Rows(i)
	}
	return rows, nil
}
