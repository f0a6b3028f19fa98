package drift

import (
	"context"
	"fmt"

	"github.com/maskrail/maskrail/libs/classify"
	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/survey"
)

// File compares a file with the policy and samples its values for opinions. dialect is that of CSV, as the policy names it.
// rows is how many of its rows were read.
func File(ctx context.Context, p *policy.Policy, src columnar.Source, name, dialect string) (fields []Field, rows int64, err error) {
	csv, ok := p.Dialect(dialect)
	if !ok {
		return nil, 0, fmt.Errorf("compare with policy %s: it names no such dialect of csv", p.Name)
	}
	settings := survey.Settings{CSV: columnar.CSV(csv)}
	if !csv.Header {
		for _, m := range p.Tree().Members {
			if m.Leaf() && m.Lists == 0 {
				settings.Header = append(settings.Header, m.Name)
			}
		}
	}
	s, err := survey.Read(ctx, src, name, settings)
	if err != nil {
		return nil, 0, err
	}
	by, err := classify.New(p.Region)
	if err != nil {
		return nil, 0, fmt.Errorf("compare with policy %s: %w", p.Name, err)
	}
	return Compare(p, Of(s), by), s.Rows, nil
}
