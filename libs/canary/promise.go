package canary

import "slices"

// promised are the forms in which a scrub takes out a class that it is to detect. A test holds the list against
// libs/detect: what is promised is found, and what is found is promised. Base64 and hex are promised for none: what a
// person typed in such a form is no passage that a scrub could tell. Where one is left in the masked text, the gate's
// second set of detectors decodes it and refuses the object.
var promised = map[string][]string{
	"phone":    {"plain", "spaced", "zero-width", "spoken", "url"},
	"email":    {"plain", "zero-width", "spoken"},
	"card":     {"plain", "spaced", "zero-width", "spoken", "url"},
	"ssn":      {"plain", "spaced", "zero-width", "spoken", "url"},
	"iban":     {"plain", "zero-width", "url"},
	"ip":       {"plain", "zero-width"},
	"mac":      {"plain", "zero-width"},
	"url":      {"plain", "zero-width"},
	"dob":      {"plain", "zero-width"},
	"address":  {"plain", "zero-width", "spoken"},
	"licence":  {"plain", "zero-width", "spoken", "url"},
	"passport": {"plain", "spaced", "zero-width", "spoken", "url"},
	"mrn":      {"plain", "zero-width", "spoken", "url"},
	"member":   {"plain", "zero-width", "url"},
	"cvv":      {"plain", "spaced", "zero-width", "spoken", "url"},
	"name":     {"plain", "zero-width", "spoken", "url"},
}

func (s seed) promised(detect []string) bool {
	return slices.Contains(detect, s.class) && slices.Contains(promised[s.class], s.form.name)
}
