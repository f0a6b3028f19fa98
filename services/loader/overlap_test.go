package loader

import (
	"context"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/services/loader/sink"
)

// held is a sink that says when it is asked, and loads when it may.
type held struct {
	Sink
	asked, leave chan struct{}
}

func (h held) Load(ctx context.Context, b sink.Batch) (sink.Result, error) {
	h.asked <- struct{}{}
	<-h.leave
	return h.Sink.Load(ctx, b)
}

// TestOneAtATime proves that an object is fetched while the one before it is inserted, and not inserted beside it.
func TestOneAtATime(t *testing.T) {
	t.Parallel()
	// The files are written outside of the bubble, as in TestRun.
	outside := setup(t)
	first := outside.object("a", nil, [3]string{"acme", "i1", "note"})
	second := outside.object("b", nil, [3]string{"acme", "i2", "note"})
	synctest.Test(t, func(t *testing.T) {
		b := outside.inside(t)
		h := held{b.sink, make(chan struct{}), make(chan struct{})}
		b.sink = h
		done := make(chan error)
		for _, in := range []objref.Ref{first, second} {
			go func() {
				_, err := b.load(t.Context(), in)
				done <- err
			}()
			synctest.Wait() // the first asks, the second has to wait for its turn
		}
		<-h.asked
		synctest.Wait()
		select {
		case <-h.asked:
			t.Error("two objects are inserted at a time")
		default:
		}
		if copies, err := filepath.Glob(filepath.Join(b.temp.dir, b.temp.prefix+"*")); err != nil || len(copies) != 2 {
			t.Errorf("%d objects are there, %v: want the next one fetched", len(copies), err)
		}
		h.leave <- struct{}{}
		if err := <-done; err != nil {
			t.Error(err)
		}
		<-h.asked
		close(h.leave)
		if err := <-done; err != nil {
			t.Error(err)
		}
		b.expect(`SELECT count(*) FROM interaction`, "2")
	})
}
