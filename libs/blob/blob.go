// Package blob is what the workers need of an object store. blob/s3 is the real one, blob/memblob keeps objects
// in memory, and blob/blobtest holds both to the same promises.
package blob

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"
)

// Store is an object store. It is safe for concurrent use. No error holds an object's key: a raw key can be data.
type Store interface {
	// Put stores size bytes of body as the object at loc. body is read from its start, perhaps more than once.
	// With o.IfAbsent it fails with ErrExists when an object is there already, and of several writers exactly
	// one succeeds.
	Put(ctx context.Context, loc Location, body io.ReadSeeker, size int64, o PutOptions) (Object, error)
	// Get opens the object for reading; the caller closes it. A Location with a Version reads that version or
	// fails with ErrNotFound or ErrChanged, so an overwrite between event and read cannot swap the content.
	// A range that begins at or after the end is empty. The Object is that of the whole, whatever the range.
	Get(ctx context.Context, loc Location, r Range) (io.ReadCloser, Object, error)
	// Head describes the object, or fails with ErrNotFound.
	Head(ctx context.Context, loc Location) (Object, error)
	// List yields the objects under prefix in key order. After an error nothing more is yielded.
	List(ctx context.Context, bucket, prefix string) iter.Seq2[Object, error]
	// Delete removes the object. Deleting what is not there is no error. A Location with a Version removes that
	// version alone: an object that was overwritten stays, and the error is ErrChanged.
	Delete(ctx context.Context, loc Location) error
}

// Location names an object, or one version of it when Version is not empty. A Version is the store's version id
// or, in a bucket without versioning, "etag:" and the entity tag: equal bytes under one key are one version. A
// file that was laid into the store's folder behind its back has no entity tag; its version is "time:" with the
// time of change (Unix seconds), a dash and the size.
type Location struct{ Bucket, Key, Version string }

// Object describes a stored object.
type Object struct {
	Location                   // Version is always set
	ETag     string            // without quotes
	Bytes    int64             //
	SHA256   string            // lower-case hex; "" when the store did not keep it
	Modified time.Time         // zero from Put
	Metadata map[string]string // lower-case names; nil in listings
}

// PutOptions are the ways a Put can differ.
type PutOptions struct {
	IfAbsent    bool
	ContentType string
	SHA256      string            // lower-case hex of the body; verified by the store when given
	Metadata    map[string]string // lower-case names
}

// Range is a byte range. The zero Range is the whole object.
type Range struct{ Offset, Length int64 } // Length 0 means to the end

// Errors callers can test for with errors.Is.
var (
	ErrNotFound = errors.New("object not found")
	ErrExists   = errors.New("object exists")
	ErrChanged  = errors.New("object was overwritten")
	ErrNoBucket = errors.New("no such bucket")
	// ErrUnavailable means that the store cannot be reached or is overloaded: the same call may succeed later.
	ErrUnavailable = errors.New("object store unavailable")
	// ErrFull means that the store has no room for the object.
	ErrFull = errors.New("no space left in the object store")
	// ErrChecksum means the bytes are not those of the given digest.
	ErrChecksum = errors.New("checksum mismatch")
)
