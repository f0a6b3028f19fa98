package policy

import (
	"slices"
	"testing"

	"github.com/maskrail/maskrail/libs/detect"
)

// What a policy can name is what there are detectors for.
func TestClassesAreThoseOfDetectors(t *testing.T) {
	t.Parallel()
	named := slices.Sorted(slices.Values(Classes))
	var known []string
	for _, c := range detect.Classes() {
		known = append(known, string(c))
	}
	if !slices.Equal(named, known) {
		t.Errorf("policies can name %v, detectors know %v", named, known)
	}
}
