//go:build race

package surrogate

// effort divides the number of values that tests try: the race detector makes each ten times dearer.
const effort = 10
