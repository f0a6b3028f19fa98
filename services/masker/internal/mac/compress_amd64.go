package mac

import "github.com/klauspost/cpuid/v2"

// fast says that compress works here.
var fast = cpuid.CPU.Supports(cpuid.SHA, cpuid.SSE4, cpuid.SSSE3)

// compress adds a block to each of the first two of four hashes (FIPS 180-4, section 6.2.2). With twice, it then adds what
// they have become, as the end of a message of 96 bytes, to the last two: to the third what the first has become, to the
// fourth the second.
//
//go:noescape
func compress(states *[4]state, blocks *[2][block]byte, twice bool)
