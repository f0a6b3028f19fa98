package strictyaml_test

import (
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/strictyaml"
)

type file struct {
	Name string `yaml:"name"`
	Deep struct {
		Limit int `yaml:"limit"`
	} `yaml:"deep"`
}

func TestDecode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, content, want string }{
		{"whole", "name: a\ndeep: {limit: 3}\n", ""},
		{"empty", "", ""},
		{"comments alone", "# nothing\n", ""},
		{"unknown", "name: a\nnames: b\n", `line 2: unknown field "names"`},
		{"unknown below", "deep:\n  limits: 1\n", `line 2: unknown field "limits"`},
		{"twice", "name: a\nname: b\n", "line 2"},
		{"another type", "deep: {limit: hush}\n", "line 1: want int, not str"},
		{"two documents", "name: a\n---\nname: b\n", "one YAML document"},
		{"no YAML", "name: [\n", "line"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var f file
			err := strictyaml.Decode([]byte(c.content), &f)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "hush") {
				t.Errorf("error %v shows a value", err)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("name: a\ndeep: {limit: 3}\n")
	f.Add("a: &a [*a]\n")
	f.Fuzz(func(_ *testing.T, content string) {
		var into file
		_ = strictyaml.Decode([]byte(content), &into)
	})
}
