package canary

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/detect"
	"github.com/maskrail/maskrail/libs/policy"
)

// TestPromised holds the list of what a scrub takes out against the detectors: a form that they find whole in a sentence is
// promised, and no other.
func TestPromised(t *testing.T) {
	t.Parallel()
	for _, s := range seeds {
		class := detect.Class(s.class)
		if !slices.Contains(detect.Classes(), class) {
			if len(promised[s.class]) > 0 {
				t.Errorf("%s is promised, and no detector knows it", s.class)
			}
			continue
		}
		set, err := detect.NewSet("US", class)
		if err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf(s.sentence, s.text)
		left, _ := Find(scrubbed(set, text))
		is := s.promised([]string{s.class})
		if found := left == ""; found != is && (is || s.form.name != "base64" && s.form.name != "hex") { // those by chance alone
			t.Errorf("%s in the form %s: found %v, promised %v", s.class, s.form.name, found, is)
		}
	}
}

// TestPromisedTogether: what is promised for a class alone is taken out by all classes together, wherever the policy says
// that numbers are from.
func TestPromisedTogether(t *testing.T) {
	t.Parallel()
	for _, region := range []string{"US", "GB", "DE", "IN"} {
		set, err := detect.NewSet(region)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range seeds {
			if !s.promised([]string{s.class}) {
				continue
			}
			if class, form := Find(scrubbed(set, fmt.Sprintf(s.sentence, s.text))); class != "" {
				t.Errorf("%s: of a %s in the form %s a %s in the form %s is left", region, s.class, s.form.name, class, form)
			}
		}
	}
}

// scrubbed is a text without what the set finds in it.
func scrubbed(set *detect.Set, text string) string {
	var b strings.Builder
	at := 0
	for _, span := range set.Find(nil, []byte(text)) {
		b.WriteString(text[at:span.Start] + "[X]")
		at = span.End
	}
	return b.String() + text[at:]
}

const testPolicy = `apiVersion: maskrail.io/v1
kind: Policy
metadata: {name: test, version: 1}
entity: interaction
key: [id]
tenant: {path: owner, known: [acme, globex]}
fields:
  - {path: id, keep: true}
  - {path: owner, keep: true}
  - {path: direction, keep: true}
  - {path: phone, token: {domain: phone, format: phone}}
  - {path: other, when: {path: direction, in: [IN]}, keep: true}
  - {path: other, redact: {}}
  - {path: gone, drop: true}
  - {path: born, type: date, date: {truncate: year}}
  - {path: day, date: {truncate: day}}
  - {path: amount, type: int, bucket: {width: 10}}
  - {path: number, type: int, token: {domain: customer}}
  - {path: pin, fpe: {domain: pin, alphabet: digits}, expect: {classes: [phone, card, ssn], why: by design}}
  - {path: notes, scrub: {detect: [phone, card]}}
  - {path: "people[].mails[]", token: {domain: email, format: email}}
  - {path: attributes, map: {keep: [language], default: redact}}
  - path: doc
    json: {fields: [{path: a, keep: true}, {path: "list[].b", redact: {}}]}
`

func parse(t *testing.T) *policy.Policy {
	t.Helper()
	set, err := policy.Parse("test.yaml", []byte(testPolicy), nil)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := set.For("interaction")
	return p
}

// TestRecords: values stand in every field that does not keep them, and in no other.
func TestRecords(t *testing.T) {
	t.Parallel()
	p := parse(t)
	lines, err := Records(p)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Records(p); err != nil || !bytes.Equal(lines, again) {
		t.Errorf("the records differ from one time to the next: %v", err)
	}
	all := bytes.Split(bytes.TrimSpace(lines), []byte("\n"))
	if len(all) != Count() {
		t.Fatalf("%d records, want %d", len(all), Count())
	}
	directions := map[any]bool{}
	for i, line := range all {
		var r map[string]any
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		directions[r["direction"]] = true
		s := seeds[i]
		for _, field := range []string{"phone", "gone", "people", "attributes", "doc"} {
			text, _ := json.Marshal(r[field])
			escaped, _ := json.Marshal(s.text)
			if inner := strings.Trim(string(escaped), `"`); !strings.Contains(strings.ReplaceAll(string(text), `\\`, `\`), inner) {
				t.Errorf("record %d: %s has no %s in the form %s: %s", i, field, s.class, s.form.name, text)
			}
		}
		if has := strings.Contains(r["notes"].(string), s.text); has != s.promised([]string{"phone", "card"}) {
			t.Errorf("record %d: notes with a %s in the form %s: %v", i, s.class, s.form.name, has)
		}
		for _, field := range []string{"id", "owner", "direction", "other", "day", "amount"} {
			text, _ := json.Marshal(r[field])
			if class, form := Find(string(text)); class != "" {
				t.Errorf("record %d: %s keeps a %s in the form %s", i, field, class, form)
			}
		}
		if r["owner"] != "acme" || r["born"] != born {
			t.Errorf("record %d: owner %v, born %v", i, r["owner"], r["born"])
		}
	}
	if !directions["IN"] || !directions[mark] {
		t.Errorf("conditions meet %v alone", directions)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	for _, s := range seeds {
		text := "... " + strings.ToUpper(s.text) + " ..."
		if len(s.text) < leastFlat {
			text = "... " + strings.ToUpper(fmt.Sprintf(s.sentence, s.text)) + " ..."
		}
		if class, _ := Find(text); class == "" {
			t.Errorf("%s in the form %s is not found", s.class, s.form.name)
		}
	}
	for _, text := range []string{"", mark, markedDate, markedTime, "nothing to report", "[PHONE]", "18361", "+999223020136453", "************6467", "1961-01-01"} {
		if class, form := Find(text); class != "" {
			t.Errorf("%q has a %s in the form %s", text, class, form)
		}
	}
	for i, s := range seeds { // a value that is part of another would be found for it
		for j, other := range seeds {
			if i != j && s.class != other.class && strings.Contains(other.text, s.text) {
				t.Errorf("%s in the form %s is part of %s in the form %s", s.class, s.form.name, other.class, other.form.name)
			}
		}
	}
}

// TestShort: a short value counts where a record had it, and not where a token shows it by chance.
func TestShort(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"8361", " 8361 ", `["8361"]`, `{"cvv":"8361"}`, `{"box":"{\"cvv\":\"8361\"}"}`, "hm, the security code is 8361!", "8 3 6 1"} {
		if class, _ := Find(text); class != "cvv" {
			t.Errorf("%s: no security code is found, but %q", text, class)
		}
	}
	for _, text := range []string{"0f1c2d3e-8361-4b6a-8361-9a8b7c6d5e4f", "+1 212 555 8361", "8361 Oak Street", "PHONE_8361", "code 8361"} {
		if class, form := Find(text); class != "" {
			t.Errorf("%s: a %s in the form %s is found", text, class, form)
		}
	}
}

// TestApart: a few digits in a row count as a number of their own, and not as a part of a longer one, which a permuted number
// can be.
func TestApart(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"533380991": "passport", "passport 533380991.": "passport", "5 3 3 3 8 0 9 9 1": "passport", "NO533380991": "passport", "2026-11-22 533380991": "passport",
		"5333809912": "", "1533380991": "", "70533380991245": "", "20260309533380991": "",
		"38333631": "cvv", "0x38333631": "cvv", "+999383336315102": "", "71935438333631558260138450912773": "",
		"(628) 555 0177": "phone", "+9996285550177": "phone", "0016285550177": "phone",
	} {
		if class, form := Find(text); class != want {
			t.Errorf("%s: a %q in the form %s is found, want %q", text, class, form, want)
		}
	}
}
