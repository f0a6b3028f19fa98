package drift

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/objref"
)

const (
	// Prefix is where reports and notices lie in the quarantine bucket.
	Prefix = "_drift/"
	// Version is the version of their shapes.
	Version = 1
	// maxReport bounds what is read as one of them, in bytes.
	maxReport = 8 << 20
	// maxFields is how many fields a report lists.
	maxFields = 2000
)

// Report says in which fields one object differs from the policy that stopped it. It holds no value, no key of an object
// and no time: the same object and policy give the same report.
type Report struct {
	Version     int     `json:"version"`
	Environment string  `json:"environment"`
	Entity      string  `json:"entity"`
	Policy      string  `json:"policy"` // digest
	Name        string  `json:"name"`   // of the policy
	Revision    int     `json:"revision"`
	Object      string  `json:"object"` // objref.Object.Identity of the raw object
	Rows        int64   `json:"rows"`   // that the opinions rest on
	Fields      []Field `json:"fields"`
	More        int     `json:"more,omitempty"` // fields that are not listed
}

// Key is where the report on a raw object lies.
func Key(environment, identity, policy string) string {
	_, digest, _ := strings.Cut(policy, ":")
	return Prefix + objref.Token(environment) + "/objects/" + identity + "." + digest[:min(16, len(digest))] + ".json"
}

// Write stores the report and returns its key. A report that is there already is the same one, or one by other detectors,
// and gives way.
func (r Report) Write(ctx context.Context, store blob.Store, bucket string) (key string, err error) {
	r.Version = Version
	if len(r.Fields) > maxFields {
		r.Fields, r.More = r.Fields[:maxFields], len(r.Fields)-maxFields
	}
	key = Key(r.Environment, r.Object, r.Policy)
	return key, put(ctx, store, blob.Location{Bucket: bucket, Key: key}, r, false)
}

// ErrNoReport means that there is no report, or none that this version can read.
var ErrNoReport = errors.New("no report on drift")

// Read loads a report, or fails with ErrNoReport.
func Read(ctx context.Context, store blob.Store, bucket, key string) (Report, error) {
	var r Report
	if err := get(ctx, store, blob.Location{Bucket: bucket, Key: key}, &r); err != nil {
		return Report{}, err
	}
	if r.Version != Version {
		return Report{}, ErrNoReport
	}
	return r, nil
}

func put(ctx context.Context, store blob.Store, at blob.Location, v any, ifAbsent bool) error {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("encode a report on drift: %w", err)
	}
	body = append(body, '\n')
	_, err = store.Put(ctx, at, bytes.NewReader(body), int64(len(body)), blob.PutOptions{IfAbsent: ifAbsent, ContentType: "application/json"})
	if err != nil {
		return fmt.Errorf("store a report on drift: %w", err)
	}
	return nil
}

func get(ctx context.Context, store blob.Store, at blob.Location, v any) error {
	body, _, err := store.Get(ctx, at, blob.Range{})
	if errors.Is(err, blob.ErrNotFound) {
		return ErrNoReport
	}
	if err != nil {
		return fmt.Errorf("read a report on drift: %w", err)
	}
	defer body.Close()
	b, err := io.ReadAll(io.LimitReader(body, maxReport))
	if err != nil {
		return fmt.Errorf("read a report on drift: %w", err)
	}
	if json.Unmarshal(b, v) != nil {
		return ErrNoReport
	}
	return nil
}
