package detect

import "github.com/klauspost/cpuid/v2"

// fast says that tallyBlocks works here.
var fast = cpuid.CPU.Supports(cpuid.AVX2, cpuid.POPCNT)

// tallyBlocks adds blocks of 32 bytes to the tally. It reads the two bytes behind them.
//
//go:noescape
func tallyBlocks(text *byte, blocks int, t *blockTally, k *blockTables)
