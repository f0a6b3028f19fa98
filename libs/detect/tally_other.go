//go:build !amd64

package detect

// fast says that tallyBlocks works here.
const fast = false

func tallyBlocks(*byte, int, *blockTally, *blockTables) {}
