package policy

import (
	"slices"

	"github.com/maskrail/maskrail/libs/classify"
)

// kind judges the values at a path by the name of the last member, with that of its object where it says little alone.
func (p Path) kind() classify.Name { return classify.ByName(p.last(), p.around().last()) }

// container reports a name that objects have.
func (p Path) container() bool { return classify.IsContainer(p.last()) }

// LooksLikeOwn is what Looks says of a name that is one of the policy's, written otherwise.
const LooksLikeOwn = "a field of the policy"

// Looks says what a column of that name is likely to hold, such as "a phone number", and "" when the name gives nothing
// away. A name like that of one of the policy's fields, written otherwise, is suspect as well: somebody has renamed
// what the policy treats. Members of objects that the policy keeps are not counted, for their names are everybody's.
func (p *Policy) Looks(name string) string {
	if k := classify.ByName(name, ""); k.Kind != "" {
		return k.Kind
	}
	bare := classify.Letters(name)
	for _, f := range p.Fields {
		if _, keep := f.Treatment.(Keep); keep && !f.steps.plain() {
			continue
		}
		if slices.ContainsFunc(append([]string{f.steps.last()}, f.Aliases...), func(own string) bool { return classify.Letters(own) == bare }) {
			return LooksLikeOwn
		}
	}
	return ""
}
