package validator

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/policy"
)

const insidePolicy = `apiVersion: maskrail.io/v1
kind: Policy
metadata: {name: test, version: 1}
entity: interaction
tenant: {path: t}
fields:
  - {path: t, keep: true}
  - path: attributes
    map:
      keep: [LOB]
      fields:
        - {path: name, token: {domain: person.name, prefix: User_}}
        - {path: contact, when: {path: kind, in: [phone]}, token: {domain: phone, format: phone}}
        - {path: contact, redact: {}}
        - {path: unused, "null": true}
        - {path: secret, drop: true}
        - path: crm
          json:
            invalid: redact
            fields:
              - {path: name, token: {domain: person.name, prefix: User_}}
              - {path: id, keep: true}
      default: redact
  - {path: strict, map: {keep: [LOB]}}
  - path: doc
    json:
      unknown: drop
      fields:
        - {path: id, keep: true}
        - {path: name, token: {domain: person.name, prefix: User_}}
        - {path: age, bucket: {width: 10}}
        - {path: gone, drop: true}
        - {path: "list[].card", card: {keep: last4}}
        - {path: open, map: {keep: [a], default: scrub}}
        - {path: text, json: {fields: [{path: "[]", redact: {}}]}}
`

const name26 = "User_geqbdkmrevlpqqevtyt7yet5zi"

// columnOf is what looks at a column of the test's policy.
func columnOf(t testing.TB, path string) column {
	t.Helper()
	set, err := policy.Parse("test.yaml", []byte(insidePolicy), nil)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := set.For("interaction")
	d, err := newDetectors(p)
	if err != nil {
		t.Fatal(err)
	}
	return d.of(p.Tree().Member(path))
}

func TestInside(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ treated, raw []string }{
		"attributes": {
			[]string{``, `null`, `{}`, `{"LOB":"claims","name":"` + name26 + `","x":"[MASKED]"}`, `{"LOB":[1,{"a":2}]}`, `{"name":"","x":null,"name2":""}`,
				`{"contact":"+999929230833917"}`, `{"contact":"[MASKED]"}`, `{"unused":null}`, `"{\"LOB\":1}"`,
				`{"key_zuvd7mko7nj6tef2ntxutxe4kf":"[MASKED]","case 1234":"[MASKED]"}`,
				`{"crm":"{\"id\":1,\"name\":\"` + name26 + `\"}"}`, `{"crm":{"id":1}}`, `{"crm":"[MASKED]"}`, `{"crm":"\"{\\\"id\\\":1}\""}`},
			[]string{`x`, `[]`, `1`, `{"LOB":"a"`, `{"LOB":1,"LOB":2}`, `{"name":"Jane"}`, `{"name":1}`, `{"x":"y"}`, `{"x":7}`, `{"x":{}}`, `{"contact":"415"}`,
				`{"unused":"x"}`, `{"secret":"x"}`, `{"secret":null}`, `{"jane@example.com":"[MASKED]"}`, `{"12345":"[MASKED]"}`, `{"٤١٥٥٥":"[MASKED]"}`,
				`{"415-555-0142":"[MASKED]"}`, `{"key_zuvd7mko7nj6tef2ntxutxe4k@":"[MASKED]"}`, `{"crm":"{\"name\":\"Jane\"}"}`, `{"crm":"{\"age\":1}"}`, `{"crm":"x"}`,
				`{"crm":{"name":"Jane"}}`, `{"crm":[]}`, "{\"LOB\":\"\xff\"}"},
		},
		"strict": {
			[]string{`{"LOB":"x"}`, `{}`},
			[]string{`{"a":"x"}`, `{"a":null}`, `{"key_zuvd7mko7nj6tef2ntxutxe4kf":""}`},
		},
		"doc": {
			[]string{``, `null`, `{}`, `{"id":1.5e3,"name":"` + name26 + `"}`, `{"list":[{"card":"************1111"},null,{}]}`, `{"list":null}`,
				`{"open":{"a":1,"b":"call [PHONE]"}}`, `{"open":"{\"b\":\"x\"}"}`, `{"text":"[\"[MASKED]\",null]"}`, `{"text":["[MASKED]"]}`, `{"id":null}`,
				`{"age":30}`, `{"age":"30"}`},
			[]string{`x`, `[]`, `7`, `{"name":"Jane"}`, `{"id":{}}`, `{"age":37}`, `{"age":"37"}`, `{"age":true}`, `{"id":[1]}`, `{"gone":1}`, `{"other":1}`, `{"list":{}}`, `{"list":[1]}`, `{"list":[{"card":"4111111111111111"}]}`,
				`{"open":{"b":1}}`, `{"open":{"jane@example.com":"x"}}`, `{"open":7}`, `{"text":"[\"Jane\"]"}`, `{"text":"Jane"}`, `{"text":{}}`, `[MASKED]`,
				strings.Repeat(`[`, 100) + strings.Repeat(`]`, 100)},
		},
	}
	for path, tt := range tests {
		c := columnOf(t, path)
		for _, text := range tt.treated {
			if !c.treated([]byte(text)) {
				t.Errorf("%s: %s is taken for untreated", path, text)
			}
		}
		for _, text := range tt.raw {
			if c.treated([]byte(text)) {
				t.Errorf("%s: %s is taken for treated", path, text)
			}
		}
	}
}

// TestInsideMaps: an Arrow map is held against its treatment key by key.
func TestInsideMaps(t *testing.T) {
	t.Parallel()
	c := columnOf(t, "attributes")
	tests := map[string]struct {
		entries []string // key and value in turn
		treated bool
	}{
		"nothing":       {nil, true},
		"kept":          {[]string{"LOB", "claims"}, true},
		"token":         {[]string{"name", name26}, true},
		"token of key":  {[]string{"key_zuvd7mko7nj6tef2ntxutxe4kf", "[MASKED]"}, true},
		"JSON":          {[]string{"crm", `{"id":1}`}, true},
		"raw":           {[]string{"LOB", "claims", "name", "Jane"}, false},
		"raw key":       {[]string{"jane@example.com", "[MASKED]"}, false},
		"raw JSON":      {[]string{"crm", `{"name":"Jane"}`}, false},
		"dropped":       {[]string{"secret", ""}, false},
		"emptied":       {[]string{"unused", "x"}, false},
		"by default":    {[]string{"other", "Jane"}, false},
		"one key twice": {[]string{"LOB", "a", "LOB", "a"}, false},
	}
	for name, tt := range tests {
		b := array.NewMapBuilder(memory.DefaultAllocator, arrow.BinaryTypes.String, arrow.BinaryTypes.String, false)
		b.AppendNull()
		b.Append(true)
		for i, s := range tt.entries {
			if i%2 == 0 {
				b.KeyBuilder().(*array.StringBuilder).Append(s)
			} else {
				b.ItemBuilder().(*array.StringBuilder).Append(s)
			}
		}
		b.Append(true)
		b.KeyBuilder().(*array.StringBuilder).Append("other")
		b.ItemBuilder().AppendNull()
		var tally tally
		s := scan{column: &c, tally: &tally}
		s.array(b.NewArray())
		if want := map[bool]int64{true: 0, false: 1}[tt.treated]; tally.untreated != want {
			t.Errorf("%s: %d maps are untreated, want %d", name, tally.untreated, want)
		}
		if looked := int64(len(tt.entries)) + 1; tally.looked != looked {
			t.Errorf("%s: detectors looked at %d keys and values, want %d", name, tally.looked, looked)
		}
	}
}

// FuzzReadJSON: what the reader takes is JSON, what it refuses is none or has a name twice or lies too deep, and nothing
// makes it panic.
func FuzzReadJSON(f *testing.F) {
	f.Add([]byte(`{"a":[1,"x",null,true,{}],"b":{"c":-1e5}}`))
	f.Add([]byte(`{"a":1,"a":2}`))
	f.Add([]byte(`[}`))
	c := columnOf(f, "doc")
	f.Fuzz(func(t *testing.T, text []byte) {
		v, ok := readJSON(text)
		if ok && !json.Valid(text) {
			t.Fatal("text is taken that is no JSON")
		}
		if !ok && json.Valid(text) && utf8.Valid(text) && !strings.ContainsAny(string(text), "{[") {
			t.Fatal("JSON is refused")
		}
		if ok && v.kind == jsonObject && len(v.names) != len(v.elements) {
			t.Fatal("there are more names than values")
		}
		c.treated(text)
	})
}

// TestWithoutTokens: a string that is a token as a whole goes, all else stays.
func TestWithoutTokens(t *testing.T) {
	t.Parallel()
	const uuid, text = "0b8a2f6e-1111-8c3d-8e2f-5a6b7c8d9e0f", "abcdefghijklmnopqrstuvwxyz"
	c := column{tokens: []policy.Token{{Format: policy.UUID, Length: policy.TokenLength}, {Prefix: "User_", Length: policy.TokenLength}}}
	for in, want := range map[string]string{
		`{"a":"` + uuid + `","b":"x"}`:                 `{"a":"","b":"x"}`,
		`["User_` + text + `","` + text + `"]`:         `["","` + text + `"]`,
		`{"a":"{\"b\":\"` + uuid + `\"}"}`:             `{"a":"{\"b\":\"\"}"}`,
		`{"a":"see ` + uuid + `","b":"` + uuid + ` "}`: `{"a":"see ` + uuid + `","b":"` + uuid + ` "}`,
		`{"` + uuid[:8] + `":"19610317","b":""}`:       `{"` + uuid[:8] + `":"19610317","b":""}`,
		uuid:                                           uuid, "": "", `"`: `"`, `"` + uuid: `"` + uuid,
	} {
		if got := string(c.withoutTokens(nil, []byte(in))); got != want {
			t.Errorf("%s becomes %s, want %s", in, got, want)
		}
	}
}
