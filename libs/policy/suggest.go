package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// suggest names the known key nearest to name, or all of them when none is near.
func suggest[V any](name string, keys map[string]V) string {
	known := slices.Sorted(maps.Keys(keys))
	best, at := "", 3 // more than two edits is another word
	for _, k := range known {
		if d := Distance(strings.ToLower(name), strings.ToLower(k)); d < at {
			best, at = k, d
		}
	}
	if best != "" {
		return fmt.Sprintf(": did you mean %q?", best)
	}
	return ": known are " + strings.Join(known, ", ")
}

// Distance is the number of insertions, deletions, replacements and swaps of neighbours between two words.
func Distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	var two, one, row [65]int
	for j := range len(b) + 1 {
		one[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(one[j]+1, row[j-1]+1, one[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], two[j-2]+1)
			}
		}
		two, one = one, row
	}
	return one[len(b)]
}
