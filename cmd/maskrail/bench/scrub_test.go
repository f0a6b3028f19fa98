package main

import "testing"

func TestPerSecond(t *testing.T) {
	t.Parallel()
	got := perSecond(`goos: linux
BenchmarkScrub/detectors         	     272	   2567004 ns/op	       185.4 MB/cpu-s
BenchmarkScrub/regexps-2         	       1	 554356755 ns/op	         2.060 MB/cpu-s
PASS
`)
	if got["detectors"] != 185.4 || got["regexps"] != 2.06 || len(got) != 2 {
		t.Errorf("%v", got)
	}
}
