package analytics

import "github.com/maskrail/maskrail/libs/objref"

// fault is why one conversation is held: a class of package source, and no value of the conversation.
type fault struct{ class, field, detail string }

func (f *fault) reason(rows int64) *objref.Reason {
	return &objref.Reason{Service: "exporter", Class: f.class, Field: f.field, Detail: f.detail, Count: rows}
}
