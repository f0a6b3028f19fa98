package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Digest identifies what the policy means: "sha256:" and hex over its normalised content, which includes the
// defaults and the content of every file it names. Comments and layout do not change it; everything else does.
func (p *Policy) Digest() string { return p.digest }

func digest(p *Policy) (string, error) {
	type field struct {
		Field
		Treatment string
		Value     Treatment
	}
	fields := make([]field, len(p.Fields))
	for i, f := range p.Fields {
		fields[i] = field{Field: f, Treatment: f.Treatment.Name(), Value: f.Treatment}
	}
	content := struct {
		APIVersion string
		Policy
		Fields []field
	}{APIVersion, *p, fields}
	// Every part is a struct, string, number or slice: no map, so that there is one encoding.
	body, err := json.Marshal(content)
	if err != nil {
		return "", fmt.Errorf("digest of policy %s: %w", p.Name, err)
	}
	sum := sha256.Sum256(body)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}
