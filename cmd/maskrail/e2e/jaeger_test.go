package e2e

import (
	"slices"
	"testing"
)

// A real Jaeger shows the whole way of an object, and nothing of what was in it.
func TestJaegerShowsTheTrace(t *testing.T) {
	t.Parallel()
	j := startJaeger(t)
	in := synth(t, "in.parquet", 500, 11)
	r := maskrailEnv(t, otlp(j.otlp), "run", "--policy", policyFile(t), "--key-file", keyFile(t), "--dir", t.TempDir(), "--json", in).ok(t).report(t)
	spans, body := j.trace(t, r.Trace)

	if wrong := broken(spans, r.Trace); len(wrong) > 0 {
		t.Errorf("%q\n%s", wrong, outline(spans, r.Trace))
	}
	var names []string
	for _, s := range spans {
		if s.trace != r.Trace {
			t.Errorf("span of trace %s in the answer for %s", s.trace, r.Trace)
		}
		if !slices.Contains(names, s.service) {
			names = append(names, s.service)
		}
	}
	slices.Sort(names)
	if want := slices.Sorted(slices.Values(flow)); !slices.Equal(names, want) {
		t.Errorf("services: %v, want %v", names, want)
	}

	secrets := newSecrets(t)
	secrets.readParquet(in)
	secrets.absent(t, "Jaeger's answer", body, text)
	// The same search finds a value where there is one.
	spoilt := append(slices.Clone(body), `{"value":{"stringValue":"`+secrets.sample("phone")+`"}}`...)
	if len(secrets.find(spoilt, text)) == 0 {
		t.Error("a phone number in the answer would not be noticed")
	}
}
