package bustest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/maskrail/maskrail/libs/bus"
)

var keyValue = map[string]func(*testing.T, *bench){
	"a value is what was put last": func(t *testing.T, b *bench) {
		kv, err := b.KV(t.Context(), "states")
		must(t, err)
		if _, err := kv.Get(t.Context(), "sandbox.a"); !errors.Is(err, bus.ErrNotFound) {
			t.Errorf("error is %v, want ErrNotFound", err)
		}
		for _, value := range []string{"loaded", "", "skipped"} {
			must(t, kv.Put(t.Context(), "sandbox.a", []byte(value)))
			got, err := kv.Get(t.Context(), "sandbox.a")
			must(t, err)
			if string(got) != value {
				t.Errorf("value is %q, want %q", got, value)
			}
		}
	},
	"connections share a bucket, buckets share nothing": func(t *testing.T, b *bench) {
		kv, err := b.KV(t.Context(), "states")
		must(t, err)
		must(t, kv.Put(t.Context(), "a", []byte("1")))
		same, err := connected(t, b.connect).KV(t.Context(), "states")
		must(t, err)
		if got, err := same.Get(t.Context(), "a"); err != nil || string(got) != "1" {
			t.Errorf("another connection sees %q, %v", got, err)
		}
		other, err := b.KV(t.Context(), "others")
		must(t, err)
		if _, err := other.Get(t.Context(), "a"); !errors.Is(err, bus.ErrNotFound) {
			t.Errorf("another bucket: error is %v, want ErrNotFound", err)
		}
	},
	"keys are listed by prefix, each once": func(t *testing.T, b *bench) {
		kv, err := b.KV(t.Context(), "states")
		must(t, err)
		for _, key := range []string{"sandbox.a", "sandbox.b", "sandbox.b", "sandbox-2.a", "other/x=1"} {
			must(t, kv.Put(t.Context(), key, []byte("v")))
		}
		for prefix, want := range map[string][]string{
			"":          {"other/x=1", "sandbox-2.a", "sandbox.a", "sandbox.b"},
			"sandbox.":  {"sandbox.a", "sandbox.b"},
			"sandbox":   {"sandbox-2.a", "sandbox.a", "sandbox.b"},
			"sandbox.b": {"sandbox.b"},
			"none.":     nil,
		} {
			var got []string
			must(t, kv.Keys(t.Context(), prefix, func(key string) error {
				got = append(got, key)
				return nil
			}))
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("keys with prefix %q are %q, want %q", prefix, got, want)
			}
		}
		enough := errors.New("enough")
		if err := kv.Keys(t.Context(), "", func(string) error { return enough }); !errors.Is(err, enough) {
			t.Errorf("error is %v, want that of the function", err)
		}
	},
	"a value is swapped for the one that was expected": func(t *testing.T, b *bench) {
		kv, err := b.KV(t.Context(), "leases")
		must(t, err)
		for i, step := range []struct {
			old, value []byte
			ok         bool
		}{
			{[]byte("a"), []byte("b"), false}, // nothing is there
			{[]byte{}, []byte("b"), false},
			{nil, []byte("a"), true},
			{nil, []byte("b"), false}, // something is there
			{[]byte("b"), []byte("c"), false},
			{[]byte("a"), []byte{}, true},
			{nil, []byte("b"), false}, // an empty value is one
			{[]byte{}, []byte("c"), true},
			{[]byte("c"), []byte("c"), true},
		} {
			err := kv.Swap(t.Context(), "a", step.old, step.value)
			if step.ok {
				must(t, err)
			} else if !errors.Is(err, bus.ErrConflict) {
				t.Errorf("step %d: error is %v, want ErrConflict", i, err)
			}
			if got, err := kv.Get(t.Context(), "a"); err == nil && got == nil {
				t.Errorf("step %d: the value is nil", i)
			}
		}
		if got, err := kv.Get(t.Context(), "a"); err != nil || string(got) != "c" {
			t.Errorf("value is %q, %v", got, err)
		}
	},
	"of many that swap one value one succeeds": func(t *testing.T, b *bench) {
		other := connected(t, b.connect)
		var round []byte
		for range 5 {
			var wg sync.WaitGroup
			var won atomic.Int32
			for i := range 8 {
				wg.Go(func() {
					kv, err := []bus.Bus{b.Bus, other}[i%2].KV(t.Context(), "leases")
					if err == nil {
						err = kv.Swap(t.Context(), "a", round, fmt.Append(bytes.Clone(round), i))
					}
					if err == nil {
						won.Add(1)
					} else if !errors.Is(err, bus.ErrConflict) {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if won.Load() != 1 {
				t.Fatalf("%d succeeded", won.Load())
			}
			kv, err := b.KV(t.Context(), "leases")
			must(t, err)
			round, err = kv.Get(t.Context(), "a")
			must(t, err)
		}
	},
	"an empty bucket lists nothing": func(t *testing.T, b *bench) {
		kv, err := b.KV(t.Context(), "states")
		must(t, err)
		must(t, kv.Keys(t.Context(), "", func(key string) error {
			t.Errorf("listed %q", key)
			return nil
		}))
	},
	"a key that is not allowed is an error": func(t *testing.T, b *bench) {
		kv, err := b.KV(t.Context(), "states")
		must(t, err)
		for _, key := range []string{"", ".a", "a b", "a*"} {
			if err := kv.Put(t.Context(), key, nil); err == nil {
				t.Errorf("put takes %q", key)
			}
			if err := kv.Swap(t.Context(), key, nil, nil); err == nil || errors.Is(err, bus.ErrConflict) {
				t.Errorf("swap of %q: error is %v", key, err)
			}
			if _, err := kv.Get(t.Context(), key); err == nil || errors.Is(err, bus.ErrNotFound) {
				t.Errorf("get of %q: error is %v", key, err)
			}
		}
	},
}
