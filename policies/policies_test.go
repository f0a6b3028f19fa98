package policies

import (
	"bytes"
	"slices"
	"testing"
)

func TestNames(t *testing.T) {
	t.Parallel()
	want := []string{"amazon-connect-ctr", "genesys-conversation", "genesys-interaction", "guide-interaction", "hipaa-safe-harbor", "pci-dss"}
	if got := Names(); !slices.Equal(got, want) {
		t.Errorf("names %q, want %q", got, want)
	}
	for _, name := range Names() {
		text, ok := Find(name)
		if !ok || !bytes.Contains(text, []byte("metadata: {name: "+name+", version: ")) {
			t.Errorf("%s is not found, or calls itself otherwise", name)
		}
	}
}

func TestFindNothing(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", ".", "nobody", "../policies/pci-dss", "testdata/pci-dss", "pci-dss.yaml"} {
		if _, ok := Find(name); ok {
			t.Errorf("%q is found", name)
		}
	}
}

func TestGuideInteraction(t *testing.T) {
	t.Parallel()
	if text, _ := Find("guide-interaction"); !bytes.Equal(text, GuideInteraction) {
		t.Error("GuideInteraction is not the policy of that name")
	}
}
