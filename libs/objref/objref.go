// Package objref is the message that travels between the workers: a reference to one object, never its rows.
//
// On the bus a reference is a CloudEvents 1.0 message in binary mode: the attributes stand in ce-* headers, the
// reference itself is the JSON body. The body is versioned by ce-type; a field is only ever added.
package objref

import (
	"crypto/sha256"
	"encoding/base32"
	"log/slog"
	"strings"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
)

// Ref points at one object of one stage.
type Ref struct {
	Entity      string `json:"entity"`
	Environment string `json:"environment,omitempty"` // empty on the raw stage: the object belongs to none yet
	Run         string `json:"run"`
	Tenant      string `json:"tenant"` // Several when there is more than one, or it is not yet known
	Object      Object `json:"object"`
	Rows        int64  `json:"rows"`
	Rejects     int64  `json:"rejects,omitempty"` // rows of the source that the policy let the masker drop and count
	// Source is the raw object this one was made from; nil on the raw stage.
	Source       *Object  `json:"source,omitempty"`
	Policy       string   `json:"policy,omitempty"` // "sha256:" and hex
	KeyEpoch     int      `json:"keyEpoch,omitempty"`
	Attestations []string `json:"attestations,omitempty"` // keys in the bucket of Object
	Window       *Window  `json:"window,omitempty"`
	// Outcome is set on the last message of an object: loaded, rejected or dead.
	Outcome *Outcome `json:"outcome,omitempty"`
}

// Several is the tenant of an object that holds more than one, or that nobody has read yet.
const Several = "_"

// Object is one stored object.
type Object struct {
	Bucket  string `json:"bucket"`
	Key     string `json:"key"`
	Version string `json:"version"` // see blob.Location
	ETag    string `json:"etag,omitempty"`
	SHA256  string `json:"sha256,omitempty"` // lower-case hex
	Bytes   int64  `json:"bytes,omitempty"`
	Format  string `json:"format,omitempty"` // parquet, csv, jsonl; empty when nobody has read it yet, and no route says it
	// Dialect is that of a raw CSV object, as the policy names it; empty for the policy's own.
	Dialect string `json:"dialect,omitempty"`
}

// Window is the half-open span of time that an export covers.
type Window struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// State is how an object ended.
type State string

// The terminal states. Skipped means that every row was in the sandbox already. Released and Discarded are an operator's
// decisions about an object that was rejected or is dead: it is on its way again, or nobody waits for it any more.
const (
	Loaded    State = "loaded"
	Skipped   State = "skipped"
	Rejected  State = "rejected"
	Dead      State = "dead"
	Released  State = "released"
	Discarded State = "discarded"
)

// Outcome is the end of an object's way through one environment.
type Outcome struct {
	State   State   `json:"state"`
	Loaded  int64   `json:"loaded,omitempty"`  // rows inserted now
	Skipped int64   `json:"skipped,omitempty"` // rows that were in the sandbox already
	Reason  *Reason `json:"reason,omitempty"`  // why it was rejected or is dead
}

// Reason says why an object was stopped. None of its fields ever holds a value from the data.
type Reason struct {
	Service string `json:"service,omitempty"` // who stopped it; filled by the runner
	Class   string `json:"class"`             // a fixed word: unknown-field, detector-hit, malformed, ...
	Field   string `json:"field,omitempty"`   // the column, as the policy names it
	Detail  string `json:"detail,omitempty"`  // what is wrong and what to do
	Count   int64  `json:"count,omitempty"`   // rows concerned, when counted
	// Report is the key of an object in the quarantine bucket that says more; it is made of names and digests alone.
	Report string `json:"report,omitempty"`
}

// String is "class: field: detail", without the parts that are empty.
func (r Reason) String() string {
	parts := make([]string, 0, 3)
	for _, p := range []string{r.Class, r.Field, r.Detail} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ": ")
}

// From describes a stored object.
func From(o blob.Object) Object {
	return Object{Bucket: o.Bucket, Key: o.Key, Version: o.Version, ETag: o.ETag, SHA256: o.SHA256, Bytes: o.Bytes}
}

// Location is where the object lies, pinned to its version.
func (o Object) Location() blob.Location {
	return blob.Location{Bucket: o.Bucket, Key: o.Key, Version: o.Version}
}

// ShortID names the object where its key must not be shown: 12 hex digits over bucket and key.
func (o Object) ShortID() string { return o.Location().ShortID() }

// Identity names one version of the object: equal for equal bucket, key and version, and usable as a key or a
// subject token.
func (o Object) Identity() string { return id(digest(o.Bucket, o.Key, o.Version)) }

// LogValue keeps the key out of logs.
func (o Object) LogValue() slog.Value { return slog.StringValue(o.ShortID()) }

// String keeps the key out of messages.
func (o Object) String() string { return "object " + o.ShortID() }

// GoString keeps the key out of messages made with %#v.
func (o Object) GoString() string { return "objref.Object(" + o.ShortID() + ")" }

// LogValue keeps the keys out of logs.
func (r Ref) LogValue() slog.Value {
	return slog.GroupValue(slog.String("run", r.Run), slog.String("entity", r.Entity), slog.String("object", r.Object.ShortID()))
}

// String keeps the keys out of messages.
func (r Ref) String() string { return r.Object.String() + " of run " + r.Run }

// Origin is the raw object that r stems from.
func (r Ref) Origin() Object {
	if r.Source != nil {
		return *r.Source
	}
	return r.Object
}

// DropRun is the run of an object that somebody dropped into the bucket. It is derived from the object's
// version, so that an event and a sweep that find the same object agree.
func DropRun(o Object) string { return "drop-" + o.Identity() }

func id(sum []byte) string {
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
}

// digest hashes the parts with their lengths, so that no two lists of parts collide by concatenation.
func digest(parts ...string) []byte {
	h := sha256.New()
	for _, p := range parts {
		n := uint64(len(p))
		h.Write([]byte{byte(n >> 56), byte(n >> 48), byte(n >> 40), byte(n >> 32), byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
		h.Write([]byte(p))
	}
	return h.Sum(nil)
}
