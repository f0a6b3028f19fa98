//go:build !amd64

package masker

// wide says that nextFit works here.
const wide = false

func nextFit(*byte, int, int, uint32) int { return -1 }
