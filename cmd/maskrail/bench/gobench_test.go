package main

import (
	"maps"
	"slices"
	"testing"
)

func TestReported(t *testing.T) {
	t.Parallel()
	const out = `goos: linux
BenchmarkToken-2        	     100	   3276800 ns/op	 100.00 MB/s	       200.0 ns/value	     512 B/op	       7 allocs/op
BenchmarkToken-2        	     100	   3276800 ns/op	 100.00 MB/s	       210.5 ns/value	     512 B/op	       7 allocs/op
BenchmarkTokenPhone     	      10	   9276800 ns/op	 100.00 MB/s	       566.2 ns/value	     512 B/op	       7 allocs/op
BenchmarkScrub/detectors         	     272	   2567004 ns/op	       185.4 MB/cpu-s
BenchmarkScrub/regexps-2         	       1	 554356755 ns/op	         2.060 MB/cpu-s
BenchmarkLookUp/1000000-2        	 8161269	       128.7 ns/op	        18.95 ns/candidate
PASS
`
	for unit, want := range map[string]map[string][]float64{
		"ns/value":     {"BenchmarkToken": {200, 210.5}, "BenchmarkTokenPhone": {566.2}},
		"MB/cpu-s":     {"BenchmarkScrub/detectors": {185.4}, "BenchmarkScrub/regexps": {2.06}},
		"ns/candidate": {"BenchmarkLookUp/1000000": {18.95}},
		"ns":           {},
	} {
		if got := reported(out, unit); !maps.EqualFunc(got, want, slices.Equal) {
			t.Errorf("%s: %v, want %v", unit, got, want)
		}
	}
}
