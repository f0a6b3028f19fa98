package masker

import (
	"fmt"
	"strconv"

	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/stage"
)

// Classes of rejection.
const (
	ClassMalformed     = "malformed"     // the bytes are no file of their format
	ClassUnknownField  = "unknown-field" // a column that the policy does not name
	ClassSuspectField  = "suspect-field" // one that unknown: pass would let through, and whose name says that it must not
	ClassMissingField  = "missing-field" // key or tenant column is not there
	ClassDuplicate     = "duplicate-column"
	ClassWrongType     = "wrong-type"     // a column's type or shape is not the policy's, or not one the treatment works on
	ClassBadValue      = "bad-value"      // a value that the treatment cannot read
	ClassNullKey       = "null-key"       //
	ClassDuplicateKey  = "duplicate-key"  //
	ClassUnknownTenant = "unknown-tenant" // no tenant, one that the policy does not know, or not the object's
	ClassNoPolicy      = "no-policy"      // no policy for the entity
)

// fault is data at fault. It never holds a value.
type fault struct {
	class  string
	field  string
	row    int // in the batch, from 0; -1 when no single row is meant
	detail string
}

func (f *fault) Error() string { return f.class + ": " + f.field + ": " + f.detail }

// rejection is the verdict on the fault; before is the number of rows in front of the fault's batch.
func (f *fault) rejection(before int64) error {
	detail := f.detail
	var count int64
	if f.row >= 0 {
		detail = "row " + strconv.FormatInt(before+int64(f.row)+1, 10) + ": " + detail
		count = 1
	}
	return stage.Reject(objref.Reason{Class: f.class, Field: f.field, Detail: detail, Count: count})
}

func faultf(class, field string, row int, format string, args ...any) *fault {
	return &fault{class: class, field: field, row: row, detail: fmt.Sprintf(format, args...)}
}
