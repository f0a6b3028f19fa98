//go:build !race

package ff1

const racing = false
