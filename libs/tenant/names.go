// Package tenant knows what can be the name of a tenant. Names stand in subjects, output keys and attestations, where a
// value of the data must not.
package tenant

import (
	"bytes"
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/maskrail/maskrail/libs/detect"
)

// maxName is the longest name in bytes.
const maxName = 128

// Names says what cannot be a name where no list says what can. The zero value looks at the form alone. It is safe for
// concurrent use.
type Names struct{ set *detect.Set }

// NewNames looks for values of every class but the expected ones. Companies are called after people and places, so those
// two are not looked for. region is that of numbers without a country code.
func NewNames(region string, expected ...string) (Names, error) {
	var classes []detect.Class
	for _, c := range detect.Classes() {
		if c != detect.Name && c != detect.Address && !slices.Contains(expected, string(c)) {
			classes = append(classes, c)
		}
	}
	if len(classes) == 0 { // NewSet would take it for all
		return Names{}, nil
	}
	set, err := detect.NewSet(region, classes...)
	return Names{set}, err
}

// Refuse says why this is no name, without showing it; "" when it may be one.
func (n Names) Refuse(name []byte) string {
	if len(bytes.TrimSpace(name)) == 0 || len(name) > maxName || !utf8.Valid(name) || bytes.ContainsFunc(name, unicode.IsControl) {
		return fmt.Sprintf("is no name: want at most %d bytes of text without control characters", maxName)
	}
	if n.set == nil {
		return ""
	}
	if found := n.set.Find(nil, name); len(found) > 0 {
		return fmt.Sprintf("looks like a value of class %s", found[0].Class)
	}
	return ""
}
