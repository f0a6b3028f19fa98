// Package policies holds the ready policies, so that the binary carries them. docs/policies says for whom each one is.
package policies

import (
	"embed"
	"strings"
)

//go:embed *.yaml
var files embed.FS

// GuideInteraction is the policy of flat interactions with the field names of the public guide.
//
//go:embed guide-interaction.yaml
var GuideInteraction []byte

const extension = ".yaml"

// Names are the names of the policies, sorted. Each is the name that the policy gives itself in metadata.name.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil // the folder is part of the binary
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), extension)
	}
	return names
}

// Find returns the YAML of the policy of that name, and false when there is none.
func Find(name string) ([]byte, bool) {
	text, err := files.ReadFile(name + extension)
	return text, err == nil
}
