//go:build race

package detect

// poolSlack is the allocations a Find may have because the race detector makes
// sync.Pool drop some of what it is given: a scan and its scratch, twice.
const poolSlack = 8

// effort divides the number of random texts; the race detector makes each of them
// many times as slow.
const effort = 10
