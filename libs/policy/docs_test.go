package policy

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

func page(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/" + path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var block = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// TestPageOfTheLanguage reads every policy on the page. What has no head gets one.
func TestPageOfTheLanguage(t *testing.T) {
	t.Parallel()
	blocks := block.FindAllStringSubmatch(page(t, "policy.md"), -1)
	if len(blocks) < 5 {
		t.Fatalf("%d policies on the page", len(blocks))
	}
	for _, b := range blocks {
		text := b[1]
		if !strings.HasPrefix(text, "apiVersion") {
			text = head + text
		}
		if _, err := Parse("docs/policy.md", []byte(text), nil); err != nil {
			t.Errorf("%v, in\n%s", err, b[1])
		}
	}
}

var known = regexp.MustCompile(`unknown key "zzzzzzzz" in [^:]+: known are ([^\n]+)`)

// keysOf are the keys that the reader knows where the text has zzzzzzzz.
func keysOf(t *testing.T, text string) []string {
	t.Helper()
	_, err := parse(t, text)
	if err == nil {
		t.Fatalf("no error in\n%s", text)
	}
	m := known.FindStringSubmatch(err.Error())
	if m == nil {
		t.Fatalf("no list of keys in: %v", err)
	}
	return strings.Split(m[1], ", ")
}

// TestPagesAreComplete: every key of the language is on its page, as the reader lists them.
func TestPagesAreComplete(t *testing.T) {
	t.Parallel()
	field := func(f string) string { return head + "fields: [{path: a, " + f + "}]\n" }
	language := page(t, "policy.md")
	for where, text := range map[string]string{
		"the top":  head + "zzzzzzzz: 1\n",
		"metadata": strings.Replace(head, "version: 1", "zzzzzzzz: 1", 1),
		"tenant":   head + "tenant: {zzzzzzzz: 1}\n",
		"source":   head + "source: {zzzzzzzz: 1}\n",
		"csv":      head + "source: {csv: {zzzzzzzz: 1}}\n",
		"a field":  field("zzzzzzzz: 1"),
		"expect":   field("expect: {zzzzzzzz: 1}"),
		"when":     field("when: {zzzzzzzz: 1}"),
		"examples": field("examples: [{zzzzzzzz: 1}]"),
	} {
		for _, key := range keysOf(t, text) {
			if !regexp.MustCompile("`" + key + "[`:]|`when: \\{" + key + "|, " + key + ": ").MatchString(language) {
				t.Errorf("%s: key %s and docs/policy.md do not agree", where, key)
			}
		}
	}
	for _, name := range []string{"token", "redact", "mask", "card", "fpe", "fake", "date", "bucket", "scrub", "map", "json"} {
		text := page(t, "treatments/"+name+".md")
		for _, key := range keysOf(t, field(name+": {zzzzzzzz: 1}")) {
			if !strings.Contains(text, "\n| "+key+" |") && !strings.Contains(text, "\n| "+key+".") {
				t.Errorf("docs/treatments/%s.md does not have the parameter %s", name, key)
			}
		}
	}
}
