package draft_test

import (
	"testing"

	"github.com/maskrail/maskrail/libs/classify"
	"github.com/maskrail/maskrail/libs/draft"
	"github.com/maskrail/maskrail/libs/drift"
	"github.com/maskrail/maskrail/libs/policy"
)

// FuzzPatch: what comes out is a policy with the field in it, or nothing comes out.
func FuzzPatch(f *testing.F) {
	f.Add([]byte(head+fields), "p[].mobile", "x")
	f.Add([]byte(head+"fields:\n- {path: id, keep: true}"), `a["b \" c"].d`, "id")
	f.Add([]byte("---\n"+head+fields+"\n---\nentity: x\n"), "notes", "notes")
	f.Fuzz(func(t *testing.T, file []byte, path, old string) {
		var all []draft.Proposal
		for _, d := range []drift.Field{unknown(path, classify.Phone, 0.9), {Path: path, Kind: drift.Renamed, Policy: old}} {
			if p, ok := draft.For(d, false); ok {
				all = append(all, p)
			}
		}
		for _, p := range all {
			patched, diff, err := draft.Patch("policy.yaml", file, map[string][]draft.Proposal{"interaction": {p}}, nil)
			if err != nil {
				continue
			}
			set, err := policy.Parse("policy.yaml", patched, nil)
			if err != nil || diff == "" {
				t.Fatalf("%v\n%s", err, patched)
			}
			got, _ := set.For("interaction")
			if _, ok := got.Field(p.Path); !ok {
				t.Errorf("%s is not in\n%s", p.Path, patched)
			}
		}
	})
}
