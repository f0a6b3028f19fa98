package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Digest identifies what the policy means: "sha256:" and hex over its normalised content, which includes the
// defaults and the content of every file it names. Comments, layout and examples do not change it; everything else does.
func (p *Policy) Digest() string { return p.digest }

func digest(p *Policy) (string, error) {
	content := struct {
		APIVersion string
		Policy
		Fields []namedField
	}{APIVersion, *p, nameAll(p.Fields)}
	// Every part is a struct, string, number or slice: no map, so that there is one encoding.
	body, err := json.Marshal(content)
	if err != nil {
		return "", fmt.Errorf("digest of policy %s: %w", p.Name, err)
	}
	sum := sha256.Sum256(body)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}

// namedField is a field whose treatment says what it is: the values of keep and of drop are the same.
type namedField struct {
	Field
	Treatment string
	Value     any
}

func nameAll(fields []Field) []namedField {
	out := make([]namedField, len(fields))
	for i, f := range fields {
		out[i] = named(f)
	}
	return out
}

func named(f Field) namedField {
	if f.Treatment == nil {
		return namedField{Field: f}
	}
	n := namedField{Field: f, Treatment: f.Treatment.Name(), Value: f.Treatment}
	switch t := f.Treatment.(type) {
	case Map:
		n.Value = struct {
			Map
			Fields  []namedField
			Default namedField
		}{t, nameAll(t.Fields), named(Field{Treatment: t.Default})}
	case JSON:
		n.Value = struct {
			JSON
			Fields []namedField
		}{t, nameAll(t.Fields)}
	}
	return n
}
