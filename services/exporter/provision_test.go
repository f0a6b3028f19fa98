package exporter_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/maskrail/maskrail/libs/genesyssim"
	"github.com/maskrail/maskrail/services/exporter"
)

// TestProvisionTags: the field is made once, of the sources that have such fields.
func TestProvisionTags(t *testing.T) {
	t.Parallel()
	sim, err := genesyssim.New(genesyssim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("simulated-secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	var sources []exporter.Source
	for name, kind := range map[string]string{"files": "data-export", "jobs": "genesys-analytics"} {
		sources = append(sources, exporter.Source{Name: name, Type: kind, API: server.URL, Login: server.URL, ClientID: "maskrail", ClientSecretFile: secret})
	}
	for _, created := range []bool{true, false} {
		tags, err := exporter.ProvisionTags(t.Context(), sources)
		if want := []exporter.Tag{{Source: "files", Created: created}}; err != nil || !slices.Equal(tags, want) {
			t.Errorf("%v %v, want %v", tags, err, want)
		}
	}
	if n := sim.Requests()["POST /api/v2/interactionlogs/customfields"]; n != 1 {
		t.Errorf("%d fields were made", n)
	}
}
