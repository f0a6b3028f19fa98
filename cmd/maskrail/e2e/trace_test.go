package e2e

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"testing"
)

// Each object has one trace, from the event to the commit, across the bus and the bucket.
func TestOneTracePerObject(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	base := []string{"--policy", policyFile(t), "--key-file", keyFile(t), "--dir", t.TempDir()}
	run := append([]string{"run", "--json"}, base...)
	u := startUpEnv(t, c.env(), base...)
	first := maskrail(t, append(run, synth(t, "a.parquet", 400, 1))...).ok(t).report(t)
	second := maskrail(t, append(run, synth(t, "b.csv", 100, 2), synth(t, "c.jsonl.gz", 100, 3))...).ok(t).report(t)
	u.stop(t) // sends what is left
	spans := c.spans(t)

	var want []string
	for _, r := range []report{first, second} {
		if r.Trace != r.Objects[0].Trace {
			t.Errorf("the report's trace is %s, its first object's %s", r.Trace, r.Objects[0].Trace)
		}
		for _, o := range r.Objects {
			want = append(want, o.Trace)
		}
	}
	if len(want) != 3 {
		t.Fatalf("objects: %+v %+v", first.Objects, second.Objects)
	}
	// The sweep at the start was over when the first object was loaded, so only the events told of the others.
	for _, trace := range want[1:] {
		if s := root(spans, trace); !byEvent(s) {
			t.Errorf("trace %s begins with %s %q, want the event of the object store", trace, s.kind, s.name)
		}
	}
	got := worked(spans)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("traces with work on an object: %v, the reports have %v", got, want)
	}
	for _, trace := range want {
		if wrong := broken(spans, trace); len(wrong) > 0 {
			t.Errorf("trace %s: %q\n%s", trace, wrong, outline(spans, trace))
		}
	}

	allowed := allowList(t)
	for _, s := range spans {
		for key := range s.attributes {
			if !allowed[key] {
				t.Errorf("%s %q has attribute %s, which is not on the list", s.service, s.name, key)
			}
		}
		for key := range s.resource {
			if !slices.Contains([]string{"service.name", "service.version", "deployment.environment.name"}, key) {
				t.Errorf("resource of %s has attribute %s", s.service, key)
			}
		}
		for _, text := range s.text {
			if text != "" {
				t.Errorf("%s %q carries free text", s.service, s.name)
			}
		}
	}

	t.Run("can fail", func(t *testing.T) { chainCanFail(t, spans, want[0]) })
}

// chainCanFail breaks a good trace in every way that matters and expects to be told.
func chainCanFail(t *testing.T, spans []span, trace string) {
	for name, spoil := range map[string]func(*span) (keep bool){
		"service without spans": func(s *span) bool { return s.service != "validator" },
		"span that is missing":  func(s *span) bool { return s.service != "masker" || s.kind != "producer" },
		"trace begun anew": func(s *span) bool {
			s.parent = otherwise(s.parent, s.service == "loader" && s.kind == "consumer", "")
			return true
		},
		"consumer without links": func(s *span) bool { s.links = nil; return true },
		"two services swapped": func(s *span) bool {
			s.service = map[string]string{"masker": "validator", "validator": "masker"}[s.service] + otherwise(s.service, s.service == "masker" || s.service == "validator", "")
			return true
		},
		"kind lost":               func(s *span) bool { s.kind = otherwise(s.kind, s.kind == "producer", "internal"); return true },
		"bus unnamed":             func(s *span) bool { s.attributes = without(s.attributes, "messaging.system"); return true },
		"calls to bucket missing": func(s *span) bool { return s.attributes["aws.s3.bucket"] == "" || s.service != "loader" },
		"no load":                 func(s *span) bool { s.attributes = without(s.attributes, "db.operation.name"); return true },
	} {
		var spoilt []span
		for _, s := range spans {
			if spoil(&s) {
				spoilt = append(spoilt, s)
			}
		}
		if len(broken(spoilt, trace)) == 0 {
			t.Errorf("%s: not noticed", name)
		}
	}
}

func otherwise(s string, when bool, instead string) string {
	if when {
		return instead
	}
	return s
}

func without(m map[string]string, key string) map[string]string {
	m = maps.Clone(m)
	delete(m, key)
	return m
}

// allowList reads the one list of attributes from the source, so that it stands in one place.
func allowList(t *testing.T) map[string]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../../libs/telemetry/attributes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || v.Names[0].Name != "allowed" {
			return true
		}
		for _, e := range v.Values[0].(*ast.CompositeLit).Elts {
			key, err := strconv.Unquote(e.(*ast.KeyValueExpr).Key.(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			keys[key] = true
		}
		return false
	})
	if !keys["messaging.system"] || !keys["maskrail.object"] {
		t.Fatalf("list of attributes: %v", keys)
	}
	return keys
}
