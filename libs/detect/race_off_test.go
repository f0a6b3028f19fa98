//go:build !race

package detect

const poolSlack = 0

const effort = 1
