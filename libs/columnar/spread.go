package columnar

import (
	"sync"
	"sync/atomic"
)

// Spread calls fn for 0 up to n from `workers` goroutines, the caller's among
// them, and returns when all calls have. The error is that of the lowest number,
// whatever the goroutines; a call that panics is a *PanicError.
func Spread(n, workers int, fn func(int) error) error {
	errs := make([]error, n)
	var next atomic.Int64
	work := func() {
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			errs[i] = guard(func() error { return fn(i) })
		}
	}
	var others sync.WaitGroup
	for range min(workers, n) - 1 {
		others.Go(work)
	}
	work()
	others.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
