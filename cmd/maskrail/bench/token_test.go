package main

import (
	"slices"
	"testing"
)

func TestPerValue(t *testing.T) {
	t.Parallel()
	got := perValue(`goos: linux
BenchmarkToken-2        	     100	   3276800 ns/op	 100.00 MB/s	       200.0 ns/value	     512 B/op	       7 allocs/op
BenchmarkToken-2        	     100	   3276800 ns/op	 100.00 MB/s	       210.5 ns/value	     512 B/op	       7 allocs/op
BenchmarkTokenPhone     	      10	   9276800 ns/op	 100.00 MB/s	       566.2 ns/value	     512 B/op	       7 allocs/op
PASS
`)
	if !slices.Equal(got["BenchmarkToken"], []float64{200, 210.5}) || !slices.Equal(got["BenchmarkTokenPhone"], []float64{566.2}) || len(got) != 2 {
		t.Errorf("%v", got)
	}
}
