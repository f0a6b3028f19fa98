// Package run knows what belongs together and how it ended. A run is one refresh: all the objects of an export job,
// of a drop or of a replay, named by a manifest in the raw bucket. The state of each object is kept for each
// environment, fed from the messages that end an object's way.
package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/objref"
)

// Prefix is where manifests lie in the raw bucket.
const Prefix = "_runs/"

// Where the objects of a run come from.
const (
	SourceDrop      = "s3-drop"
	SourceExport    = "data-export"
	SourceAnalytics = "genesys-analytics"
	SourceReplay    = "replay"
)

// Manifest names the objects of a run.
type Manifest struct {
	Run     string          `json:"run"`
	Source  string          `json:"source"`
	Window  *objref.Window  `json:"window,omitempty"` // the span of time that an export covers
	Objects []objref.Object `json:"objects"`          // raw objects, each one version
	Sealed  bool            `json:"sealed"`           // nothing is added any more
	Failed  int             `json:"failed,omitempty"` // windows of an export that were given up: what they hold is missing
	Created time.Time       `json:"created"`
}

// Errors callers can test for with errors.Is.
var (
	// ErrNotFound means that there is no manifest of that run.
	ErrNotFound = errors.New("no such run")
	// ErrSealed means that the run is sealed with other content.
	ErrSealed = errors.New("run is sealed")
)

// maxManifest is the largest manifest that is read: some hundred thousand objects.
const maxManifest = 256 << 20

// NewID makes the id of a new run: a ULID, so that ids sort by time.
func NewID() string { return ulid.Make().String() }

// IsID reports an id as NewID makes them, in its one spelling. A drop's is none.
func IsID(s string) bool {
	id, err := ulid.ParseStrict(s)
	return err == nil && id.String() == s
}

// Drop is the manifest of an object that somebody dropped into the bucket.
func Drop(o objref.Object) Manifest {
	return Manifest{Run: objref.DropRun(o), Source: SourceDrop, Objects: []objref.Object{o}, Sealed: true}
}

// Write stores the manifest. A drop's is written once, and whoever comes second has nothing to do, because run and
// content follow from the object. Any other may be written again until it is sealed; to write what is there
// already changes nothing, and to change a sealed run is ErrSealed. One process writes one run.
func Write(ctx context.Context, store blob.Store, bucket string, m Manifest) error {
	loc, err := location(bucket, m.Run)
	if err != nil {
		return err
	}
	if m.Created.IsZero() {
		m.Created = time.Now().UTC()
	}
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("write manifest of run %s: %w", m.Run, err)
	}
	o := blob.PutOptions{ContentType: "application/json", IfAbsent: m.Source == SourceDrop}
	if !o.IfAbsent {
		old, err := Read(ctx, store, bucket, m.Run)
		switch {
		case errors.Is(err, ErrNotFound):
		case err != nil:
			return err
		case old.Sealed && old.equal(m):
			return nil
		case old.Sealed:
			return fmt.Errorf("write manifest of run %s: %w", m.Run, ErrSealed)
		}
	}
	_, err = store.Put(ctx, loc, bytes.NewReader(body), int64(len(body)), o)
	if errors.Is(err, blob.ErrExists) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("write manifest of run %s: %w", m.Run, err)
	}
	return nil
}

// Read loads a manifest, or fails with ErrNotFound.
func Read(ctx context.Context, store blob.Store, bucket, run string) (Manifest, error) {
	var m Manifest
	loc, err := location(bucket, run)
	if err != nil {
		return m, err
	}
	body, o, err := store.Get(ctx, loc, blob.Range{})
	if errors.Is(err, blob.ErrNotFound) {
		return m, fmt.Errorf("run %s: %w", run, ErrNotFound)
	}
	if err != nil {
		return m, fmt.Errorf("read manifest of run %s: %w", run, err)
	}
	defer body.Close()
	if o.Bytes > maxManifest {
		return m, fmt.Errorf("read manifest of run %s: %d bytes, and %d are the most", run, o.Bytes, maxManifest)
	}
	b, err := io.ReadAll(io.LimitReader(body, maxManifest))
	if err != nil {
		return m, fmt.Errorf("read manifest of run %s: %w", run, err)
	}
	if json.Unmarshal(b, &m) != nil || m.Run != run {
		return Manifest{}, fmt.Errorf("manifest of run %s is damaged", run)
	}
	return m, nil
}

// equal compares what a run is; when it was written does not matter.
func (m Manifest) equal(o Manifest) bool {
	window := m.Window == o.Window || m.Window != nil && o.Window != nil && m.Window.From.Equal(o.Window.From) && m.Window.To.Equal(o.Window.To)
	return m.Run == o.Run && m.Source == o.Source && m.Sealed == o.Sealed && m.Failed == o.Failed && window && slices.Equal(m.Objects, o.Objects)
}

// id is what a run may be called; the id stands in a key and comes from a URL.
var id = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$`)

func location(bucket, run string) (blob.Location, error) {
	if !id.MatchString(run) {
		return blob.Location{}, fmt.Errorf("that is not the id of a run: %w", ErrNotFound)
	}
	return blob.Location{Bucket: bucket, Key: Prefix + run + ".json"}, nil
}
