package analytics

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/policy"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is otherwise:\n%s", path, got)
	}
}

// project makes the flat forms of the lines of a file.
func project(t *testing.T, p Projection, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []byte
	for line := range bytes.Lines(text) {
		c, bad := parse(bytes.TrimSpace(line))
		if bad != "" {
			t.Fatal(bad)
		}
		if out, err = p.append(out, &c, owner{"acme", FromAttribute}); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// TestProjection shows conversations in their flat form: calls in and out, mails in and out, a callback that goes on, one
// whose clock went wrong, and records that have little, or something else than they should.
func TestProjection(t *testing.T) {
	t.Parallel()
	const conversations = "testdata/conversations.jsonl"
	golden(t, "projection.golden.jsonl", project(t, Projection{}, conversations))
	golden(t, "projection-more.golden.jsonl", project(t, Projection{
		HideTenantSource: true, Notes: true,
		Attributes: map[string]string{"firstName": "first", "lastName": "last", "emailAddress": "Email Address", "cardNumber": "cardOnFile", "ssn": "memberNo", "dateOfBirth": "birth"},
	}, conversations))
	golden(t, "projection-sample.golden.jsonl", project(t, Projection{}, "../../../../policies/testdata/genesys-conversation.jsonl"))
}

// TestFields holds the flat form against the policies that it is made for.
func TestFields(t *testing.T) {
	t.Parallel()
	var all map[string]any
	full := interaction{TenantSource: "x", Direction: "x", Channel: "x", Language: "x", StartTime: "x", EndTime: "x", DurationMs: new(int64(1)), QueueID: "x", AgentID: "x", PhoneNumber: "x", EmailAddress: "x", ExternalID: "x", FirstName: "x", LastName: "x", CardNumber: "x", SSN: "x", DateOfBirth: "x", WrapUpCode: "x", Notes: "x"}
	b, err := json.Marshal(full)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	for name, source := range map[string]bool{"guide-interaction": false, "genesys-interaction": true} {
		set, err := policy.Load("../../../../policies/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		var fields []string
		for p := range set.All() {
			for _, f := range p.Fields {
				fields = append(fields, f.Path)
			}
		}
		for field := range all {
			if !slices.Contains(fields, field) && (field != "tenant_source" || source) {
				t.Errorf("%s does not name %s", name, field)
			}
		}
		for _, field := range fields {
			if _, ok := all[field]; !ok {
				t.Errorf("%s names %s, which the flat form does not have", name, field)
			}
		}
	}
}

// TestDateOfBirth: the column is one of dates, and an attribute may be anything.
func TestDateOfBirth(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{"1984-07-02": "1984-07-02", " 1984-07-02 ": "1984-07-02", "07/02/1984": "", "1984-13-02": "", "unknown": ""} {
		var row interaction
		attributes, _ := json.Marshal(map[string]string{"birth": value})
		Projection{Attributes: map[string]string{"dateOfBirth": "birth"}}.attributes(&row, attributes)
		if row.DateOfBirth != want {
			t.Errorf("%q becomes %q", value, row.DateOfBirth)
		}
	}
}

func TestCode(t *testing.T) {
	t.Parallel()
	for in, kept := range map[string]bool{
		"INBOUND": true, "en-us": true, "f0000000-0000-4000-8000-000000000001": true, "00000000-0000-4000-8000-000000000001": true, "7": true, "ININ-WRAP-UP-TIMEOUT": true,
		"": true, "Jane Okafor": false, "jane@example.com": false, "+14155550142": false, "4155550142": false, "415-555-0142": false, "411111111111-1111": false,
		strings.Repeat("a", 65): false, "größe": false,
	} {
		if got := code(in); got == in != kept {
			t.Errorf("%q: kept is %v", in, !kept)
		}
	}
}
