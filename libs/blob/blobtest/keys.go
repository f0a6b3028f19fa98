package blobtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/blob"
)

func oddKeys(t *testing.T, f fixture) {
	keys := []string{
		"with space", "plus+sign", "per%cent", "per%20cent", "a%2Fb", "ünïcödé/日本語", "eq=ual&amp", "hash#tag", "quest?ion=1",
		"quote\"'", "colon:semi;comma,at@", "star*paren()!", "tilde~dollar$", "brace{}[]^`|", "<xml>&", "new\nline", "tab\there",
		"dots.in..name", "tenant=acme/date=2026-01-01/phone=+12125550147.csv", "back\\slash", strings.Repeat("long/", 40) + "k",
	}
	for _, k := range keys {
		f.put(t, k, "content of "+k)
	}
	for _, k := range keys {
		if got, o := f.read(t, f.at(k), blob.Range{}); got != "content of "+k || o.Key != f.prefix+k {
			t.Errorf("key %q: got %q under %q", k, got, o.Key)
		}
		if _, err := f.store.Head(t.Context(), f.at(k)); err != nil {
			t.Errorf("head of key %q: %v", k, err)
		}
	}
	var listed []string
	for o, err := range f.store.List(t.Context(), f.bucket, f.prefix) {
		if err != nil {
			t.Fatal(err)
		}
		listed = append(listed, strings.TrimPrefix(o.Key, f.prefix))
	}
	slices.Sort(keys)
	if !slices.Equal(listed, keys) {
		t.Errorf("listed %q\nwant   %q", listed, keys)
	}
	for _, k := range keys {
		if err := f.store.Delete(t.Context(), f.at(k)); err != nil {
			t.Errorf("delete of key %q: %v", k, err)
		}
	}
	for o, err := range f.store.List(t.Context(), f.bucket, f.prefix) {
		t.Errorf("after deleting all: %q, %v", o.Key, err)
	}
}

func list(t *testing.T, f fixture) {
	keys := []string{"a", "a-b", "a.b", "a0", "b/1", "b/2/3", "b-1", "c d/e", "c/d"}
	for _, k := range keys {
		f.put(t, k, k)
	}
	slices.Sort(keys)
	tests := []struct {
		prefix string
		want   []string
	}{
		{"", keys},
		{"b", []string{"b-1", "b/1", "b/2/3"}},
		{"b/", []string{"b/1", "b/2/3"}},
		{"b/2/3", []string{"b/2/3"}},
		{"a", []string{"a", "a-b", "a.b", "a0"}},
		{"c d/", []string{"c d/e"}},
		{"zzz", nil},
	}
	for _, tt := range tests {
		var got []string
		for o, err := range f.store.List(t.Context(), f.bucket, f.prefix+tt.prefix) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, strings.TrimPrefix(o.Key, f.prefix))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("prefix %q: got %q, want %q", tt.prefix, got, tt.want)
		}
	}
	n := 0
	for range f.store.List(t.Context(), f.bucket, f.prefix) {
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("a loop that was left saw %d objects, want 2", n)
	}
}

// listMany goes past one page of 1000.
func listMany(t *testing.T, f fixture) {
	const objects = 1050
	for i := range objects {
		f.put(t, fmt.Sprintf("%d/%04d", i%3, i), "x")
	}
	seen, last := 0, ""
	for o, err := range f.store.List(t.Context(), f.bucket, f.prefix) {
		if err != nil {
			t.Fatal(err)
		}
		if o.Key <= last {
			t.Fatalf("object %d: key %q after %q", seen, o.Key, last)
		}
		seen, last = seen+1, o.Key
	}
	if seen != objects {
		t.Errorf("listed %d objects, want %d", seen, objects)
	}
}

// listAfter begins behind every key, behind keys that are not there, and past the end, also when the store hides that it can
// seek.
func listAfter(t *testing.T, f fixture) {
	keys := []string{"a", "a b", "a+b", "a-b", "a0", "b-1", "b/%41", "b/1", "b/2/3", "b/A", "b/ü", "b0", "c"}
	for _, k := range keys {
		f.put(t, k, k)
	}
	slices.Sort(keys)
	type plain struct{ blob.Store }
	for name, store := range map[string]blob.Store{"seeks": f.store, "lists": plain{f.store}} {
		for _, prefix := range []string{"", "a", "b", "b/", "b/2/", "x"} {
			for _, after := range append([]string{"", "a/", "b/", "b/19", "b/2", "b/\U0010FFFF", "zz"}, keys...) {
				var got, want []string
				for _, k := range keys {
					if strings.HasPrefix(k, prefix) && k > after {
						want = append(want, k)
					}
				}
				for o, err := range blob.ListAfter(t.Context(), store, f.bucket, f.prefix+prefix, f.prefix+after) {
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, strings.TrimPrefix(o.Key, f.prefix))
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s: prefix %q after %q: got %q, want %q", name, prefix, after, got, want)
				}
			}
		}
	}
}
