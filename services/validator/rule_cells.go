package validator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/maskrail/maskrail/services/validator/internal/naive"
)

// checkDetectors wants no hit in any cell, but for the classes that the policy expects in a column.
func checkDetectors(e *evidence) (string, []Finding) {
	var found []Finding
	var all tally
	var expected []string
	for i, t := range e.cells.tallies {
		all.and(t)
		field := e.cells.all[i].path
		for c, class := range classes {
			if n := t.refused[c]; n > 0 {
				found = append(found, Finding{Class: ClassHit, Field: field, Detector: string(class), Count: n,
					Detail: fmt.Sprintf("%s found in %s: correct the field's treatment, or say expect if it is meant", class, plural(n, "cell"))})
			}
			if n := t.expected[c]; n > 0 {
				expected = append(expected, fmt.Sprintf("%d %s in %s", n, class, field))
			}
		}
		for shape, n := range t.naive {
			if class := naive.Name(shape); n > 0 && !slices.ContainsFunc(found, func(f Finding) bool { return f.Field == field && f.Detector == class }) {
				found = append(found, Finding{Class: ClassHit, Field: field, Detector: class, Count: n,
					Detail: fmt.Sprintf("%s found in %s by the second set of detectors: correct the field's treatment, or say expect if it is meant", class, plural(n, "cell"))})
			}
		}
		if n := t.unreadable; n > 0 {
			found = append(found, Finding{Class: ClassUnreadable, Field: field, Count: n,
				Detail: fmt.Sprintf("%s of a type that detectors cannot read: drop or redact the field", plural(n, "cell"))})
		}
	}
	detail := plural(all.looked, "cell")
	if all.proven > 0 {
		detail += fmt.Sprintf(", and %d whose form leaves no room", all.proven)
	}
	var suspected int64
	for _, n := range all.suspected {
		suspected += n
	}
	if suspected > 0 {
		detail += "; " + plural(suspected, "suspicion") + " on context alone"
	}
	if len(expected) > 0 {
		detail += "; expected: " + strings.Join(expected, ", ")
	}
	return detail, found
}

// checkTreatments wants every cell to look as its field's treatment leaves it.
func checkTreatments(e *evidence) (string, []Finding) {
	var found []Finding
	treated := int64(0)
	for i, t := range e.cells.tallies {
		leaf := e.cells.all[i]
		if leaf.treated == nil && leaf.guards == nil {
			continue
		}
		treated++
		if t.untreated == 0 {
			continue
		}
		found = append(found, Finding{Class: ClassTreatment, Field: leaf.path, Count: t.untreated,
			Detail: fmt.Sprintf("%s not as the treatment %s leaves them", plural(t.untreated, "cell"), leaf.node.Treatment())})
	}
	return plural(treated, "column"), found
}
