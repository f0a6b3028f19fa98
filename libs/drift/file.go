package drift

import (
	"context"
	"fmt"

	"github.com/maskrail/maskrail/libs/classify"
	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/survey"
)

// File compares a file with the policy and samples its values for opinions. rows is how many of its rows were read.
func File(ctx context.Context, p *policy.Policy, src columnar.Source, name string) (fields []Field, rows int64, err error) {
	settings := survey.Settings{CSV: columnar.CSV(p.CSV)}
	if !p.CSV.Header {
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
