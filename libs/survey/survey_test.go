package survey_test

import (
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/classify"
	"github.com/maskrail/maskrail/libs/survey"
)

func describe(t *testing.T, name, content string, s survey.Settings) []string {
	t.Helper()
	got, err := survey.Read(t.Context(), strings.NewReader(content), name, s)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, c := range got.Columns {
		line := c.Path.String() + " " + c.Type
		if c.Whole {
			line += " whole"
		}
		out = append(out, line)
	}
	return out
}

func TestColumns(t *testing.T) {
	t.Parallel()
	const nested = `{"id":"1","p":[{"name":"A","s":[{"ani":"x","n":1}]},{"s":[]}],"cc":["a","b"],"flag":true,"empty":{},"none":null}
{"id":"2","attributes":{"Email Address":"a@example.com","LOB":"x"},"cc":"a","late":{"deep":{"er":[[1],[2]]}}}
`
	for name, c := range map[string]struct {
		file, content string
		settings      survey.Settings
		want          string
	}{
		"csv":  {"x.csv", "a,b\n1,\n", survey.Settings{}, "a string|b string"},
		"json": {"x.jsonl", nested, survey.Settings{}, `id string|p[].name string|p[].s[].ani string|p[].s[].n string|cc mixed whole|flag string|empty object whole|none string|attributes["Email Address"] string|attributes.LOB string|late.deep.er[][] string`},
		"json with open objects": {"x.jsonl", nested, survey.Settings{Collapse: true},
			`id string|p[].name string|p[].s[].ani string|p[].s[].n string|cc mixed whole|flag string|empty object whole|none string|attributes map whole|late.deep.er[][] string`},
		"schema alone": {"x.csv", "a,b\n1,\n", survey.Settings{Rows: -1}, "a string|b string"},
		"one object":   {"x.json", `[{"a":{"b":1}}]`, survey.Settings{}, "a.b string"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(describe(t, c.file, c.content, c.settings), "|"); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestSamplesReachEveryDepth(t *testing.T) {
	t.Parallel()
	line := `{"p":[{"x":"+1 415 555 0142"},{"x":"(415) 555-0143"}]}` + "\n"
	s, err := survey.Read(t.Context(), strings.NewReader(strings.Repeat(line, 10)), "x.jsonl", survey.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	by, err := classify.New("US")
	if err != nil {
		t.Fatal(err)
	}
	if o := s.Columns[0].Judge(by); o.Class != classify.Phone || o.Confidence < 0.9 || s.Columns[0].Sample.Values() != 20 {
		t.Errorf("%+v of %d values", o, s.Columns[0].Sample.Values())
	}
}
