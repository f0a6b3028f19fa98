package exporter

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/memblob"
)

// TestSections: however routes lie in one another, the sections have every key once, and each key in one of its route's kind.
func TestSections(t *testing.T) {
	t.Parallel()
	ordered := func(prefixes ...string) (all []Route) {
		for _, p := range prefixes {
			name, plain := strings.CutPrefix(p, "-")
			all = append(all, Route{Prefix: name, TimeOrdered: !plain})
		}
		return all
	}
	tests := map[string]struct {
		routes []Route
		want   int // sections
	}{
		"none":                      {nil, 2},
		"none that is ordered":      {ordered("-a/", "-b/", "-b/c/"), 2},
		"one":                       {ordered("b/"), 4},
		"all":                       {ordered(""), 2},
		"all but one":               {ordered("", "-b/"), 4},
		"two":                       {ordered("b/", "a/"), 6},
		"one in another":            {ordered("b/", "b/c/"), 6},
		"one out of another":        {ordered("b/", "-b/c/"), 6},
		"one deep in a plain one":   {ordered("-b/", "b/c/d/"), 6},
		"in and out and in again":   {ordered("b/", "-b/c/", "b/c/d/", "-b/c/d/e/"), 10},
		"next to each other":        {ordered("b/c/", "b/d/", "-b/"), 8},
		"in a plain one of the all": {ordered("", "-b/", "-b/c/", "b/d/"), 6},
	}
	var keys []string
	for _, folder := range []string{"", "a/", "_runs/", "_x", "b/", "b/b/", "b/c/", "b/c/d/", "b/c/d/e/", "b/c/e/", "b/d/", "b0/", "c/", "ü/"} {
		for _, name := range []string{"0", "x", "é", "\U0010FFFE"} {
			keys = append(keys, folder+name+".json")
		}
	}
	slices.Sort(keys)
	var swept []string
	for _, k := range keys {
		if !ours(k) {
			swept = append(swept, k)
		}
	}
	store := memblob.New("bucket")
	for _, k := range keys {
		if _, err := store.Put(t.Context(), blob.Location{Bucket: "bucket", Key: k}, strings.NewReader("x"), 1, blob.PutOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			routes := newRoutes(tt.routes)
			var got []string
			all := sections(routes)
			for _, s := range all {
				for o, err := range s.list(t.Context(), store, "bucket") {
					if err != nil {
						t.Fatal(err)
					}
					if r := routes.of(o.Key); r.TimeOrdered != s.ordered || s.ordered && r.Prefix != s.prefix {
						t.Errorf("%s of route %q is in a section of %q, ordered %v", o.Key, r.Prefix, s.prefix, s.ordered)
					}
					got = append(got, o.Key)
				}
			}
			if !slices.Equal(got, swept) {
				t.Errorf("listed %q\nwant %q", got, swept)
			}
			if len(all) != tt.want {
				var shown []string
				for _, s := range all {
					shown = append(shown, fmt.Sprintf("%q after %q until %q", s.prefix, s.after, s.until))
				}
				t.Errorf("%d sections, want %d: %s", len(all), tt.want, strings.Join(shown, "; "))
			}
		})
	}
}
