// Package policies holds the ready-made policies, so that the binary carries them.
package policies

import _ "embed"

// GuideInteraction is the policy of flat interactions with the field names of the public guide.
//
//go:embed guide-interaction.yaml
var GuideInteraction []byte
