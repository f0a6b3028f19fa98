//go:build !race

package surrogate

// effort divides the number of values that tests try.
const effort = 1
