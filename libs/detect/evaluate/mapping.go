package evaluate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/maskrail/maskrail/libs/detect"
)

// Mapping gives the types of a data set their class. Types are compared without regard to letter case; one that is not
// in it stays a type of its own, which no detector finds.
type Mapping map[string]detect.Class

// DefaultMapping knows the classes by their own names and by those of presidio-research.
func DefaultMapping() Mapping {
	m := Mapping{}
	for _, c := range detect.Classes() {
		m[string(c)] = c
	}
	for class, types := range map[detect.Class][]string{
		"phone":    {"PHONE_NUMBER", "TELEPHONE_NUMBER", "TELEPHONENUM", "FAX_NUMBER"},
		"email":    {"EMAIL_ADDRESS"},
		"card":     {"CREDIT_CARD", "CREDIT_CARD_NUMBER", "CREDITCARDNUMBER"},
		"ssn":      {"US_SSN", "US_ITIN", "ITIN", "SOCIAL_SECURITY_NUMBER", "SOCIALNUM"},
		"iban":     {"IBAN_CODE"},
		"ip":       {"IP_ADDRESS", "IPV4", "IPV6"},
		"mac":      {"MAC_ADDRESS"},
		"url":      {"DOMAIN_NAME"},
		"dob":      {"DATE_OF_BIRTH", "BIRTH_DATE", "DATEOFBIRTH", "BIRTHDAY", "DATE_TIME"}, // the last has days of birth among others
		"address":  {"STREET_ADDRESS", "LOCATION", "STREET", "ZIP_CODE", "ZIPCODE", "POSTCODE", "POSTAL_CODE", "PO_BOX"},
		"licence":  {"US_DRIVER_LICENSE", "DRIVER_LICENSE", "DRIVERS_LICENSE", "DRIVERLICENSENUM", "LICENSE", "MEDICAL_LICENSE"},
		"passport": {"US_PASSPORT", "UK_PASSPORT", "PASSPORT_NUMBER"},
		"mrn":      {"MEDICAL_RECORD_NUMBER", "MEDICAL_RECORD", "UK_NHS"},
		"member":   {"MEMBER_ID", "MEMBER_NUMBER", "HEALTH_PLAN_NUMBER", "AU_MEDICARE"},
		"cvv":      {"CREDIT_CARD_CVV", "CVC"},
		"name":     {"PERSON", "PERSON_NAME", "FIRST_NAME", "LAST_NAME", "FULL_NAME", "GIVEN_NAME", "GIVENNAME", "MIDDLE_NAME", "SURNAME"},
	} {
		if !slices.Contains(detect.Classes(), class) {
			continue
		}
		for _, t := range types {
			m[key(t)] = class
		}
	}
	return m
}

// Add maps a type to a class, which must be one that detectors know.
func (m Mapping) Add(label, class string) error {
	c := detect.Class(strings.ToLower(class))
	if !slices.Contains(detect.Classes(), c) {
		return fmt.Errorf("map %s: unknown class %q: known are %v", label, class, detect.Classes())
	}
	if key(label) == "" {
		return fmt.Errorf("map to %s: the type is missing: want TYPE=CLASS", class)
	}
	m[key(label)] = c
	return nil
}

func key(label string) string { return strings.ToLower(strings.TrimSpace(label)) }

// of is the class of a type, or the type as it is written.
func (m Mapping) of(label string) string {
	if c, ok := m[key(label)]; ok {
		return string(c)
	}
	return label
}

// named is the type that samples give a class most often, or the class: what is found is told in the words of the data
// set.
func (m Mapping) named(samples []Sample) map[detect.Class]string {
	counts := map[string]int{}
	for _, s := range samples {
		for _, l := range s.Labels {
			counts[l.Type]++
		}
	}
	names := map[detect.Class]string{}
	for _, label := range slices.Sorted(maps.Keys(counts)) {
		if c, ok := m[key(label)]; ok && (names[c] == "" || counts[label] > counts[names[c]]) {
			names[c] = label
		}
	}
	return names
}
