package dataexport_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maskrail/maskrail/libs/genesyssim"
	"github.com/maskrail/maskrail/services/exporter/internal/dataexport"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

func TestSchemas(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, func(c *genesyssim.Config, _ *dataexport.Config) {
			c.Drift.Changes = []genesyssim.Change{{At: time.Now().Add(time.Hour), Entity: "interaction", Path: "customerSegment", Do: "add"}}
		})
		types := func() map[string]string {
			schemas, err := b.source.Schemas(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			d := schemas["interaction"]
			if !d.Typed || d.Sparse {
				t.Error("the provider's types are its own, and it names every field")
			}
			types := map[string]string{}
			for _, c := range d.Columns {
				types[c.Path.String()] = c.Type
			}
			return types
		}
		before := types()
		for name, want := range map[string]string{"interactionId": "string", "tenant_id": "string", "startTime": "timestamp", "durationMs": "int", "transcript": "", "recordingContent": "", "customerSegment": ""} {
			if before[name] != want {
				t.Errorf("%s is of type %q, want %q", name, before[name], want)
			}
		}
		time.Sleep(2 * time.Hour)
		if after := types(); len(after) != len(before)+1 || after["customerSegment"] == "" {
			t.Errorf("%d fields after the change, %d before", len(after), len(before))
		}
	})
}

func TestStrangeSchemas(t *testing.T) {
	t.Parallel()
	const fields = `{"schemas":[{"entityType":"interaction","fields":[`
	tests := map[string]struct {
		says, typ, wrong string
	}{
		"a type of its own":     {says: fields + `{"name":"x","type":"GEOMETRY"}]}]}`, typ: "mixed"},
		"a name with a dot":     {says: fields + `{"name":"a.b","type":"STRING"}]}]}`, typ: "string"},
		"no name":               {says: fields + `{"name":"","type":"STRING"}]}]}`, wrong: "field 1"},
		"none for interactions": {says: `{"schemas":[]}`, wrong: "none for interaction"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := setup(t)
				b.source = b.make(answerText(tt.says), dataexport.Config{Bucket: "raw", Region: "us-east-1"})
				schemas, err := b.source.Schemas(t.Context())
				if tt.wrong != "" {
					if err == nil || !strings.Contains(err.Error(), tt.wrong) {
						t.Errorf("error is %v, want %q", err, tt.wrong)
					}
					return
				}
				if c := schemas["interaction"].Columns; err != nil || len(c) != 1 || len(c[0].Path) != 1 || c[0].Type != tt.typ {
					t.Errorf("columns %v, %v", c, err)
				}
			})
		})
	}
}

// TestProvision: the field is made once, however often and by however many it is asked for.
func TestProvision(t *testing.T) {
	t.Parallel()
	const post = "POST /api/v2/interactionlogs/customfields"
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		for i := range 3 {
			if created, err := b.source.Provision(t.Context()); err != nil || created != (i == 0) {
				t.Errorf("created %v, %v", created, err)
			}
		}
		if n := b.sim.Requests()[post]; n != 1 {
			t.Errorf("asked for %d times", n)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, func(c *genesyssim.Config, _ *dataexport.Config) {
			c.Faults = []genesyssim.Fault{{On: post, Do: genesyssim.Lost}} // made, and nobody heard
		})
		if created, err := b.source.Provision(t.Context()); err != nil || created {
			t.Errorf("created %v, %v", created, err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		b := setup(t)
		b.source = b.make(answerText(`{"customFields":[{"name":"tenant_id","dataType":"NUMBER","entityType":"INTERACTIONLOG"}]}`), dataexport.Config{Bucket: "raw", Region: "us-east-1"})
		if _, err := b.source.Provision(t.Context()); !errors.Is(err, source.ErrRefused) || !strings.Contains(err.Error(), "rename it") {
			t.Errorf("error is %v, want a refusal", err)
		}
	})
}

func TestAvailable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		if at, err := setup(t).source.Available(t.Context()); err != nil || !at.Equal(time.Now()) {
			t.Errorf("available until %v, %v", at, err)
		}
	})
}
