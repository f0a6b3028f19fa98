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
	p := mustParse(t, full)
	want := p.Digest()
	changed := 0
	check := func(where string) {
		changed++
		got, err := digest(p)
		if err != nil {
			t.Fatal(err)
		}
		if got == want {
			t.Errorf("%s does not change the digest", where)
		}
	}
	var walk func(v reflect.Value, where string)
	walk = func(v reflect.Value, where string) {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					walk(v.Field(i), where+"."+v.Type().Field(i).Name)
				}
			}
		case reflect.Pointer:
			if !v.IsNil() {
				walk(v.Elem(), where)
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i), where)
			}
		case reflect.Interface: // a treatment: change a copy of it
			old := v.Elem()
			for i := range old.NumField() {
				fresh := reflect.New(old.Type()).Elem()
				fresh.Set(old)
				v.Set(fresh)
				inner := reflect.New(old.Type()).Elem()
				inner.Set(old)
				bump(inner.Field(i))
				v.Set(inner)
				check(where + "." + old.Type().Field(i).Name)
			}
			v.Set(old)
		default:
			old := reflect.New(v.Type()).Elem()
			old.Set(v)
			bump(v)
			check(where)
			v.Set(old)
		}
	}
	walk(reflect.ValueOf(p).Elem(), "policy")
	if changed < 60 {
		t.Errorf("only %d values were changed: does the test still reach all of them?", changed)
	}
	if got, _ := digest(p); got != want {
		t.Error("the test did not undo its changes")
	}
}

func bump(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Int, reflect.Int32:
		v.SetInt(v.Int() + 1)
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Slice:
		v.Set(reflect.Append(reflect.MakeSlice(v.Type(), 0, 1), reflect.New(v.Type().Elem()).Elem()))
	}
}
