package blob

import (
	"context"
	"iter"
)

// Seeker is a Store that can begin a listing behind any key, in the time that the rest takes.
type Seeker interface {
	// ListAfter yields as Store.List does the objects whose keys are greater than after; "" is before all.
	ListAfter(ctx context.Context, bucket, prefix, after string) iter.Seq2[Object, error]
}

// ListAfter lists behind the key after. A Store that is no Seeker is listed from the start.
func ListAfter(ctx context.Context, store Store, bucket, prefix, after string) iter.Seq2[Object, error] {
	if s, ok := store.(Seeker); ok {
		return s.ListAfter(ctx, bucket, prefix, after)
	}
	return func(yield func(Object, error) bool) {
		for o, err := range store.List(ctx, bucket, prefix) {
			if err == nil && o.Key <= after && after != "" {
				continue
			}
			if !yield(o, err) {
				return
			}
		}
	}
}
