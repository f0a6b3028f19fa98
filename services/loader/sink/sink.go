// Package sink is the vocabulary between the loader and the database of a sandbox: what is to be loaded, what the
// ledger keeps of it, and what came of it.
package sink

import (
	"errors"
	"fmt"
	"strings"

	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/stage"
)

// Batch is one verified object on the local disk.
type Batch struct {
	File    string   // path of a Parquet file
	Rows    int64    // in the file, as attested
	Columns []string // in the file, in order, as attested
	Tenant  string   // the column that names a row's tenant
	Key     []string // the columns that identify a row within its tenant
	Line    Line
}

// Line is what the ledger keeps of a load, beside its counts and its time. It holds no raw object key.
type Line struct {
	Entity         string // the table
	Environment    string
	Run            string
	Tenant         string // objref.Several when the object has more than one
	SHA256         string // of the file, lower-case hex
	Object         string // key of the masked object
	Source         string // identity of the raw object: a hash
	Policy         string // digest
	KeyFingerprint string
	KeyEpoch       int
	Masker         string // digest of the masker's statement
	Validator      string // digest of the validator's
}

// Result is what a load did. Loaded and Skipped add up to the rows of the object.
type Result struct {
	Loaded  int64 // rows inserted
	Skipped int64 // rows that were there, or came twice in the object
	Known   bool  // the ledger had the object from another run, nothing was read
}

// State is how a load with this result ends its object's way.
func (r Result) State() objref.State {
	if r.Known || r.Loaded == 0 && r.Skipped > 0 {
		return objref.Skipped
	}
	return objref.Loaded
}

// Errors of a load, for errors.Is. Both pass by themselves or with a little help, and the message says with which.
var (
	ErrBusy = errors.New("sandbox is in use")
	ErrFull = errors.New("no space left")
)

// Ledger is the table that holds one line for each loaded object.
const Ledger = "maskrail_ledger"

// reserved begins the names of our own tables.
const reserved = "maskrail_"

// Check refuses a batch that no sink can load. Its errors are rejections.
func (b Batch) Check() error {
	reject := func(class, field, format string, a ...any) error {
		return stage.Reject(objref.Reason{Class: class, Field: field, Detail: fmt.Sprintf(format, a...)})
	}
	if strings.HasPrefix(strings.ToLower(b.Line.Entity), reserved) {
		return reject("table-conflict", "", "an entity must not be called %s...: these tables are the pipeline's own; rename the entity in the policy", reserved)
	}
	if strings.ContainsRune(b.Line.Entity, 0) || b.Line.Entity == "" {
		return reject("table-conflict", "", "the entity's name cannot be a table's; rename the entity in the policy")
	}
	if len(b.Key) == 0 {
		return reject("no-key", "", "the policy names no key, and a row without identity cannot be loaded twice safely; add `key:` to the policy")
	}
	if b.Tenant == "" {
		return reject("no-tenant", "", "the policy names no tenant column; add `tenant:` to the policy")
	}
	has := make(map[string]string, len(b.Columns))
	for _, c := range b.Columns {
		folded := strings.ToLower(c)
		if other, twice := has[folded]; twice {
			return reject("schema-conflict", c, "differs from column %q by upper and lower case alone, which SQL does not tell apart; rename or drop one in the policy", other)
		}
		has[folded] = c
	}
	for _, c := range append([]string{b.Tenant}, b.Key...) {
		if has[strings.ToLower(c)] != c {
			return reject("schema-conflict", c, "identifies the rows but is not a column of the object; keep it in the policy")
		}
	}
	return nil
}
