package cli

import (
	"strings"
	"testing"

	"github.com/maskrail/maskrail/policies"
)

// A shell is offered what fits, and files only where files belong.
func TestCompletion(t *testing.T) {
	t.Parallel()
	dir, policy := used(t), file(t, "policy.yaml", string(policies.GuideInteraction))
	for line, want := range map[string]string{
		"mask --policy":                           "yaml yml :8",
		"policy lint":                             "yaml yml :8",
		"policy diff a.yaml":                      "yaml yml :8",
		"policy diff a.yaml b.yaml":               ":4",
		"run --dir":                               ":16",
		"quarantine ls --dir " + dir + " --env":   "sandbox second :4",
		"run --policy " + policy + " --entity":    "interaction :4",
		"policy explain " + policy + " --entity":  "interaction :4",
		"synth --entity":                          "conversation interaction :4",
		"replay --stage":                          "raw masked validated :4",
		"verify --dir " + dir:                     "maskrail-masked/sandbox/call/_/0011.parquet :4",
		"verify --trust x":                        ":0",
		"mask --out x --policy p in.csv":          ":4",
		"run --policy p":                          ":0",
		"drift":                                   ":4",
		"quarantine show --dir " + t.TempDir():    ":4",
		"quarantine discard --dir " + t.TempDir(): ":4",
		"quarantine ls --reason":                  ":4",
		"policy ready":                            strings.Join(policies.Names(), " ") + " :4",
		"trust allow":                             "--env --policy :16",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			out, err := execute(t, append(append([]string{"__complete"}, strings.Fields(line)...), "")...)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for offer := range strings.Lines(out) {
				name, _, _ := strings.Cut(strings.TrimSpace(offer), "\t")
				got = append(got, name)
			}
			if strings.Join(got, " ") != want {
				t.Errorf("offered %q, want %q", strings.Join(got, " "), want)
			}
		})
	}
}
