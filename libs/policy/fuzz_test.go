package policy

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// FuzzParse: no text makes the reader panic; what it refuses has a line; what it accepts has a digest, can be linted, and
// means the same when its fields are written out and read again.
func FuzzParse(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte(careless))
	f.Add([]byte("a: &a [*a]\n"))
	f.Add([]byte("fields: &f [*f]\nkey: *f\n<<: {kind: Policy}\n"))
	f.Add([]byte(with(`{path: "a[].b", when: {path: c, in: x}, keep: true}`, `{path: "a[].b", map: {default: token}}`, `{path: "a[].c", json: {fields: [{path: "[]", keep: true}]}}`)))
	for _, name := range []string{"../../policies/guide-interaction.yaml", "testdata/language.yaml"} {
		text, err := os.ReadFile(filepath.FromSlash(name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		set, err := Parse("p.yaml", data, func(string) ([]byte, error) { return data, nil })
		if err != nil {
			if _, ok := errors.AsType[*Error](err); !ok {
				t.Errorf("an error of another type: %T", err)
			}
			return
		}
		for p := range set.All() {
			rereads(t, p)
		}
	})
}

// FuzzField does the same with one field, among others to which it can refer.
func FuzzField(f *testing.F) {
	for _, p := range []*Policy{language(f), mustParse(f, full)} {
		for _, field := range p.Fields {
			f.Add(describeField(field, inRecord))
		}
	}
	f.Fuzz(func(t *testing.T, field string) {
		set, err := Parse("p.yaml", []byte(with(`{path: phone, token: {domain: phone, format: phone}}`, `{path: "participants[].purpose", keep: true}`,
			`{path: "participants[].x", map: {}}`, field, `{path: "participants[].participantName", redact: true}`)), nil)
		if err != nil {
			return
		}
		for p := range set.All() {
			rereads(t, p)
		}
	})
}

// rereads tests what holds for every policy that is accepted.
func rereads(t *testing.T, p *Policy) {
	t.Helper()
	if p.Digest() == "" || p.Entity == "" {
		t.Error("accepted without a digest or an entity")
	}
	Lint(p)
	q, err := reread(p)
	switch {
	case err != nil:
		t.Errorf("its fields written out are refused: %v", err)
	case q.Digest() != p.Digest():
		t.Error("its fields written out mean something else")
	case len(slices.DeleteFunc(Diff(p, q), func(c Change) bool { return !c.Masks })) > 0:
		t.Error("its fields written out differ from it")
	}
}
