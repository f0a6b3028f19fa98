package bustest

import (
	"errors"
	"slices"
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
			if _, err := kv.Get(t.Context(), key); err == nil || errors.Is(err, bus.ErrNotFound) {
				t.Errorf("get of %q: error is %v", key, err)
			}
		}
	},
}
