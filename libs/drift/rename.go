package drift

import (
	"slices"

	"github.com/maskrail/maskrail/libs/classify"
	"github.com/maskrail/maskrail/libs/policy"
)

// likely is how like two names must be for one field to have the place of another: less where both are known to be the
// whole truth about a file, more where records leave fields out.
const (
	likely       = 0.6
	likelySparse = 0.9
)

// rename makes renamed fields of unknown ones that lie where one of the policy is gone, and lists what is
// gone without a heir behind. Each field of the policy is given away once, to the likest.
func (c *comparison) rename(fields []Field) []Field {
	lost := c.missing(c.policy.Tree(), nil)
	type pair struct {
		field, lost int
		like        float64
	}
	var pairs []pair
	least := likely
	if c.source.Sparse {
		least = likelySparse
	}
	for i, f := range fields {
		path, err := policy.ParsePath(f.Path)
		if f.Kind != Unknown || f.Hidden || err != nil {
			continue
		}
		for j, g := range lost {
			if g.parent != c.parents[i] || path.Lists() != g.path.Lists() || len(path) != len(g.path) {
				continue
			}
			if want := g.node.Fields[len(g.node.Fields)-1].Type; c.source.Typed && want != (policy.Type{}) && !conforms(want, f.Type) {
				continue
			}
			if like := likeness(name(path), g.node.Name); like >= least {
				pairs = append(pairs, pair{i, j, like})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return int(100*b.like) - int(100*a.like) })
	for _, p := range pairs {
		if f := &fields[p.field]; f.Kind == Unknown && lost[p.lost].Path != "" {
			f.Kind, f.Policy = Renamed, lost[p.lost].Path
			lost[p.lost].Path = ""
		}
	}
	for _, g := range lost {
		if g.Path != "" && (g.Waits || !c.source.Sparse) {
			fields = append(fields, g.Field)
		}
	}
	return fields
}

// name is that of the last member of a path.
func name(p policy.Path) string {
	for i := len(p) - 1; i >= 0; i-- {
		if !p[i].List {
			return p[i].Name
		}
	}
	return ""
}

// likeness is between 0 and 1: the same letters, the same words, one word more or less, one letter other, or the same
// kind of value by name.
func likeness(a, b string) float64 {
	la, lb := classify.Letters(a), classify.Letters(b)
	wa, wb := sorted(a), sorted(b)
	ca, cb := classify.ByName(a, ""), classify.ByName(b, "")
	switch {
	case onlyDigits(la) != onlyDigits(lb):
		return 0
	case la == lb:
		return 1
	case len(wa) > 0 && slices.Equal(wa, wb):
		return 0.95
	case min(len(la), len(lb)) >= 5 && policy.Distance(la, lb) == 1:
		return 0.9
	case ca.Strong && ca.Class == cb.Class && (within(wa, wb) || within(wb, wa)):
		return 0.8
	case ca.Strong && ca.Class == cb.Class && ca.Class != classify.PersonName:
		return 0.65 // two names of persons are not one: first and last
	case within(wa, wb) && len(wa) > 1, within(wb, wa) && len(wb) > 1:
		return 0.6
	}
	return 0
}

func sorted(name string) []string {
	w := classify.Words(name)
	slices.Sort(w)
	return w
}

// onlyDigits are the digits of a name: address1 is not address2.
func onlyDigits(letters string) string {
	var out []rune
	for _, r := range letters {
		if r >= '0' && r <= '9' {
			out = append(out, r)
		}
	}
	return string(out)
}

func within(some, all []string) bool {
	return len(some) > 0 && len(some) < len(all) && !slices.ContainsFunc(some, func(w string) bool { return !slices.Contains(all, w) })
}
