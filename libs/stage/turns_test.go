package stage_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/maskrail/maskrail/libs/stage"
)

func TestTurns(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ n, want int }{"none means one": {0, 1}, "one": {1, 1}, "three": {3, 3}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				turns, inside := stage.NewTurns(c.n), make(chan func(), 5)
				for range 5 {
					go func() {
						done, err := turns.Take(t.Context())
						if err != nil {
							t.Error(err)
							return
						}
						inside <- done
					}()
				}
				synctest.Wait()
				if len(inside) != c.want {
					t.Errorf("%d have a turn, want %d", len(inside), c.want)
				}
				for range 5 {
					(<-inside)()
					synctest.Wait()
				}
			})
		})
	}
}

func TestTurnsEnd(t *testing.T) {
	t.Parallel()
	turns := stage.NewTurns(1)
	done, err := turns.Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("stop")
	cancel(stop)
	if _, err := turns.Take(ctx); !errors.Is(err, stop) {
		t.Errorf("wait for a turn: %v, want the cause", err)
	}
	done()
	if _, err := turns.Take(ctx); err != nil {
		t.Errorf("a free turn: %v", err)
	}
}
