package source

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
)

var partName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)

// IsPartName reports what a part may be called: it stands in a key.
func IsPartName(name string) bool { return partName.MatchString(name) }

// tagged is how many bytes of a digest stand in a tag.
const tagged = 8

// Tag stands for a text of any characters and length, such as a tenant, in the name of a part.
func Tag(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:tagged])
}
