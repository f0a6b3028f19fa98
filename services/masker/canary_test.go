package masker

import (
	"bytes"
	"testing"

	"github.com/maskrail/maskrail/libs/canary"
)

// TestCanary: the records of every ready policy are masked in both ways, to the same rows, and nothing is left of them.
func TestCanary(t *testing.T) {
	t.Parallel()
	for name, p := range readyPolicies(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pages, batches, err := readyPlan(t, p).maskCanary(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			text := readAsJSONL(t, string(pages))
			if other := readAsJSONL(t, string(batches)); other != text {
				t.Error("the two ways of masking give different rows")
			}
			for i, line := range bytes.Split([]byte(text), []byte("\n")) {
				if class, form := canary.Find(string(line)); class != "" {
					t.Errorf("record %d has a %s in the form %s: %s", i, class, form, line)
				}
			}
		})
	}
}

// TestCanaryOfAnyPolicy: records suit treatments on every type and shape.
func TestCanaryOfAnyPolicy(t *testing.T) {
	t.Parallel()
	const everything = `key: [id, n]
tenant: {paths: [owner, 'tags["tenant"]'], as: tenant_id, known: [acme, globex]}
duplicates: newest
newestBy: seen
rejectRow: quarantine
quasi: {columns: [age], k: 2}
fields:
  - {path: id, token: {domain: id, format: uuid}}
  - {path: n, type: int, keep: true}
  - {path: owner, keep: true}
  - {path: tags, map: {keep: [tenant, a], fields: [{path: b, when: {path: a, in: [x]}, keep: true}, {path: b, redact: {}}, {path: c, bucket: {width: 5}}], default: "null"}}
  - {path: seen, type: timestamp, keep: true}
  - {path: age, type: int, bucket: {width: 10, top: 90}}
  - {path: ages, bucket: {width: 10}}
  - {path: sum, type: "decimal(9,2)", redact: {}}
  - {path: small, type: "decimal(2,2)", keep: true}
  - {path: ratio, type: double, "null": true}
  - {path: flag, type: bool, redact: {}}
  - {path: flagged, type: bool, keep: true}
  - {path: day, type: date, date: {truncate: day}}
  - {path: month, date: {truncate: month, earliest: 1937}}
  - {path: shifted, type: timestamp, date: {shift: {by: id, max: 30d}}}
  - {path: moved, date: {shift: {by: id, max: 30d}}}
  - {path: zip, zip3: true}
  - {path: part, mask: {first: 1, last: 2}}
  - {path: card, token: {domain: card, format: card}}
  - {path: any, token: {domain: person, format: auto}}
  - {path: digits, token: {domain: account, format: digits}, expect: {classes: [phone, card, ssn], why: permuted}}
  - {path: code, fpe: {domain: code, alphabet: alphanumeric}, expect: {classes: [phone, card, ssn, email], why: permuted}}
  - {path: low, fpe: {domain: low, alphabet: lower}, expect: {classes: [email], why: permuted}}
  - {path: two, fpe: {domain: two, alphabet: "ab"}}
  - {path: person, fake: {kind: name, domain: fake.person}}
  - {path: street, fake: {kind: street, domain: fake.street}}
  - {path: "legs[].kind", keep: true}
  - {path: "legs[].address", when: {path: kind, in: [PHONE]}, token: {domain: phone, format: phone}}
  - {path: "legs[].address", when: {path: kind, in: [MAIL]}, token: {domain: email, format: email}}
  - {path: "legs[].address", redact: {}}
  - {path: "legs[].maybe", when: {path: kind, in: [PHONE]}, keep: true}
  - {path: "legs[].maybe", scrub: {detect: [phone, card]}}
  - {path: "grid[][]", redact: {}}
  - {path: "deep.er.est", scrub: {context: [any]}}
  - {path: doc, json: {fields: [{path: "[].a", redact: {}}, {path: "[].b.c[]", scrub: {}}, {path: "[].m", map: {keep: [k], default: scrub}}, {path: "[].d", date: {truncate: year}}]}}
  - {path: gone, drop: true}
  - {path: goneInt, type: int, drop: true}
`
	for name, body := range map[string]string{
		"everything":         everything,
		"no key, no tenant":  "fields: [{path: a, redact: {}}, {path: b, token: {domain: b, scope: environment}}]\n",
		"nothing":            "fields: []\n",
		"all dropped":        "fields: [{path: a, drop: true}]\n",
		"a key of a day":     "key: [a, b]\nfields: [{path: a, type: date, keep: true}, {path: b, token: {domain: b, scope: environment}}]\n",
		"a numbered key":     "key: [a]\nfields: [{path: a, type: int, keep: true}]\n",
		"odd names":          "fields: [{path: '[\"odd key\"]', redact: {}}, {path: 'a[\"b.c\"]', token: {domain: b, scope: environment}}]\n",
		"unknown ones pass":  "unknown: pass\nfields: [{path: a, scrub: {}}]\n",
		"a tenant of a list": "tenant: {path: t, known: [acme]}\nfields: [{path: t, keep: true}, {path: 'a[]', map: {default: redact}}]\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pages, batches, err := testPlan(t, body).maskCanary(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for way, file := range map[string][]byte{"pages": pages, "batches": batches} {
				if class, form := canary.Find(readAsJSONL(t, string(file))); class != "" {
					t.Errorf("%s have a %s in the form %s", way, class, form)
				}
			}
		})
	}
}
