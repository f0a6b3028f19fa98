package export

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/run"
)

// Prefix is where journals and marks lie in the raw bucket.
const Prefix = "_exports/"

// Journal is a run as far as it has come. It is written before a run begins and deleted when every object of it has ended.
type Journal struct {
	Run     string    `json:"run"`
	Source  string    `json:"source"`
	By      string    `json:"by"` // who asked for it
	Created time.Time `json:"created"`
	Tick    time.Time `json:"tick,omitzero"` // the scheduled time; zero for a run on demand
	// From and To are what was asked for; zero for the source's own.
	From    time.Time `json:"from,omitzero"`
	To      time.Time `json:"to,omitzero"`
	Tenants []string  `json:"tenants,omitempty"`

	// Failed is, of a run that could not be planned, the class of the last failure.
	Failed string `json:"failed,omitempty"`
	// Planned says that what follows is decided.
	Planned bool `json:"planned"`
	// Available is up to when the provider's data was complete.
	Available time.Time `json:"available,omitzero"`
	// Span is from the first to the last window.
	Span objref.Window `json:"span"`
	// Marks are those of the source when this run has begun, of a run that advances them. Base is where what they have not
	// seen before begins: the watermark waits there for this run.
	Marks   *Marks    `json:"marks,omitempty"`
	Base    time.Time `json:"base,omitzero"`
	Windows []*Window `json:"windows,omitempty"`
	// Strays are objects that lie under the run's prefix and that no window knows of: those of a process that died.
	Strays []Object `json:"strays,omitempty"`
	// Sealed says that the manifest is sealed: nothing is exported any more.
	Sealed bool `json:"sealed,omitempty"`
}

// Window is one task of a run.
type Window struct {
	objref.Window
	State   []byte   `json:"state,omitempty"` // what the source needs to go on
	Objects []Object `json:"objects,omitempty"`
	Done    bool     `json:"done,omitempty"`
	Split   bool     `json:"split,omitempty"` // done by its halves, which follow it
	Tries   int      `json:"tries,omitempty"`
	Failed  string   `json:"failed,omitempty"` // class of the last failure, of a window that is not done
	GivenUp bool     `json:"givenUp,omitempty"`
	// Kept is how often the window was written beside the journal: of two that differ the one with more is newer.
	Kept int `json:"kept,omitempty"`

	taken bool // by a worker of this process
}

// Object is one object of a run.
type Object struct {
	objref.Object
	Rows int64  `json:"rows"`
	Held string `json:"held,omitempty"` // class of the reason to park it
}

// pending reports a window that is to be exported.
func (w *Window) pending() bool { return !w.Done && !w.Split && !w.GivenUp }

// objects are all objects of the run, each version once, in the order of their keys.
func (j *Journal) objects() []objref.Object {
	var all []objref.Object
	for _, w := range j.Windows {
		for _, o := range w.Objects {
			all = append(all, o.Object)
		}
	}
	for _, o := range j.Strays {
		all = append(all, o.Object)
	}
	slices.SortFunc(all, func(a, b objref.Object) int {
		return cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.Version, b.Version))
	})
	return slices.CompactFunc(all, func(a, b objref.Object) bool { return a.Identity() == b.Identity() })
}

// rows are those of the windows' objects.
func (j *Journal) rows() (n int64) {
	for _, w := range j.Windows {
		for _, o := range w.Objects {
			n += o.Rows
		}
	}
	return n
}

// GivenUp is how many windows were given up.
func (j *Journal) GivenUp() (n int) {
	for _, w := range j.Windows {
		if w.GivenUp {
			n++
		}
	}
	return n
}

// shelf is where the journals and marks of sources lie.
type shelf struct {
	store  blob.Store
	bucket string
}

func folder(source string) string { return Prefix + objref.Token(source) + "/" }

func (s shelf) journal(source, run string) blob.Location {
	return blob.Location{Bucket: s.bucket, Key: folder(source) + run + ".json"}
}

// window is where a window lies that is under way.
func (s shelf) window(source, run string, w objref.Window) blob.Location {
	return blob.Location{Bucket: s.bucket, Key: fmt.Sprintf("%s%s/%d-%d.json", folder(source), run, w.From.UnixMilli(), w.To.UnixMilli())}
}

func (s shelf) marks(source string) blob.Location {
	return blob.Location{Bucket: s.bucket, Key: Prefix + objref.Token(source) + ".json"}
}

// maxRecord bounds what is read as a journal or marks, in bytes: some hundred thousand objects.
const maxRecord = 256 << 20

var errDamaged = errors.New("it is damaged")

func (s shelf) write(ctx context.Context, at blob.Location, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return s.put(ctx, at, body)
}

func (s shelf) put(ctx context.Context, at blob.Location, body []byte) error {
	_, err := s.store.Put(ctx, at, bytes.NewReader(body), int64(len(body)), blob.PutOptions{ContentType: "application/json"})
	return err
}

// read fails with blob.ErrNotFound when there is nothing.
func (s shelf) read(ctx context.Context, at blob.Location, v any) error {
	body, _, err := s.store.Get(ctx, at, blob.Range{})
	if err != nil {
		return err
	}
	defer body.Close()
	b, err := io.ReadAll(io.LimitReader(body, maxRecord))
	if err != nil {
		return err
	}
	if json.Unmarshal(b, v) != nil {
		return errDamaged
	}
	return nil
}

// load reads the journal of a run, with its windows as they were kept last. It fails with blob.ErrNotFound when there is none.
func (s shelf) load(ctx context.Context, source, run string) (*Journal, error) {
	j := &Journal{}
	if err := s.read(ctx, s.journal(source, run), j); err != nil {
		return nil, err
	}
	for o, err := range s.store.List(ctx, s.bucket, folder(source)+run+"/") {
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(j.Windows, func(w *Window) bool { return s.window(source, run, w.Window).Key == o.Key })
		if i < 0 || !j.Windows[i].pending() {
			continue
		}
		kept := &Window{}
		err := s.read(ctx, blob.Location{Bucket: s.bucket, Key: o.Key}, kept)
		if err != nil && !errors.Is(err, blob.ErrNotFound) {
			return nil, err
		}
		if kept.Kept > j.Windows[i].Kept {
			j.Windows[i] = kept
		}
	}
	return j, nil
}

// journals are the runs of the source that are under way, the oldest first.
func (s shelf) journals(ctx context.Context, source string) ([]*Journal, error) {
	var all []*Journal
	for o, err := range s.store.List(ctx, s.bucket, folder(source)) {
		if err != nil {
			return nil, fmt.Errorf("list journals of source %s: %w", source, err)
		}
		name, ok := strings.CutSuffix(strings.TrimPrefix(o.Key, folder(source)), ".json")
		if !ok || !run.IsID(name) {
			continue // a window
		}
		j, err := s.load(ctx, source, name)
		if errors.Is(err, blob.ErrNotFound) {
			continue // it has come to its end
		}
		if errors.Is(err, errDamaged) {
			// The marks are beyond its windows, which nobody would export again by himself.
			return nil, fmt.Errorf("read the journal of run %s of source %s: %w: restore it, or delete it and export its span (maskrail audit, run-planned) by --from and --to", name, source, err)
		}
		if err != nil {
			return nil, fmt.Errorf("read the journal of run %s of source %s: %w", name, source, err)
		}
		all = append(all, j)
	}
	return all, nil
}

// forget deletes the journal of a run that is over, and last what names it.
func (s shelf) forget(ctx context.Context, source, run string) error {
	for o, err := range s.store.List(ctx, s.bucket, folder(source)+run+"/") {
		if err == nil {
			err = s.store.Delete(ctx, blob.Location{Bucket: s.bucket, Key: o.Key})
		}
		if err != nil {
			return fmt.Errorf("delete the journal of run %s: %w", run, err)
		}
	}
	if err := s.store.Delete(ctx, s.journal(source, run)); err != nil {
		return fmt.Errorf("delete the journal of run %s: %w", run, err)
	}
	return nil
}
