package masker

import (
	"errors"
	"fmt"

	"github.com/maskrail/maskrail/libs/policy"
)

// errNull is what a rewriter returns in the place of a text when null stands for the value. What it has appended by then
// counts for nothing. To leave a value out is no result of a rewriter: the treatment that does so, drop, has none.
var errNull = errors.New("null stands for the value")

// rewriter makes the form of a treatment that works on single texts: what a column of text, an entry of a map and a value
// of a JSON text have in common. It is nil for drop.
func (p *Plan) rewriter(t policy.Treatment) (rewriter, error) {
	switch t := t.(type) {
	case policy.Keep:
		return keep{}, nil
	case policy.Drop:
		return nil, nil
	case policy.Null:
		return null{}, nil
	case policy.Redact:
		return constant{with: t.With}, nil
	case policy.Mask:
		return newPartial(t), nil
	case policy.Card:
		return card{keep: t.Keep}, nil
	case policy.Token:
		return p.newToken(t), nil
	case policy.FPE:
		return p.newFPE(t)
	case policy.Fake:
		return p.newFake(t)
	case policy.Date:
		return newTruncate(t)
	case policy.Shift:
		return p.newShift(t)
	case policy.Bucket:
		return newBucket(t)
	case policy.Zip3:
		return zip3{}, nil
	case policy.Scrub:
		return p.newScrub(t)
	case policy.Map:
		return p.newMapping(t)
	case policy.JSON:
		return p.newTree(t)
	}
	return nil, fmt.Errorf("the treatment %s is not supported by this version", t.Name())
}
