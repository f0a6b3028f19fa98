//go:build !amd64

package siphash

// fast says that sumLanes works here.
const fast = false

func sumLanes(*State, *[batchWords][batchRoom]uint64, int, int, *[batchRoom]uint64) {}
