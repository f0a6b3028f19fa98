package policy

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

const head = "apiVersion: maskrail.io/v1\nkind: Policy\nmetadata: {name: test, version: 1}\nentity: interaction\n"

func parse(t testing.TB, text string) (*Policy, error) {
	t.Helper()
	set, err := Parse("p.yaml", []byte(text), nil)
	if err != nil {
		return nil, err
	}
	p, ok := set.For("interaction")
	if !ok {
		t.Fatal("the entity has no policy")
	}
	return p, nil
}

func mustParse(t testing.TB, text string) *Policy {
	t.Helper()
	p, err := parse(t, text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestParseDefaults(t *testing.T) {
	t.Parallel()
	p := mustParse(t, head+`
key: [id]
tenant: {path: tenant_id}
fields:
  - {path: id, keep: true}
  - {path: tenant_id, keep: true}
  - {path: a, token: {domain: agent}}
  - {path: b, redact: true}
  - {path: c, mask: {last: 2}}
  - {path: d, card: {}}
  - {path: e, scrub: true}
  - {path: f, "null": true, type: "decimal(10, 2)", aliases: [g, h]}
  - {path: i, drop: true}
`)
	if p.Region != "US" || p.Unknown != QuarantineUnknown || p.Duplicates != FirstDuplicate || p.CSV.Delimiter != ',' || !p.CSV.Header || p.CSV.Quote != '"' || !p.Tenant.Required {
		t.Errorf("wrong defaults: %+v", p)
	}
	want := []Treatment{
		Keep{}, Keep{}, Token{Domain: "agent", Length: 26, Format: Text, Scope: TenantScope}, Redact{"[MASKED]"},
		Mask{Char: "*", Last: 2}, Card{KeepNone}, Scrub{Detect: Classes}, Null{}, Drop{},
	}
	for i, f := range p.Fields {
		if !reflect.DeepEqual(f.Treatment, want[i]) {
			t.Errorf("field %s: got %+v, want %+v", f.Path, f.Treatment, want[i])
		}
		if f.Line() != 9+i {
			t.Errorf("field %s: line %d, want %d", f.Path, f.Line(), 9+i)
		}
	}
	if p.Fields[7].Type != (Type{Decimal, 10, 2}) || !slices.Equal(p.Fields[7].Aliases, []string{"g", "h"}) {
		t.Errorf("type or aliases were lost: %+v", p.Fields[7])
	}
	if n := len(slices.Collect(p.Output())); n != 8 {
		t.Errorf("output has %d columns, want 8", n)
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	field := func(f string) string {
		return head + "tenant: {path: t}\nfields:\n  - {path: t, keep: true}\n  - " + f + "\n"
	}
	tests := map[string]struct{ text, want string }{
		"empty":                  {"# nothing\n", "p.yaml: the file has no policy"},
		"no yaml":                {"a: [", "p.yaml:1: no YAML: did not find"},
		"brackets in braces":     {head + "fields:\n  - {path: a[].b, keep: true}\n", `p.yaml:6: no YAML: did not find expected ',' or '}': are brackets and quotes in pairs? a path with [] stands in quotes`},
		"tab":                    {head + "fields:\n\t- {path: a, keep: true}\n", "p.yaml:6: no YAML: found character that cannot start any token: indent with spaces"},
		"bytes":                  {"PAR1\x00\x01", "p.yaml: no YAML: control characters are not allowed"},
		"token is a word":        {head + "fields: [{path: a, token: phone}]\n", "p.yaml:5: token must be a mapping of keys and values"},
		"not a mapping":          {"- a\n", "p.yaml:1: this is no policy: want keys and values, beginning with apiVersion: maskrail.io/v1"},
		"api version":            {strings.Replace(head, "/v1", "/v2", 1) + "fields: []\n", "p.yaml:1: apiVersion must be maskrail.io/v1"},
		"typo at the top":        {head + "fields: []\nunknwn: drop\n", `p.yaml:6: unknown key "unknwn" in the policy: did you mean "unknown"?`},
		"typo in a field":        {field("{path: a, tokn: {domain: a}}"), `p.yaml:8: unknown key "tokn" in a field: did you mean "token"?`},
		"typo in a treatment":    {field("{path: a, token: {domian: a}}"), `unknown key "domian" in token: did you mean "domain"?`},
		"strange key":            {field("{path: a, frobnicate: 1}"), `unknown key "frobnicate" in a field: known are aliases, bucket,`},
		"key twice":              {head + "fields: []\nregion: US\nregion: GB\n", `p.yaml:7: key "region" stands twice`},
		"fields missing":         {head, "fields is missing"},
		"no treatment":           {field("{path: a}"), `p.yaml:8: field "a" has no treatment`},
		"two treatments":         {field("{path: a, keep: true, drop: true}"), "more than one treatment"},
		"keep false":             {field("{path: a, keep: false}"), "keep must be true"},
		"no path":                {field("{keep: true}"), "path is missing"},
		"quasi without k":        {head + "fields: [{path: a, keep: true}]\nquasi: {columns: [a]}\n", "quasi needs columns"},
		"quasi of no field":      {head + "fields: []\nquasi: {columns: [a], k: 5}\n", `quasi.columns "a" is no field`},
		"quasi of a list":        {head + "fields: [{path: 'a[]', keep: true}]\nquasi: {columns: ['a[]'], k: 5}\n", "lies inside the record"},
		"quasi of the key":       {head + "key: [a]\nfields: [{path: a, keep: true}]\nquasi: {columns: [a], k: 5}\n", "no two rows have one key"},
		"quasi of what is gone":  {head + "fields: [{path: a, drop: true}]\nquasi: {columns: [a], k: 5}\n", "the column is dropped"},
		"quasi of one row":       {head + "fields: [{path: a, keep: true}]\nquasi: {columns: [a], k: 1}\n", "quasi.k must be a whole number from 2"},
		"conflict newer":         {head + "fields: []\nconflict: newer\n", "conflict: newer is not supported"},
		"format nonsense":        {field("{path: a, token: {domain: a, format: xml}}"), "token.format must be one of text, phone, email"},
		"no domain":              {field("{path: a, token: {}}"), "token.domain must be"},
		"domain with a slash":    {field("{path: a, token: {domain: phone/ff1}}"), "token.domain must be"},
		"short token of a key":   {head + "key: [a]\nfields: [{path: a, token: {domain: a, length: 19, scope: environment}}]\n", `key "a" is a token of 19 characters: two rows could get one identity`},
		"short token":            {field("{path: a, token: {domain: a, length: 7}}"), "token.length must be a whole number from 8 to 26"},
		"phone length":           {field("{path: a, token: {domain: a, format: phone, length: 26}}"), "token.length does not go"},
		"phone prefix":           {field("{path: a, token: {domain: a, format: phone, prefix: x}}"), "token.prefix goes with"},
		"digit as mask":          {field(`{path: a, mask: {char: "9"}}`), "mask.char must be one visible character"},
		"two mask characters":    {field(`{path: a, mask: {char: "xx"}}`), "mask.char must be one visible character"},
		"unknown class":          {field("{path: a, scrub: {detect: [phones]}}"), `scrub.detect: unknown class "phones"`},
		"no class":               {field("{path: a, scrub: {detect: []}}"), "scrub.detect is empty"},
		"context without field":  {field("{path: a, scrub: {context: [b]}}"), `p.yaml:8: scrub.context of "a" names "b"`},
		"context of itself":      {field("{path: a, scrub: {context: [a]}}"), `scrub.context of "a" names "a"`},
		"expect without why":     {field("{path: a, keep: true, expect: {classes: [phone]}}"), "expect needs classes and why"},
		"wrong type":             {field("{path: a, keep: true, type: varchar}"), `unknown type "varchar"`},
		"decimal too long":       {field(`{path: a, keep: true, type: "decimal(39,2)"}`), "precision is 1 to 38"},
		"key is no field":        {head + "key: [x]\nfields: []\n", `p.yaml:5: key "x" is no field`},
		"key is redacted":        {head + "key: [x]\nfields:\n  - {path: x, redact: true}\n", `key "x" has the treatment redact`},
		"key is dropped":         {head + "key: [x]\nfields:\n  - {path: x, drop: true}\n", `key "x" has the treatment drop`},
		"tenant is no field":     {head + "tenant: {path: t}\nfields: []\n", `tenant.path "t" is no field`},
		"tenant is tokenised":    {head + "tenant: {path: t}\nfields: [{path: t, token: {domain: t}}]\n", "it must be kept"},
		"token without tenant":   {head + "fields: [{path: a, token: {domain: a}}]\n", "has the scope tenant"},
		"token, tenant optional": {head + "tenant: {path: t, required: false}\nfields: [{path: t, keep: true}, {path: a, token: {domain: a}}]\n", "has the scope tenant"},
		"known is empty":         {head + "tenant: {path: t, known: []}\nfields: [{path: t, keep: true}]\n", "tenant.known names no tenant"},
		"known twice":            {head + "tenant: {path: t, known: [a, a]}\nfields: [{path: t, keep: true}]\n", `tenant.known names "a" twice`},
		"known file":             {head + "tenant: {path: t, known: {file: x.csv}}\nfields: [{path: t, keep: true}]\n", "this policy cannot name files"},
		"two forms of a domain":  {field("{path: a, token: {domain: x, format: phone}}\n  - {path: b, token: {domain: x}}"), `p.yaml:9: domain "x" is compared as text here and as phone above`},
		"region":                 {head + "region: usa\nfields: []\n", "p.yaml:5: region must be"},
		"delimiter":              {head + "source: {csv: {delimiter: ab}}\nfields: []\n", "source.csv.delimiter must be one character"},
		"two policies":           {head + "fields: []\n---\n" + head + "fields: []\n", `p.yaml:7: entity "interaction" has two policies`},
		"entity":                 {strings.Replace(head, "interaction", "Inter-Action", 1) + "fields: []\n", "entity must be a lower-case word"},
	}
	refuse(t, tests)
}

// refuse checks that each text is refused for the reason that is wanted, with a line.
func refuse(t *testing.T, tests map[string]struct{ text, want string }) {
	t.Helper()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := parse(t, tt.text)
			if err == nil {
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestParseReportsOneErrorOnce(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no mapping":        "maskrail-key-v1\n",
		"treatment no true": head + "fields: [{path: a, token: phone}]\n",
		"fake without kind": head + "fields: [{path: a, fake: {kin: name}}]\n",
	} {
		_, err := parse(t, text)
		if n := strings.Count(fmt.Sprint(err), "p.yaml:"); n != 1 {
			t.Errorf("%s: %d errors, want 1:\n%v", name, n, err)
		}
	}
}

func TestParseReportsAllErrors(t *testing.T) {
	t.Parallel()
	_, err := parse(t, head+"fields:\n  - {path: a, keep: no}\n  - {path: b, kepp: true}\n  - {path: c}\nregoin: US\n")
	if n := strings.Count(err.Error(), "p.yaml:"); n != 4 {
		t.Errorf("%d errors, want 4:\n%v", n, err)
	}
	if e, ok := errors.AsType[*Error](err); !ok || e.Line == 0 {
		t.Errorf("no *Error with a line in %v", err)
	}
}

func TestSeveralEntities(t *testing.T) {
	t.Parallel()
	set, err := Parse("p.yaml", []byte("# first\n---\n"+head+"fields: []\n---\n"+strings.Replace(head, "interaction", "conversation", 1)+"fields: []\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, entity := range []string{"interaction", "conversation"} {
		if p, ok := set.For(entity); !ok || p.Entity != entity {
			t.Errorf("no policy for %s", entity)
		}
	}
	if _, ok := set.For("other"); ok {
		t.Error("a policy for an entity that has none")
	}
	if n := len(slices.Collect(set.All())); n != 2 {
		t.Errorf("%d policies, want 2", n)
	}
}

func TestTenantsFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	policyWith := func(file string) string {
		return head + "tenant: {path: tenant_id, known: {file: " + file + "}}\nfields: [{path: tenant_id, keep: true}]\n"
	}
	load := func() (*Policy, error) {
		set, err := Load(filepath.Join(dir, "p.yaml"))
		if err != nil {
			return nil, err
		}
		p, _ := set.For("interaction")
		return p, nil
	}
	write("p.yaml", policyWith("t.csv"))
	write("t.csv", "\uFEFFname,tenant_id\nAcme Inc,acme\n\"G, L\",globex\n,\n")
	p, err := load()
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"acme", "globex"}; !slices.Equal(p.Tenant.Known, want) {
		t.Errorf("with a header: got %v, want %v", p.Tenant.Known, want)
	}
	before := p.Digest()
	write("t.csv", "globex\nacme\n")
	if p, err = load(); err != nil {
		t.Fatal(err)
	}
	if p.Digest() != before {
		t.Error("the same tenants in another layout change the digest")
	}
	write("t.csv", "globex\nacme\ninitech\n")
	if p, err = load(); err != nil {
		t.Fatal(err)
	}
	if p.Digest() == before {
		t.Error("one more tenant leaves the digest as it was")
	}
	write("t.csv", "a,\"b\nacme-secret")
	if _, err = load(); err == nil || strings.Contains(err.Error(), "acme-secret") {
		t.Errorf("a broken file must be an error that does not show it: %v", err)
	}
	for _, name := range []string{"../t.csv", "/etc/passwd", "missing.csv"} {
		write("p.yaml", policyWith(name))
		if _, err := load(); err == nil {
			t.Errorf("tenant.known.file %s was accepted", name)
		}
	}
}
