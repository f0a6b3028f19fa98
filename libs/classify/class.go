// Package classify forms an opinion on a column from its name and from a bounded sample of its values: what kind of value
// it holds, how sure that is, and by which sign. An opinion holds no value and decides nothing: what to do about a column
// is for a policy to say, and for a person to review.
package classify

import "github.com/maskrail/maskrail/libs/detect"

// Class is a kind of value. Those that detectors know have the detectors' names.
type Class string

// The classes that single a person out, alone or with others.
const (
	Phone      = Class(detect.Phone)
	Email      = Class(detect.Email)
	Card       = Class(detect.Card)
	SSN        = Class(detect.SSN)
	PersonName = Class(detect.Name)
	DOB        = Class(detect.DOB)
	Address    = Class(detect.Address)
	Document   = Class("document") // passport, driving licence
	Contact    = Class("contact")  // a number, mail address or name by which somebody is reached
	Account    = Class("account")
	Network    = Class("network") // IP or MAC address, URL with credentials
	FreeText   = Class("text")    // sentences, in which anything can stand
	Opaque     = Class("opaque")  // objects of any members, or lists of such, as text
	Identifier = Class("identifier")
)

// The classes that say little of a person.
const (
	Flag     = Class("flag")
	Time     = Class("time")
	Measure  = Class("measure")
	Category = Class("category") // few values, each often
	UUID     = Class("uuid")
	Empty    = Class("empty")   // no value was seen
	Unsure   = Class("unknown") // nothing speaks for any class
)

// Harmless reports a class that is not sensitive by itself. What is unsure is not harmless.
func (c Class) Harmless() bool {
	switch c {
	case Flag, Time, Measure, Category, UUID:
		return true
	}
	return false
}

// Detected is the detectors' class of the same kind, false when they have none.
func (c Class) Detected() (detect.Class, bool) {
	for _, d := range detect.Classes() {
		if Class(d) == c {
			return d, true
		}
	}
	return "", false
}

// Reason is a fixed code that says what an opinion rests on.
type Reason string

// The reasons.
const (
	ByItsName       Reason = "name"        // the words of the name
	ByItsValues     Reason = "values"      // detectors find the class in the values, alone in their cells
	ByBoth          Reason = "name+values" //
	InsideText      Reason = "in-text"     // detectors find something inside longer texts
	ByShape         Reason = "shape"       // lengths, letters, digits, words, distinct values
	ByType          Reason = "type"        // the type leaves no room for more
	Against         Reason = "name-only"   // the name says so, and the values do not bear it out
	NothingToGoBy   Reason = "none"
	TooFewToSay     Reason = "few"         // by shape, and too few values to be sure
	TreatedByPolicy Reason = "policy-name" // written otherwise, it is the name of a field that the policy treats
)

// Opinion is what a column probably holds. It holds no value.
type Opinion struct {
	Class      Class   `json:"class"`
	Confidence float64 `json:"confidence"` // 0 to 1, in hundredths
	Reason     Reason  `json:"reason"`
	// Inside are the detectors' classes that were found within the values, sorted; of a free text mostly.
	Inside []detect.Class `json:"inside,omitempty"`
}
