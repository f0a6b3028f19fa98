package exporter

import (
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/libs/tenant"
)

// FuzzRefer: whatever a key is, its reference can be published on a subject of four or, for a rejection, five words, and what
// is refused says why.
func FuzzRefer(f *testing.F) {
	for _, key := range []string{
		"interaction/a.csv", "calls/tenant=A%20B/a", "calls/tenant=/a", "/", "", "interaction/run=01JQ8Z3V5T7M9K2N4P6R8S0W1X/tenant=a/b",
		"calls/tenant=%00/a", "calls/tenant=a%2Eb%2A%3E/a", "lists/tenant=acme/x",
	} {
		f.Add(key)
	}
	names, err := tenant.NewNames("")
	if err != nil {
		f.Fatal(err)
	}
	s := &Service{names: names, routes: newRoutes([]Route{
		{Prefix: "calls/", Entity: "interaction", Tenant: "{tenant}", Ignore: []string{"*.tmp"}},
		{Prefix: "lists/", Tenant: "{tenant}", Tenants: []string{"acme"}},
	})}
	f.Fuzz(func(t *testing.T, key string) {
		if key == "" {
			return // no object has it
		}
		_ = s.skips(key, 0)
		ref, err := s.refer(objref.Object{Bucket: "b", Key: key, Version: "etag:1"})
		at, words := objref.AtRaw, 4
		if err != nil {
			reason, ok := stage.Rejected(err)
			if !ok || reason.Class == "" || reason.Detail == "" {
				t.Fatalf("%q: %v", key, err)
			}
			at, words = objref.AtRejected, 5
			ref.Outcome = &objref.Outcome{State: objref.Rejected, Reason: &reason}
		}
		m, err := objref.Encode(ref, at, ref.Subject(at), publisher)
		if err != nil {
			t.Fatalf("%q: %v", key, err)
		}
		if parts := strings.Split(m.Subject, "."); len(parts) != words || strings.ContainsAny(m.Subject, " *>\t\r\n") {
			t.Errorf("%q: subject %q", key, m.Subject)
		}
	})
}
