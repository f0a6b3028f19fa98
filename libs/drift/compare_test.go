package drift_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/classify"
	"github.com/maskrail/maskrail/libs/drift"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/survey"
)

const header = "apiVersion: maskrail.io/v1\nkind: Policy\nmetadata: {name: test, version: 1}\nentity: interaction\n"

const flat = `key: [id]
fields:
  - {path: id, keep: true}
  - {path: phoneNumber, token: {domain: phone, format: phone, scope: environment}}
  - {path: started, keep: true, type: timestamp, aliases: [startTime]}
  - {path: address1, redact: {}}
`

const nested = `key: [id]
fields:
  - {path: id, keep: true}
  - {path: "p[].name", token: {domain: person.name, scope: environment}}
  - {path: "p[].s[].ani", token: {domain: phone, format: phone, scope: environment}}
  - {path: "p[].s[].cc[]", token: {domain: email, format: email, scope: environment}}
  - {path: "p[].attributes", map: {default: redact}}
`

func parse(t *testing.T, body string) *policy.Policy {
	t.Helper()
	set, err := policy.Parse("test.yaml", []byte(header+body), nil)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := set.For("interaction")
	return p
}

func compare(t *testing.T, p *policy.Policy, name, content string) []drift.Field {
	t.Helper()
	s, err := survey.Read(t.Context(), strings.NewReader(content), name, survey.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	by, err := classify.New(p.Region)
	if err != nil {
		t.Fatal(err)
	}
	return drift.Compare(p, drift.Of(s), by)
}

func tell(fields []drift.Field) string {
	var out []string
	for _, f := range fields {
		line := fmt.Sprintf("%s %s", f.Kind, f.Path)
		if f.Policy != "" {
			line += " <- " + f.Policy
		}
		if f.Opinion != nil {
			line += " " + string(f.Opinion.Class)
		}
		if f.Waits {
			line += "!"
		}
		out = append(out, line)
	}
	return strings.Join(out, "; ")
}

func TestCompare(t *testing.T) {
	t.Parallel()
	ids := "7c2f0d1e-5a34-4b8f-9a51-0f6d1c2b3a41"
	for name, c := range map[string]struct{ policy, file, content, want string }{
		"nothing":            {flat, "x.csv", "id,phoneNumber,startTime,address1\n1,,,\n", ""},
		"unknown":            {flat, "x.csv", "id,phoneNumber,started,address1,segment\n1,,,,+14155550142\n", "unknown segment phone!"},
		"vanished":           {flat, "x.csv", "id,phoneNumber,started\n1,,\n", "vanished address1"},
		"the key is gone":    {flat, "x.csv", "phoneNumber,started,address1\n1,,\n", "vanished id!"},
		"renamed":            {flat, "x.csv", "id,phone_number,started,address1\n1,,,\n", "renamed phone_number <- phoneNumber phone!"},
		"renamed by kind":    {flat, "x.csv", "id,customerMobile,started,address1\n1,,,\n", "renamed customerMobile <- phoneNumber phone!"},
		"another address":    {flat, "x.csv", "id,phoneNumber,started,address2\n1,,,\n", "unknown address2 address!; vanished address1"},
		"no header at all":   {flat, "x.csv", "Jane Okafor,+14155550142\nx,y\n", "unknown at position 1 unknown!; unknown at position 2 flag!; vanished id!; vanished phoneNumber; vanished started <- timestamp; vanished address1"},
		"name that is data":  {flat, "x.csv", "id,phoneNumber,started,address1,+14155550142\n1,,,,2\n", "unknown at position 5 measure!"},
		"deep":               {nested, "x.jsonl", `{"id":"1","p":[{"name":"A","s":[{"ani":"1","bcc":["x@example.com"],"externalTag":"call jane@example.com now"}],"attributes":{"Odd Key":"1"}}]}`, "unknown p[].s[].bcc[] email!; unknown p[].s[].externalTag text!"},
		"objects of objects": {nested, "x.jsonl", `{"id":"1","extra":{"contact":{"phone":"+14155550142"}}}`, "unknown extra.contact.phone phone!"},
		"keys that are data": {nested, "x.jsonl", `{"id":"1","extra":{"Jane Okafor":1,"Bob Hill":2}}`, "unknown extra opaque!"},
		"sparse JSON":        {nested, "x.jsonl", `{"id":"1"}`, ""},
		"renamed in JSON":    {nested, "x.jsonl", `{"id":"1","p":[{"s":[{"ANI":"1"}]}]}`, "renamed p[].s[].ANI <- p[].s[].ani phone!"},
		"scalar for a list":  {nested, "x.jsonl", `{"id":"1","p":[{"s":[{"cc":"x"}]}]}`, ""}, // the reader says it
		"another type":       {flat, "x.csv", "id,phoneNumber,started,address1\n1,,yesterday,\n2,,2026-01-01T00:00:00Z,\n3,,soon,\n", "retyped started <- timestamp!"},
		"one bad value":      {flat, "x.csv", "id,phoneNumber,started,address1\n1,,yesterday,\n2,,2026-01-01T00:00:00Z,\n3,,2026-01-01,\n", ""},
		"a harmless one":     {flat, "x.csv", "id,phoneNumber,started,address1,ref\n" + strings.Repeat("1,,,,"+ids+"\n", 30), "unknown ref uuid!"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := compare(t, parse(t, c.policy), c.file, c.content)
			if tell(got) != c.want {
				t.Errorf("got  %s\nwant %s", tell(got), c.want)
			}
			text, _ := json.Marshal(got)
			if s := string(text); strings.Contains(s, "555") || strings.Contains(s, "Jane") || strings.Contains(s, "jane") {
				t.Errorf("a value shows: %s", s)
			}
		})
	}
}

// A schema that was fetched is compared without a file.
func TestCompareFetchedSchema(t *testing.T) {
	t.Parallel()
	p := parse(t, nested)
	path := func(text string) policy.Path {
		steps, err := policy.ParsePath(text)
		if err != nil {
			t.Fatal(err)
		}
		return steps
	}
	by, err := classify.New("US")
	if err != nil {
		t.Fatal(err)
	}
	got := drift.Compare(p, drift.Source{Typed: true, Columns: []survey.Column{
		{Path: path("id"), Type: "string"},
		{Path: path("p[].name[]"), Type: "string"},
		{Path: path("p[].s[].ani.number"), Type: "string"},
		{Path: path("p[].attributes.x"), Type: "string"},
		{Path: path("p[].s[].bcc[]"), Type: "string"},
	}}, by)
	want := "retyped p[].name[] <- a single value!; retyped p[].s[].ani <- a single value!; unknown p[].s[].bcc[] contact!; vanished p[].s[].cc[]"
	if tell(got) != want {
		t.Errorf("got  %s\nwant %s", tell(got), want)
	}
}
