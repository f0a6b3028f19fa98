package evaluate_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/maskrail/maskrail/libs/detect"
	"github.com/maskrail/maskrail/libs/detect/evaluate"
)

var update = flag.Bool("update", false, "write the figures anew")

const page = "../../../docs/evaluation.md"

func label(kind string, start, end int) evaluate.Label {
	return evaluate.Label{Type: kind, Start: start, End: end}
}

func TestRun(t *testing.T) {
	t.Parallel()
	set, err := detect.NewSet("US")
	if err != nil {
		t.Fatal(err)
	}
	const mail, number = "jo@example.com", "(415) 555-0142" // 14 characters each
	tests := []struct {
		name   string
		sample evaluate.Sample
		class  string
		want   evaluate.Figures
	}{
		{"found", evaluate.Sample{Text: "to " + mail, Labels: []evaluate.Label{label("EMAIL_ADDRESS", 3, 17)}}, "email",
			evaluate.Figures{Precision: 1, Recall: 1, F2: 1, Found: 1}},
		{"positions count characters", evaluate.Sample{Text: "für " + mail, Labels: []evaluate.Label{label("email", 4, 18)}}, "email",
			evaluate.Figures{Precision: 1, Recall: 1, F2: 1, Found: 1}},
		{"half of it in common", evaluate.Sample{Text: "to " + mail, Labels: []evaluate.Label{label("email", 10, 17)}}, "email",
			evaluate.Figures{Precision: 1, Recall: 1, F2: 1, Found: 1}},
		{"less than half in common", evaluate.Sample{Text: "to " + mail, Labels: []evaluate.Label{label("email", 11, 17)}}, "email",
			evaluate.Figures{False: 1, Missed: 1}},
		{"another class", evaluate.Sample{Text: "to " + mail, Labels: []evaluate.Label{label("PHONE_NUMBER", 3, 17)}}, "phone",
			evaluate.Figures{Missed: 1}},
		{"a type without a class", evaluate.Sample{Text: "to " + mail, Labels: []evaluate.Label{label("NRP", 3, 17)}}, "NRP",
			evaluate.Figures{Missed: 1}},
		{"no label", evaluate.Sample{Text: "call " + number}, "phone", evaluate.Figures{False: 1}},
		{"one finding for two labels", evaluate.Sample{Text: mail, Labels: []evaluate.Label{label("email", 0, 14), label("email", 0, 14)}}, "email",
			evaluate.Figures{Precision: 1, Recall: 0.5, F2: 5 * 0.5 / 4.5, Found: 1, Missed: 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r, _ := evaluate.Run([]evaluate.Sample{test.sample}, set, evaluate.DefaultMapping())
			if got := r.Classes[test.class]; got != test.want {
				t.Errorf("%+v, want %+v", got, test.want)
			}
			if r.Labels != r.Found+r.Missed {
				t.Errorf("%d labels, %d found and %d missed", r.Labels, r.Found, r.Missed)
			}
		})
	}
}

// TestFound writes what was found in the words of the data set.
func TestFound(t *testing.T) {
	t.Parallel()
	set, err := detect.NewSet("US")
	if err != nil {
		t.Fatal(err)
	}
	in := []evaluate.Sample{{Text: "é jo@example.com, (415) 555-0142", Labels: []evaluate.Label{label("MAIL", 2, 16)}}}
	m := evaluate.DefaultMapping()
	if err := m.Add("mail", "email"); err != nil {
		t.Fatal(err)
	}
	_, found := evaluate.Run(in, set, m)
	want := []evaluate.Label{{Type: "MAIL", Value: "jo@example.com", Start: 2, End: 16}, {Type: "phone", Value: "(415) 555-0142", Start: 18, End: 32}}
	if !slices.Equal(found[0].Labels, want) {
		t.Errorf("%+v, want %+v", found[0].Labels, want)
	}
}

func TestMapping(t *testing.T) {
	t.Parallel()
	m := evaluate.DefaultMapping()
	for _, c := range detect.Classes() {
		if m[string(c)] != c {
			t.Errorf("class %s is not known by its own name", c)
		}
	}
	if err := m.Add("X", "nonsense"); err == nil || !strings.Contains(err.Error(), "phone") {
		t.Errorf("%v: want the classes there are", err)
	}
	if err := m.Add(" ", "phone"); err == nil {
		t.Error("a type without a name is mapped")
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	const secret = "4111111111111111"
	tests := []struct{ name, in, want string }{
		{"no array", `{"full_text": "x"}`, "JSON array"},
		{"no text", `[{"spans": []}]`, "sample 1: full_text is missing"},
		{"cut off", `[{"full_text": "` + secret, "sample 1"},
		{"no end of the array", `[{"full_text": "a"}`, "cut off"},
		{"two arrays", `[] []`, "behind the array"},
		{"no type", `[{"full_text": "abc", "spans": [{"start_position": 0, "end_position": 1}]}]`, "entity_type"},
		{"no position", `[{"full_text": "abc", "spans": [{"entity_type": "X", "end_position": 1}]}]`, "start_position"},
		{"outside", `[{"full_text": "äöü", "spans": [{"entity_type": "X", "start_position": 0, "end_position": 4}]}]`, "3 characters"},
		{"empty", `[{"full_text": "abc", "spans": [{"entity_type": "X", "start_position": 1, "end_position": 1}]}]`, "span 1"},
		{"wrong type", `[{"full_text": ["` + secret + `"]}]`, "full_text"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := evaluate.Read(strings.NewReader(test.in))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v: want %q", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("%v: the text shows", err)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`[{"full_text": "abc", "spans": [{"entity_type": "X", "start_position": 0, "end_position": 1}], "masked": null}]`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, in []byte) {
		samples, err := evaluate.Read(bytes.NewReader(in))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := evaluate.Write(&b, samples); err != nil {
			t.Fatal(err)
		}
		again, err := evaluate.Read(&b)
		if err != nil || len(again) != len(samples) {
			t.Fatalf("%d samples written, %d read: %v", len(samples), len(again), err)
		}
	})
}

// TestFigures holds the figures of our own set to those that the documentation quotes: whoever changes a detector sees
// what it does to them.
func TestFigures(t *testing.T) {
	t.Parallel()
	in, err := os.Open("testdata/notes.json")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	samples, err := evaluate.Read(in)
	if err != nil {
		t.Fatal(err)
	}
	set, err := detect.NewTextSet("US")
	if err != nil {
		t.Fatal(err)
	}
	r, _ := evaluate.Run(samples, set, evaluate.DefaultMapping())
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 1, ' ', 0)
	row := func(name string, f evaluate.Figures) {
		fmt.Fprintf(w, "| %s\t| %.3f\t| %.3f\t| %.3f\t| %d\t| %d\t| %d\t|\n", name, f.Precision, f.Recall, f.F2, f.Found, f.False, f.Missed)
	}
	fmt.Fprintln(w, "| class\t| precision\t| recall\t| F2\t| found\t| false\t| missed\t|")
	fmt.Fprintln(w, "| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t|")
	for _, name := range r.Names() {
		row(name, r.Classes[name])
	}
	row("**all**", r.Figures)
	w.Flush()
	const begin, end = "<!-- figures -->\n", "<!-- /figures -->"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	stands, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s: no place for the figures", page)
	}
	if *update {
		if err := os.WriteFile(page, []byte(before+begin+b.String()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if stands != b.String() {
		t.Errorf("the figures are not those of %s: look at them, then run the test with -update\n%s", page, b.String())
	}
}

func TestResultJSON(t *testing.T) {
	t.Parallel()
	b, err := json.Marshal(evaluate.Result{Classes: map[string]evaluate.Figures{"phone": {Recall: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	var back map[string]any
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	for _, member := range []string{"precision", "recall", "f2", "classes"} {
		if _, ok := back[member]; !ok {
			t.Errorf("%s is not in the result", member)
		}
	}
}
