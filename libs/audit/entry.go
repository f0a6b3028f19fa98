package audit

import (
	"time"

	"github.com/maskrail/maskrail/libs/objref"
)

// Entry is one thing that was done. None of its fields ever holds a value from the data, a key of an object, a token or an
// address with a secret in it.
type Entry struct {
	// Number is the entry's place in the log, from 1 on, and Previous the SHA-256 of the entry before, as it is stored, in
	// lower-case hex; "" for the first. Append fills both.
	Number   int64  `json:"number"`
	Previous string `json:"previous,omitempty"`
	// ID tells entries of equal content apart. Append fills it.
	ID string `json:"id"`
	// At is when it was done, by the clock of who did it. The order of the log is that of the numbers.
	At     time.Time      `json:"at"`
	Actor  string         `json:"actor"`  // a service, or the name of an operator
	Action string         `json:"action"` // a fixed word
	Source string         `json:"source,omitempty"`
	Run    string         `json:"run,omitempty"`
	Window *objref.Window `json:"window,omitempty"`
	// Tenants are those that the action was restricted to; none means everyone.
	Tenants []string         `json:"tenants,omitempty"`
	Job     string           `json:"job,omitempty"`    // the provider's id
	Class   string           `json:"class,omitempty"`  // why, as a fixed word
	Why     string           `json:"why,omitempty"`    // in an operator's words
	Fields  []string         `json:"fields,omitempty"` // columns, as a policy names them
	Counts  map[string]int64 `json:"counts,omitempty"` // by what was counted: objects, rows, windows
	Trace   string           `json:"trace,omitempty"`  // trace id, lower-case hex
}
