package masker

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/policy"
)

// page is a document with a policy, JSON Lines as input, and the output that the policy makes of it.
var page = regexp.MustCompile("(?s)^(.*```yaml\n)(.*?)(```.*```json\n)(.*?)(```.*```json\n)(.*?)(```.*)$")

// TestPages masks what each page about a treatment or a ready policy shows, and wants the output that it shows.
func TestPages(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../../docs/treatments/*.md")
	if err != nil {
		t.Fatal(err)
	}
	ready, err := filepath.Glob("../../docs/policies/*.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, path := range append(paths, ready...) {
		name := strings.TrimSuffix(filepath.Base(path), ".md")
		if name == "README" {
			continue
		}
		shown[name] = true
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			parts := page.FindStringSubmatch(string(text))
			if parts == nil {
				t.Fatal("want a policy, an input and an output, in blocks of yaml, json and json")
			}
			set, err := policy.Parse(name+".yaml", []byte("apiVersion: maskrail.io/v1\nkind: Policy\nmetadata: {name: page, version: 1}\nentity: page\n"+parts[2]), nil)
			if err != nil {
				t.Fatal(err)
			}
			p, _ := set.For("page")
			plan, err := Compile(p, keys.Example(), "example")
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if _, err := plan.Mask(t.Context(), strings.NewReader(parts[4]), "page.jsonl", &out, Options{Format: columnar.FormatJSONL}); err != nil {
				t.Fatal(err)
			}
			if *update {
				parts[6] = out.String()
				if err := os.WriteFile(path, []byte(strings.Join(parts[1:], "")), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if out.String() != parts[6] {
				t.Errorf("the page shows\n%s\nand the policy makes\n%s", parts[6], out.String())
			}
		})
	}
	for _, treatment := range []policy.Treatment{
		policy.Keep{}, policy.Drop{}, policy.Null{}, policy.Redact{}, policy.Mask{}, policy.Token{}, policy.Card{}, policy.FPE{}, policy.Fake{},
		policy.Date{}, policy.Bucket{}, policy.Zip3{}, policy.Scrub{}, policy.Map{}, policy.JSON{},
	} {
		if !shown[treatment.Name()] {
			t.Errorf("no page shows the treatment %s", treatment.Name())
		}
	}
	for name := range readyPolicies(t) {
		if !shown[name] {
			t.Errorf("no page is about the policy %s", name)
		}
	}
}
