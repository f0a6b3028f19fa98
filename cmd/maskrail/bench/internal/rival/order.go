package rival

import (
	"context"
	"io"

	"golang.org/x/sync/errgroup"
)

// threads of everybody here who has more than one.
const threads = 2

// inOrder makes n pieces with two goroutines and writes them one behind the other.
func inOrder(ctx context.Context, n int, piece func(context.Context, int) ([]byte, error), out io.Writer) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(threads + 1) // and one that writes
	pieces := make([]chan []byte, n)
	for i := range pieces {
		pieces[i] = make(chan []byte, 1)
	}
	g.Go(func() error {
		for _, p := range pieces {
			select {
			case b := <-p:
				if _, err := out.Write(b); err != nil {
					return err
				}
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		return nil
	})
	for i := range n {
		g.Go(func() error {
			b, err := piece(ctx, i)
			pieces[i] <- b
			return err
		})
	}
	return g.Wait()
}
