//go:build race

package columnar

// The race detector looks for races, at a tenth of the speed, and the plain run
// for everything else.
const (
	flipStep         = 11 // bytes from one flip to the next
	manyRowsOfAGroup = 100_000
)
