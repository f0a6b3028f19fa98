package tenant_test

import (
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/detect"
	"github.com/maskrail/maskrail/libs/tenant"
)

func TestRefuse(t *testing.T) {
	t.Parallel()
	var every []string
	for _, c := range detect.Classes() {
		every = append(every, string(c))
	}
	tests := map[string]struct {
		name     string
		expected []string
		want     string // part of the reason; "" means none
	}{
		"word":              {name: "acme"},
		"company":           {name: "Smith & Sons, 5 Main Street"},
		"umlaut":            {name: "Müller"},
		"number":            {name: "tenant-0017"},
		"empty":             {want: "no name"},
		"blank":             {name: " \u00a0", want: "no name"},
		"two lines":         {name: "a\nb", want: "no name"},
		"a page":            {name: strings.Repeat("x", 129), want: "at most 128 bytes"},
		"as long as can be": {name: strings.Repeat("x", 128)},
		"broken text":       {name: "a\xff", want: "no name"},
		"phone":             {name: "+1 212 555 0147", want: "class phone"},
		"phone, expected":   {name: "+1 212 555 0147", expected: []string{"phone"}},
		"mail":              {name: "jane@example.com", want: "class email"},
		"all expected":      {name: "jane@example.com +1 212 555 0147", expected: every},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			names, err := tenant.NewNames("US", tt.expected...)
			if err != nil {
				t.Fatal(err)
			}
			got := names.Refuse([]byte(tt.name))
			if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) || strings.Contains(got, "555") {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
	if _, err := tenant.NewNames("nowhere"); err == nil {
		t.Error("an unknown region")
	}
}
