package source_test

import (
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

func TestHeld(t *testing.T) {
	t.Parallel()
	const detail, said = "12 conversations name two tenants", "a record names more than one tenant"
	whole := objref.Reason{Class: source.ClassTenantConflict, Field: "attributes.tenant_id", Detail: detail, Count: 12}
	hold := source.HoldMetadata(whole)
	tests := map[string]struct {
		metadata map[string]string
		ours     bool
		want     objref.Reason // zero for an object that is not held
	}{
		"not held":             {map[string]string{"traceparent": "00"}, true, objref.Reason{}},
		"held":                 {hold, true, whole},
		"by a stranger":        {hold, false, objref.Reason{Class: source.ClassTenantConflict, Detail: said}},
		"without a detail":     {source.HoldMetadata(objref.Reason{Class: source.ClassTenantConflict}), true, objref.Reason{Class: source.ClassTenantConflict, Detail: said}},
		"detail of two lines":  {source.HoldMetadata(objref.Reason{Class: source.ClassTenantConflict, Detail: "a\nb"}), true, objref.Reason{Class: source.ClassTenantConflict, Detail: said}},
		"detail too long":      {map[string]string{"maskrail-held": source.ClassTenantConflict, "maskrail-held-detail": strings.Repeat("x", 301)}, true, objref.Reason{Class: source.ClassTenantConflict, Detail: said}},
		"count that is none":   {map[string]string{"maskrail-held": source.ClassTenantBlank, "maskrail-held-count": "-1"}, true, objref.Reason{Class: source.ClassTenantBlank, Detail: "the tenant of a record is blank"}},
		"another class":        {map[string]string{"maskrail-held": "+1 212 555 0147", "maskrail-held-detail": "Jane"}, true, objref.Reason{Class: source.ClassHeld, Detail: "whoever stored the object wants it to be looked at"}},
		"another class of our": {source.HoldMetadata(objref.Reason{Class: "new-one", Detail: detail}), true, objref.Reason{Class: source.ClassHeld, Detail: detail}},
		"empty class":          {map[string]string{"maskrail-held": ""}, true, objref.Reason{Class: source.ClassHeld, Detail: "whoever stored the object wants it to be looked at"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := source.Held(tt.metadata, tt.ours)
			if ok != (tt.want.Class != "") || got != tt.want {
				t.Errorf("%+v, %v, want %+v", got, ok, tt.want)
			}
		})
	}
}
