// Package drift compares what a source delivers with what a policy names: fields that are new, gone, of another type, or
// the same under another name, each with an opinion on what it holds. A report on an object lies in the quarantine
// bucket, where the rejection that it explains points; a notice lies there for each field that was seen for the first
// time. None of them holds a value.
package drift

import "github.com/maskrail/maskrail/libs/classify"

// Kind is a kind of drift.
type Kind string

// The kinds.
const (
	Unknown  Kind = "unknown"  // the policy does not name the field
	Vanished Kind = "vanished" // the policy names it, and the source has it no more
	Retyped  Kind = "retyped"  // it has another type or shape than the policy says
	Renamed  Kind = "renamed"  // an unknown field in the place of a vanished one of like name and type
)

// Field is one field that has drifted.
type Field struct {
	// Path is the source's, as a policy writes it; of a vanished field it is the policy's. The last name of one that is
	// Hidden may be a value, and its position stands there instead.
	Path   string `json:"path"`
	Hidden bool   `json:"hidden,omitempty"`
	Kind   Kind   `json:"kind"`
	Type   string `json:"type,omitempty"`  // see survey.Column.Type
	Whole  bool   `json:"whole,omitempty"` // what is inside cannot be named
	// Policy is what the policy has instead: the path of a renamed field, the type or shape of a retyped one.
	Policy  string            `json:"policy,omitempty"`
	Opinion *classify.Opinion `json:"opinion,omitempty"`
	Waits   bool              `json:"waits"` // objects wait until somebody has decided about the field
}
