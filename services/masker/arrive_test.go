package masker

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/stage"
)

// damaged is a store whose raw bytes do not arrive as they are.
type damaged struct {
	blob.Store
	change func(io.Reader) io.Reader
}

func (d damaged) Get(ctx context.Context, loc blob.Location, r blob.Range) (io.ReadCloser, blob.Object, error) {
	body, o, err := d.Store.Get(ctx, loc, r)
	if err != nil || loc.Bucket != "maskrail-raw" {
		return body, o, err
	}
	defer body.Close()
	b, err := io.ReadAll(body)
	return io.NopCloser(d.change(bytes.NewReader(b))), o, err
}

// TestDamagedOnTheWay proves that the object is not blamed for what happened to its bytes on the way, though they are
// masked while they come, and that nothing is written of them.
func TestDamagedOnTheWay(t *testing.T) {
	t.Parallel()
	content := asCSV(peopleRows(100))
	for name, c := range map[string]struct {
		change func(io.Reader) io.Reader
		is     error
	}{
		"a column that nobody knows": {func(r io.Reader) io.Reader {
			b, _ := io.ReadAll(r)
			return strings.NewReader(strings.Replace(string(b), "tenant", "tenanT", 1))
		}, blob.ErrChecksum},
		"another value": {func(r io.Reader) io.Reader {
			b, _ := io.ReadAll(r)
			return strings.NewReader(strings.Replace(string(b), "acme", "acne", 1))
		}, blob.ErrChecksum},
		"cut short": {func(r io.Reader) io.Reader { return io.LimitReader(r, int64(len(content)/2)) }, io.ErrUnexpectedEOF},
		"broken off": {func(r io.Reader) io.Reader {
			return io.MultiReader(io.LimitReader(r, int64(len(content)/2)), failing{})
		}, errNetwork},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			in := b.drop("interaction/x.csv", content)
			_, err := b.service(damaged{b.store, c.change}).Mask(t.Context(), in)
			if _, rejected := stage.Rejected(err); !errors.Is(err, c.is) || rejected || stage.IsPermanent(err) {
				t.Errorf("got %v, want %v and another try", err, c.is)
			}
			if keys := b.keys(); len(keys) > 0 {
				t.Errorf("objects were written: %v", keys)
			}
			if _, err := b.service(b.store).Mask(t.Context(), in); err != nil {
				t.Errorf("the next try: %v", err)
			}
		})
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errNetwork }

// held is a store that lets nothing be put until it is told to.
type held struct {
	blob.Store
	asked chan string
	leave chan struct{}
}

func (h held) Put(ctx context.Context, loc blob.Location, body io.ReadSeeker, size int64, o blob.PutOptions) (blob.Object, error) {
	if loc.Bucket == "maskrail-masked" && strings.HasSuffix(loc.Key, ".parquet") && !strings.HasPrefix(loc.Key, "_") {
		h.asked <- loc.Key
		<-h.leave
	}
	return h.Store.Put(ctx, loc, body, size, o)
}

// TestOverlap proves that an object is masked while the one before it is stored, and not while that is masked.
func TestOverlap(t *testing.T) {
	t.Parallel()
	b := setup(t)
	h := held{b.store, make(chan string), make(chan struct{})}
	s := b.service(h)
	done := make(chan error)
	for _, key := range []string{"interaction/a.csv", "interaction/b.csv"} {
		in := b.drop(key, asCSV(peopleRows(10)))
		go func() {
			_, err := s.Mask(t.Context(), in)
			done <- err
		}()
	}
	if first, second := <-h.asked, <-h.asked; first == second { // both were masked, and neither is stored
		t.Errorf("one object was masked twice")
	}
	close(h.leave)
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}

	taken, err := s.turns.Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer taken()
	ctx, cancel := context.WithCancelCause(t.Context())
	in := b.drop("interaction/c.csv", asCSV(peopleRows(10)))
	go func() {
		_, err := s.Mask(ctx, in)
		done <- err
	}()
	cancel(errNetwork)
	if err := <-done; !errors.Is(err, errNetwork) && !errors.Is(err, context.Canceled) {
		t.Errorf("out of turn: %v", err)
	}
	if _, err := s.turns.Take(ctx); err == nil {
		t.Error("who had no turn gave one back")
	}
}
