package canary

import "slices"

// promised are the forms in which a scrub takes out a class that it is to detect. A test holds the list against
// libs/detect: what is promised is found, and what is found is promised. Base64 and hex are promised for none: what a
// person typed in such a form is no passage that a scrub could tell. Where one is left in the masked text, the gate's
// second set of detectors decodes it and refuses the object.
var promised = map[string][]string{
	"phone": {"plain", "spaced", "zero-width", "url"},
	"email": {"plain", "zero-width"},
	"card":  {"plain", "spaced", "zero-width", "url"},
	"ssn":   {"plain", "spaced", "zero-width", "url"},
}

func (s seed) promised(detect []string) bool {
	return slices.Contains(detect, s.class) && slices.Contains(promised[s.class], s.form.name)
}
