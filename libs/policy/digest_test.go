package policy

import (
	"reflect"
	"strings"
	"testing"
)

// full uses every key of the language.
const full = head + `
key: [id]
tenant: {path: tenant_id, known: [acme, globex]}
region: GB
unknown: drop
duplicates: reject
source: {csv: {delimiter: ";", header: false}}
fields:
  - {path: id, keep: true, aliases: [uid], type: int, expect: {classes: [phone], why: "ids of ten digits"}}
  - {path: tenant_id, keep: true}
  - {path: name, token: {domain: person.name, prefix: User_, length: 20, scope: tenant}}
  - {path: phone, token: {domain: phone, format: phone, scope: environment}}
  - {path: a, mask: {char: x, first: 1, last: 2}}
  - {path: b, redact: {with: gone}}
  - {path: c, card: {keep: last4}}
  - {path: d, date: {truncate: month}, type: "decimal(5,2)"}
  - {path: e, scrub: {detect: [phone, card], context: [name]}}
  - {path: f, "null": true}
  - {path: g, drop: true}
`

func TestDigestIgnoresLayout(t *testing.T) {
	t.Parallel()
	a := mustParse(t, full)
	b := mustParse(t, "# a comment\n\n"+strings.ReplaceAll(full, "{path: b, redact: {with: gone}}", "path: b # why\n    redact:\n      with: \"gone\""))
	if a.Digest() != b.Digest() {
		t.Error("comments and layout change the digest")
	}
	if !strings.HasPrefix(a.Digest(), "sha256:") || len(a.Digest()) != 7+64 {
		t.Errorf("digest %q is not sha256: and 64 digits", a.Digest())
	}
}

// TestDigestSeesEverything changes every exported value of a policy in turn.
func TestDigestSeesEverything(t *testing.T) {
	t.Parallel()
	p := language(t)
	want := p.Digest()
	changed := 0
	mutate(p, func(where string) {
		changed++
		got, err := digest(p)
		if err != nil {
			t.Fatal(err)
		}
		if got == want {
			t.Errorf("%s does not change the digest", where)
		}
	})
	if changed < 500 {
		t.Errorf("only %d values were changed: does the test still reach all of them?", changed)
	}
	if got, _ := digest(p); got != want {
		t.Error("the test did not undo its changes")
	}
	for i := range p.Fields {
		p.Fields[i].Examples = nil
	}
	if got, _ := digest(p); got != want {
		t.Error("examples change the digest")
	}
}

// TestDigestSeesTreatments: treatments without parameters differ by what they are alone, also inside maps and texts.
func TestDigestSeesTreatments(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, field := range []string{"%s", "map: {fields: [{path: k, %s}]}", "map: {default: {%s}}", "json: {fields: [{path: k, %s}]}"} {
		for _, treatment := range []string{"keep: true", "drop: true", "null: true", "zip3: true"} {
			if strings.Contains(field, "default") && treatment == "keep: true" {
				continue
			}
			text := strings.Replace(field, "%s", treatment, 1)
			digest := mustParse(t, head+"fields: [{path: a, "+text+"}]\n").Digest()
			if other, twice := seen[digest]; twice {
				t.Errorf("%s has the digest of %s", text, other)
			}
			seen[digest] = text
		}
	}
}

// mutate changes every exported value that has a part in what is done, calls check and undoes the change.
func mutate(p *Policy, check func(where string)) {
	var walk func(v reflect.Value, where string, check func(string))
	walk = func(v reflect.Value, where string, check func(string)) {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				if f := v.Type().Field(i); f.IsExported() && f.Tag.Get("json") != "-" {
					walk(v.Field(i), where+"."+f.Name, check)
				}
			}
		case reflect.Pointer:
			if !v.IsNil() {
				walk(v.Elem(), where, check)
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i), where, check)
			}
			old := v.Interface()
			v.Set(reflect.Append(v, reflect.New(v.Type().Elem()).Elem()))
			check(where + " with one more")
			v.Set(reflect.ValueOf(old))
		case reflect.Interface: // a treatment, of which copies are changed
			if v.IsNil() {
				return
			}
			old := v.Elem()
			fresh := reflect.New(old.Type()).Elem()
			fresh.Set(old)
			walk(fresh, where+"."+old.Type().Name(), func(where string) {
				v.Set(fresh)
				check(where)
			})
			v.Set(old)
		default:
			old := reflect.New(v.Type()).Elem()
			old.Set(v)
			bump(v)
			check(where)
			v.Set(old)
		}
	}
	walk(reflect.ValueOf(p).Elem(), "policy", check)
}

func bump(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Bool:
		v.SetBool(!v.Bool())
	}
}
