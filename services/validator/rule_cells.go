package validator

import (
	"fmt"
	"strings"
)

// checkDetectors wants no hit in any cell, but for the classes that the policy expects in a column.
func checkDetectors(e *evidence) (string, []Finding) {
	var found []Finding
	var looked int64
	var expected []string
	for i, t := range e.cells.tallies {
		looked += t.looked
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
		if n := t.unreadable; n > 0 {
			found = append(found, Finding{Class: ClassUnreadable, Field: field, Count: n,
				Detail: fmt.Sprintf("%s of a type that detectors cannot read: drop or redact the field", plural(n, "cell"))})
		}
	}
	detail := plural(looked, "cell")
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
