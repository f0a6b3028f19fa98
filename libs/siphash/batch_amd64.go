package siphash

import "github.com/klauspost/cpuid/v2"

// fast says that sumLanes works here.
var fast = cpuid.CPU.Supports(cpuid.AVX512F)

// sumLanes writes Sum64 of messages of so many words each, the last of which has their length: of sixteen for each block.
//
//go:noescape
func sumLanes(start *State, messages *[batchWords][batchRoom]uint64, words, blocks int, sums *[batchRoom]uint64)
