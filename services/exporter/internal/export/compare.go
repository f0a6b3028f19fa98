package export

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/maskrail/maskrail/libs/classify"
	"github.com/maskrail/maskrail/libs/drift"
	"github.com/maskrail/maskrail/libs/policy"
)

// compare asks the provider for its schemas and compares them with the policies. A field that objects would be stopped for
// stops the window before its job: nothing sensitive that nobody decided about is even fetched.
func (w *work) compare(ctx context.Context) error {
	if w.Policies == nil {
		return nil
	}
	schemas, err := w.src.Schemas(ctx)
	if err != nil {
		return fmt.Errorf("ask for the schemas: %w", err)
	}
	var stopped []string
	for _, entity := range slices.Sorted(maps.Keys(schemas)) {
		p, ok := w.Policies.For(entity)
		if !ok {
			continue
		}
		by, err := classify.New(p.Region)
		if err != nil {
			return fmt.Errorf("compare the schema of %s: %w", entity, err)
		}
		for _, field := range drift.Compare(p, schemas[entity], by) {
			if !field.Waits {
				continue
			}
			stopped = append(stopped, entity+"."+field.Path)
			if err := w.notice(ctx, p, field); err != nil {
				return err
			}
		}
	}
	if len(stopped) > 0 {
		return &drifted{stopped}
	}
	return nil
}

// drifted are the fields that stop a window.
type drifted struct{ fields []string }

func (d *drifted) Error() string {
	return fmt.Sprintf("the provider's schema has fields that objects would be stopped for (%d, the first is %s): change the policy", len(d.fields), d.fields[0])
}

// maxFields is how many fields an entry of the audit log names.
const maxFields = 100

// notice leaves word of a field for each environment; the masker of each sends it on.
func (w *work) notice(ctx context.Context, p *policy.Policy, field drift.Field) error {
	for _, env := range w.Environments {
		n := drift.Notice{
			Environment: env, Entity: p.Entity, Policy: p.Digest(), Name: p.Name, Field: field,
			First: time.Now().UTC().Truncate(time.Second),
		}
		if _, err := n.Claim(ctx, w.Store, w.Quarantine); err != nil {
			return err
		}
	}
	return nil
}
