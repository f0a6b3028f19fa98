package telemetry

import (
	"strings"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
)

func TestClean(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		attr attribute.KeyValue
		want string // "" means dropped
	}{
		{"on the list", String("maskrail.tenant", "acme"), "acme"},
		{"number", Int("maskrail.rows", 3), "3"},
		{"not on the list", String("phoneNumber", "+14155550100"), ""},
		{"statement", String("db.query.text", "select 1"), ""},
		{"key of an object", String("aws.s3.key", "a/b"), ""},
		{"prefix alone is no permission", String("maskrail.value", "x"), ""},
		{"empty key", String("", "x"), ""},
		{"list", attribute.StringSlice("maskrail.tenant", []string{"a"}), ""},
		{"long", String("maskrail.tenant", strings.Repeat("a", 300)), strings.Repeat("a", maxValue)},
		{"exactly as long as allowed", String("maskrail.tenant", strings.Repeat("a", maxValue)), strings.Repeat("a", maxValue)},
		{"long, cut between runes", String("maskrail.tenant", "a"+strings.Repeat("é", 200)), "a" + strings.Repeat("é", (maxValue-1)/2)},
		{"no text", String("maskrail.tenant", "a\xff"), "a\uFFFD"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			kept, dropped := clean([]attribute.KeyValue{c.attr})
			if len(kept)+dropped != 1 || (dropped == 1) != (c.want == "") {
				t.Fatalf("kept %v, dropped %d", kept, dropped)
			}
			if dropped == 0 && (kept[0].Value.String() != c.want || !utf8.ValidString(kept[0].Value.String())) {
				t.Errorf("value %q, want %q", kept[0].Value.String(), c.want)
			}
		})
	}
}

func TestLabelsAreFewPerMetric(t *testing.T) {
	t.Parallel()
	got := labels([]attribute.KeyValue{
		String("maskrail.stage", "raw"), String("maskrail.object", "0123456789ab"), String("maskrail.run", "r"), String("phone", "x"),
	})
	if len(got) != 1 || got[0].Key != "maskrail.stage" {
		t.Errorf("labels %v, want the stage alone", got)
	}
}
