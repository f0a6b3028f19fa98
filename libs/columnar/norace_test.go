//go:build !race

package columnar

const (
	flipStep         = 1 // bytes from one flip to the next
	manyRowsOfAGroup = 1_000_000
)
