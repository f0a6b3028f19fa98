package survey_test

import (
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/classify"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/survey"
)

// FuzzRead: whatever a file holds, its columns have paths that a policy could write, and no column is told twice.
func FuzzRead(f *testing.F) {
	f.Add(`{"a":{"b":[{"c":1},{"c":"x"}]},"d":[[1],[]],"e":null}`, true)
	f.Add(`{"a":"{\"x\":[1,{\"y\":2}]}","":1}`, false)
	f.Add("a,b\n1,\"{\"\"x\"\":1}\"\n", true)
	f.Add(`{"a":[{}],"b":{"Jane Okafor":{"x":1}},"c":[[[[[[{"d":{}}]]]]]]}`, true)
	by, err := classify.New("US")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, content string, collapse bool) {
		for _, name := range []string{"x.jsonl", "x.csv"} {
			s, err := survey.Read(t.Context(), strings.NewReader(content), name, survey.Settings{Collapse: collapse, Rows: 100})
			if err != nil {
				continue
			}
			seen := map[string]bool{}
			for _, c := range s.Columns {
				path := c.Path.String()
				if seen[path] {
					t.Errorf("%s is there twice", path)
				}
				seen[path] = true
				if got, err := policy.ParsePath(path); err != nil && len(c.Path) <= 32 || err == nil && got.String() != path {
					t.Errorf("%q: %v", path, err)
				}
				if o := c.Judge(by); o.Confidence < 0 || o.Confidence > 1 {
					t.Errorf("%s: %+v", path, o)
				}
			}
		}
	})
}
