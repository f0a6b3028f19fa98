package masker

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/maskrail/maskrail/libs/policy"
)

const jsonPolicy = `
tenant: {path: t}
fields:
  - {path: t, keep: true}
  - {path: phone, token: {domain: phone, format: phone}}
  - path: doc
    json:
      fields:
        - {path: id, keep: true}
        - {path: name, aliases: [fullName], token: {domain: person.name}}
        - {path: born, date: {truncate: year}}
        - {path: age, bucket: {width: 10, top: 90}}
        - {path: zip, zip3: true}
        - {path: gone, drop: true}
        - {path: mark, aliases: [flag], drop: true}
        - {path: empty, "null": true}
        - {path: secret, redact: {}}
        - {path: note, scrub: {context: [phone]}}
        - {path: "tags[]", mask: {first: 1}}
        - {path: '["odd name"]', redact: {with: "-"}}
        - {path: contact.kind, keep: true}
        - {path: contact.value, when: {path: kind, in: [phone, "1"]}, token: {domain: phone, format: phone}}
        - {path: contact.value, token: {domain: email, format: email}}
        - {path: "legs[].direction", keep: true}
        - {path: "legs[].ani", when: {path: direction, in: [OUTBOUND]}, keep: true}
        - {path: "legs[].ani", redact: {}}
        - {path: "legs[].hops[].to", when: {path: direction, in: [OUTBOUND]}, keep: true}
        - {path: "legs[].hops[].to", when: {path: id, in: [all]}, keep: true}
        - {path: "legs[].hops[].to", redact: {}}
        - {path: "grid[][].x", mask: {}}
        - {path: attributes, map: {keep: [a], default: redact}}
        - path: inner
          json:
            invalid: "null"
            unknown: drop
            fields:
              - {path: "[].name", token: {domain: person.name}}
`

func TestJSON(t *testing.T) {
	t.Parallel()
	p := testPlan(t, jsonPolicy)
	name := "geqbdkmrevlpqqevtyt7yet5zi"
	tests := map[string]struct{ in, want string }{
		"empty":            {``, ``},
		"null":             {` null `, `null`},
		"no members":       {`{}`, `{}`},
		"kept text":        {`{"id":"a\u0062\n\/"}`, `{"id":"ab\n/"}`},
		"kept numbers":     {`{"id": -0.10E+5}`, `{"id":-0.10E+5}`},
		"kept null":        {`{"id":null,"name":null,"secret":null,"tags":[null],"legs":null}`, `{"id":null,"name":null,"secret":null,"tags":[null],"legs":null}`},
		"order":            {`{"secret":1,"id":true,"empty":"x"}`, `{"secret":"[MASKED]","id":true,"empty":null}`},
		"empty text":       {`{"name":"","born":"","note":"","secret":"","empty":""}`, `{"name":"","born":"","note":"","secret":"[MASKED]","empty":null}`},
		"token":            {`{"name":"Jane Okafor"}`, `{"name":"` + name + `"}`},
		"token of escapes": {`{"name":"\u004aane  OKAFOR"}`, `{"name":"` + name + `"}`},
		"bucket":           {`{"age":37.5}`, `{"age":30}`},
		"bucket of text":   {`{"age":"1e3"}`, `{"age":"90"}`},
		"ZIP code":         {`{"zip":"02139"}`, `{"zip":"021"}`},
		"ZIP as a number":  {`{"zip":2139}`, `{"zip":"021"}`},
		"alias":            {`{"fullName":"Jane Okafor"}`, `{"name":"` + name + `"}`},
		"alias twice":      {`{"fullName":"a","name":"b"}`, "wrong-type: in name: it is there more than once, by its name or an alias"},
		"dropped twice":    {`{"mark":"a","flag":"b"}`, "wrong-type: in mark: it is there more than once, by its name or an alias"},
		"odd name":         {`{"odd name":[1]}`, `{"odd name":"-"}`},
		"dropped":          {`{"gone":{"a":[1]},"id":1}`, `{"id":1}`},
		"scrub":            {`{"note":"say \"call 415-555-0142\"\n"}`, `{"note":"say \"call [PHONE]\"\n"}`},
		"scrub by context": {`{"note":"on 4155550199"}`, `{"note":"on [PHONE]"}`},
		"list":             {`{"tags":["abc",12,true,""]}`, `{"tags":["a**","1*","t***",""]}`},
		"list of lists":    {`{"grid":[[{"x":"ab"}],[],[{},{"x":null}]]}`, `{"grid":[[{"x":"**"}],[],[{},{"x":null}]]}`},
		"when":             {`{"contact":{"value":"a@example.com","kind":"mail"}}`, `{"contact":{"value":"kjlxlkm4qbz4xya7yx64yrpnbz@masked.invalid","kind":"mail"}}`},
		"when by a number": {`{"contact":{"value":"4155550142","kind":1}}`, `{"contact":{"value":"+999929230833917","kind":1}}`},
		"when in lists":    {`{"legs":[{"ani":"1","direction":"OUTBOUND"},{"direction":"INBOUND","ani":"2"},{"ani":"3"}]}`, `{"legs":[{"ani":"1","direction":"OUTBOUND"},{"direction":"INBOUND","ani":"[MASKED]"},{"ani":"[MASKED]"}]}`},
		"when around":      {`{"legs":[{"hops":[{"to":1},{"to":2}],"direction":"OUTBOUND"},{"hops":[{"to":3}]}]}`, `{"legs":[{"hops":[{"to":1},{"to":2}],"direction":"OUTBOUND"},{"hops":[{"to":"[MASKED]"}]}]}`},
		"when at the top":  {`{"legs":[{"hops":[{"to":1}]}],"id":"all"}`, `{"legs":[{"hops":[{"to":1}]}],"id":"all"}`},
		"map":              {`{"attributes":{"a":{"b":1},"c":[2]}}`, `{"attributes":{"a":{"b":1},"c":"[MASKED]"}}`},
		"map in text":      {`{"attributes":"{\"c\":1}"}`, `{"attributes":"{\"c\":\"[MASKED]\"}"}`},
		"JSON in JSON":     {`{"inner":"[{\"name\":\"Jane Okafor\",\"age\":7},null]"}`, `{"inner":"[{\"name\":\"` + name + `\"},null]"}`},
		"JSON as it is":    {`{"inner":[{"name":"Jane Okafor"}]}`, `{"inner":[{"name":"` + name + `"}]}`},
		"JSON quoted":      {`{"inner":"\"[{\\\"name\\\":\\\"Jane Okafor\\\"}]\""}`, `{"inner":"\"[{\\\"name\\\":\\\"` + name + `\\\"}]\""}`},
		"JSON cut":         {`{"inner":"[{\"name\":\"Jane Oka"}`, `{"inner":null}`},
		"quoted":           {`"{\"id\":1}"`, `"{\"id\":1}"`},
		"number at top":    {`4155550142`, "bad-value: the text is no JSON: it is neither an object nor an array: correct the source, or say json.invalid: redact or null"},
		"text at top":      {`"jane"`, "bad-value: the text is no JSON: it breaks the grammar of RFC 8259: correct the source, or say json.invalid: redact or null"},
		"cut":              {`{"id":"jane`, "bad-value: the text is no JSON: it ends before it is complete, and may have been cut off: correct the source, or say json.invalid: redact or null"},
		"list at top":      {`[]`, "wrong-type: in the text: the policy has an object there, and the text has none"},
		"list of inner":    {`{"inner":{}}`, "wrong-type: in inner: in the text: the policy has a list there, and the text has none"},
		"object for value": {`{"name":{"first":"Jane"}}`, "wrong-type: in name: an array or object stands where the policy treats a single value"},
		"list kept":        {`{"id":[1]}`, "wrong-type: in id: an array or object stands where the policy treats a single value"},
		"value for object": {`{"contact":"Jane"}`, "wrong-type: in contact: the policy has an object there, and the text has none"},
		"value for list":   {`{"tags":"Jane"}`, "wrong-type: in tags: the policy has a list there, and the text has none"},
		"deeper list":      {`{"tags":[["Jane"]]}`, "wrong-type: in tags: an array or object stands where the policy treats a single value"},
		"unknown":          {`{"contact":{"kind":"a","Jane":1}}`, "unknown-field: the member \"Jane\" of contact is not named by the policy: add a field with a treatment for it, then replay the object"},
		"bad date":         {`{"born":"long ago"}`, "bad-value: in born: "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := treatText(t, p, tt.in)
			if err != nil {
				got = problem(t, err)
			}
			if got != tt.want && !begins(got, tt.want) {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestJSONInvalid(t *testing.T) {
	t.Parallel()
	for invalid, want := range map[policy.Invalid]string{policy.RedactInvalid: "[MASKED]", policy.NullInvalid: "null"} {
		p := testPlan(t, fmt.Sprintf(`
tenant: {path: t}
fields:
  - {path: t, keep: true}
  - {path: doc, json: {invalid: %q, unknown: drop, fields: [{path: a, keep: true}]}}
`, invalid))
		for _, text := range []string{`jane`, `{"a":`, `"{\"a\":"`, `4155550142`, `{"a":1,"a":2}`, `{"a":"\ud800"}`, strings.Repeat(`{"a":`, 70)} {
			if got, err := treatText(t, p, text); err != nil || got != want {
				t.Errorf("%s of %q: got %s %v", invalid, text, got, err)
			}
		}
		if got, err := treatText(t, p, `{"b":{"c":1},"a":2}`); err != nil || got != `{"a":2}` {
			t.Errorf("got %s %v", got, err)
		}
		if _, err := treatText(t, p, `{"a":[]}`); err == nil || classOf(t, err) != ClassWrongType {
			t.Errorf("JSON of another shape is taken for no JSON: %v", err)
		}
	}
}

func classOf(t *testing.T, err error) string {
	t.Helper()
	class, _, _ := strings.Cut(problem(t, err), ":")
	return class
}

// TestJSONRefused: what cannot be done is told when the policy is compiled.
func TestJSONRefused(t *testing.T) {
	t.Parallel()
	p := testPolicy(t, jsonPolicy)
	f, _ := p.Field("doc")
	fields := f.Treatment.(policy.JSON).Fields
	list := slices.IndexFunc(fields, func(f policy.Field) bool { return f.Path == "legs[].ani" })
	tests := map[string]struct {
		fields []policy.Field
		want   string
	}{
		"no fields":        {nil, "json.fields is empty"},
		"only a condition": {fields[list : list+1], "without a condition"},
		"other list":       {[]policy.Field{with(fields[list], "contact.things[].a"), fields[list+1]}, "a list that is not around the field"},
	}
	for name, tt := range tests {
		_, err := compiled(t, p, "sandbox").newTree(policy.JSON{Fields: tt.fields})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// with is the field with a condition on another path.
func with(f policy.Field, path string) policy.Field {
	f.When = &policy.When{Reference: policy.Reference{Path: path}, In: f.When.In}
	return f
}

// TestJSONLarge: the time grows with the text, whatever is in it.
func TestJSONLarge(t *testing.T) {
	t.Parallel()
	p := testPlan(t, `
tenant: {path: t}
fields:
  - {path: t, keep: true}
  - path: doc
    json:
      unknown: drop
      fields:
        - {path: direction, keep: true}
        - {path: "legs[].ani", when: {path: direction, in: [OUTBOUND]}, keep: true}
        - {path: "legs[].ani", redact: {}}
        - {path: text, scrub: {}}
        - {path: name, aliases: [fullName], token: {domain: name}}
`)
	var members strings.Builder
	for i := range 200_000 {
		fmt.Fprintf(&members, `"m%d":0,`, i)
	}
	for name, in := range map[string]string{
		"string":  `{"text":"` + strings.Repeat("a1 ", 3<<20) + `"}`,
		"escapes": `{"name":"` + strings.Repeat(`\"`, 5<<20) + `"}`,
		"members": `{` + members.String() + `"name":"Jane"}`,
		// Each of the elements asks for a member that stands behind many others.
		"condition": `{` + members.String() + `"legs":[` + strings.Repeat(`{"ani":1},`, 100_000) + `{}],"direction":"OUTBOUND"}`,
	} {
		begin := time.Now()
		if _, err := treatText(t, p, in); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(begin); took > time.Minute {
			t.Errorf("%s: %s for %d bytes", name, took, len(in))
		}
	}
	if _, err := treatText(t, p, strings.Repeat(`{"legs":[`, 1<<20)); err == nil {
		t.Error("a text without an end is taken")
	}
}

// FuzzJSON: whatever the text is, it is refused or becomes JSON with the same members in their order, of which the kept
// ones say the same and no other says anything that was said before.
func FuzzJSON(f *testing.F) {
	f.Add(`{"name":"Jane Okafor","id":12345678901234567890,"contact":{"kind":"phone","value":"(415) 555-0142"}}`)
	f.Add(`{"id":"\u0041\ud83d\ude00","name":{"a":1},"list":["4155550142",4155550142,null]}`)
	f.Add(`"{\"id\":1}"`)
	p := testPlan(f, `
tenant: {path: t}
fields:
  - {path: t, keep: true}
  - path: doc
    json:
      unknown: drop
      fields:
        - {path: id, keep: true}
        - {path: name, token: {domain: person.name}}
        - {path: "list[]", token: {domain: x}}
        - {path: contact.kind, keep: true}
        - {path: contact.value, when: {path: kind, in: [phone]}, token: {domain: phone, format: phone}}
        - {path: contact.value, redact: {}}
`)
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		out, err := treatText(t, p, text)
		if err != nil {
			if json.Valid([]byte(text)) && strings.Contains(problem(t, err), "RFC 8259") && !strings.HasPrefix(strings.TrimSpace(text), `"`) {
				t.Fatalf("JSON is refused: %v", err)
			}
			return
		}
		if text == "" || strings.HasPrefix(strings.TrimSpace(text), `"`) {
			return
		}
		var before, after map[string]json.RawMessage
		if err := json.Unmarshal([]byte(text), &before); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(out), &after); err != nil {
			t.Fatalf("%s becomes %s: %v", text, out, err)
		}
		for name := range maps.Keys(after) {
			if !slices.Contains([]string{"id", "name", "list", "contact"}, name) {
				t.Errorf("the member %s is still there", name)
			}
		}
		if _, ok := before["id"]; ok && unescaped(t, string(before["id"])) != unescaped(t, string(after["id"])) {
			t.Errorf("%s is kept as %s", before["id"], after["id"])
		}
		for _, name := range []string{"name", "list"} {
			said := textsOf(before[name])
			for _, s := range textsOf(after[name]) {
				if s != "" && slices.Contains(said, s) {
					t.Errorf("%s of %s still says so in %s", name, text, out)
				}
			}
		}
	})
}

// textsOf are the texts and numbers of a value or a list of values.
func textsOf(v json.RawMessage) []string {
	var list []any
	if json.Unmarshal(v, &list) != nil {
		var one any
		if json.Unmarshal(v, &one) != nil {
			return nil
		}
		list = []any{one}
	}
	var out []string
	for _, e := range list {
		if e != nil {
			out = append(out, fmt.Sprint(e))
		}
	}
	return out
}
