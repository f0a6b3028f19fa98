package policy

import (
	"fmt"
	"strings"
	"testing"
)

// with is a policy of a tenant column t and the fields, one in a line from line 9 on.
func with(fields ...string) string {
	return head + "tenant: {path: t}\nkey: [t]\nfields:\n  - {path: t, keep: true}\n  - " + strings.Join(fields, "\n  - ") + "\n"
}

func TestRefusedPaths(t *testing.T) {
	t.Parallel()
	refuse(t, map[string]struct{ text, want string }{
		"odd name":              {with(`{path: Email Address, keep: true}`), `path "Email Address": want names with dots between them, [] after a list, and ["odd name"] for a name that is not a plain word: write '["Email Address"]'`},
		"JSONPath":              {with(`{path: "$.a[*].b[0].c", keep: true}`), `for a name that is not a plain word: write "a[].b[].c"`},
		"dot at the end":        {with(`{path: a., keep: true}`), `for a name that is not a plain word`},
		"record is a list":      {with(`{path: "[].a", keep: true}`), `path "[].a": a record is no list`},
		"too deep":              {with(`{path: ` + strings.Repeat("a.", 32) + `a, keep: true}`), "at most 32 steps"},
		"twice":                 {with("{path: a, keep: true}", "{path: '[\"a\"]', drop: true}"), `p.yaml:10: "a" is covered twice, first in line 9`},
		"whole after members":   {with("{path: a.b, keep: true}", "{path: a, keep: true}"), `p.yaml:10: "a" is covered twice, here as a whole and by its members from line 9 on`},
		"member after whole":    {with("{path: a, keep: true}", "{path: a.b.c, keep: true}"), `p.yaml:10: "a" is covered twice, here by a member and as a whole in line 9`},
		"list and no list":      {with(`{path: "a[].b", keep: true}`, "{path: a.c, keep: true}"), `p.yaml:10: "a" has 0 lists here and 1 in line 9`},
		"list of lists":         {with(`{path: "a[]", keep: true}`, `{path: "a[][]", keep: true}`), `p.yaml:10: "a[][]" has 2 lists here and 1 in line 9`},
		"value and list":        {with(`{path: a, keep: true}`, `{path: "a[]", keep: true}`), `"a[]" has 1 lists here and 0 in line 9`},
		"alias is a sibling":    {with("{path: o.a, aliases: [b], keep: true}", "{path: o.b.c, keep: true}"), `p.yaml:9: "b" is covered twice, here as an alias and in line 10`},
		"alias twice":           {with("{path: o.a, aliases: [x], keep: true}", "{path: o.b, aliases: [x], keep: true}"), `p.yaml:10: "x" is covered twice, here as an alias and in line 9`},
		"alias is a path":       {with(`{path: a, aliases: ['["E mail"]'], keep: true}`), `write "E mail" as the source does`},
		"alias of a list":       {with(`{path: a, json: {fields: [{path: "[]", aliases: [b], keep: true}]}}`), "the path has none"},
		"alias of a key":        {with(`{path: a, map: {fields: [{path: b, aliases: [c], keep: true}]}}`), `unknown key "aliases" in a field of map`},
		"JSON: value and list":  {with(`{path: a, json: {fields: [{path: "[].b", keep: true}, {path: c, keep: true}]}}`), `"" has 0 lists here and 1 in line 9`},
		"JSON: covered twice":   {with(`{path: a, json: {fields: [{path: b, keep: true}, {path: b.c, keep: true}]}}`), `"b" is covered twice`},
		"map: covered twice":    {with(`{path: a, map: {fields: [{path: b, keep: true}, {path: b, drop: true}]}}`), `"b" is covered twice, first in line 9`},
		"map: keep and field":   {with(`{path: a, map: {keep: [b], fields: [{path: b, drop: true}]}}`), `key "b" is covered twice, in keep and in line 9`},
		"map: empty key":        {with(`{path: a, map: {fields: [{path: "", drop: true}]}}`), "path must be a key of the map"},
		"JSON inside a map":     {with(`{path: a, map: {fields: [{path: b, json: {fields: [{path: "c", keep: true}, {path: c, keep: true}]}}]}}`), `"c" is covered twice`},
		"type inside a map":     {with(`{path: a, map: {fields: [{path: b, type: int, keep: true}]}}`), `unknown key "type" in a field of map`},
		"expect inside JSON":    {with(`{path: a, json: {fields: [{path: b, expect: {}, keep: true}]}}`), `unknown key "expect" in a field of json`},
		"texts in texts":        {with(`{path: a, ` + strings.Repeat("json: {fields: [{path: a, ", 5) + "keep: true" + strings.Repeat("}]}", 5) + "}"), "more than 4 levels of texts in texts"},
		"anchor in itself":      {head + "fields: &f\n  - {path: a, json: {fields: *f}}\n", "p.yaml:5: an anchor is part of its own value"},
		"aliases of aliases":    {bomb(), "keys and values with its aliases written out"},
		"conditions alone":      {with("{path: a, when: {path: t, in: [x]}, keep: true}"), `field "a" has conditions alone: add one without when behind it, for values that match none`},
		"condition comes last":  {with("{path: a, keep: true}", "{path: a, when: {path: t, in: [x]}, keep: true}"), "covered twice"},
		"drop with a condition": {with("{path: a, when: {path: t, in: [x]}, drop: true}", "{path: a, keep: true}"), "use null"},
		"drop otherwise":        {with("{path: a, when: {path: t, in: [x]}, keep: true}", "{path: a, drop: true}"), "use null"},
		"two types":             {with("{path: a, when: {path: t, in: [x]}, type: int, keep: true}", "{path: a, type: string, keep: true}"), `field "a" is string here and int above`},
		"two lists of aliases":  {with("{path: a, when: {path: t, in: [x]}, aliases: [b], keep: true}", "{path: a, aliases: [c], keep: true}"), "has other aliases above"},
	})
}

// bomb is a short text that means 10^8 nodes.
func bomb() string {
	var b strings.Builder
	b.WriteString(head + "metadata:\n  a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n")
	for i := range 8 {
		fmt.Fprintf(&b, "  a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i), 10), ","))
	}
	return b.String() + "fields: []\n"
}

func TestRefusedReferences(t *testing.T) {
	t.Parallel()
	purpose := `{path: "p[].purpose", keep: true}`
	refuse(t, map[string]struct{ text, want string }{
		"when without a field":   {with("{path: a, when: {path: b, in: [x]}, keep: true}", "{path: a, keep: true}"), `p.yaml:9: when of "a" names "b", which is no field of the policy`},
		"when without in":        {with("{path: a, when: {path: t}, keep: true}"), "when needs path and in"},
		"when with null":         {with("{path: a, when: {path: t, in: [x, null]}, keep: true}"), "when.in must be texts; null is none of them"},
		"when twice":             {with("{path: a, when: {path: t, in: [x, x]}, keep: true}"), `when.in names "x" twice`},
		"when in another list":   {with(purpose, `{path: a, when: {path: "p[].purpose", in: [x]}, keep: true}`, "{path: a, keep: true}"), "lies in a list that the field is not in"},
		"when a whole map":       {with("{path: m, map: {}}", `{path: a, when: {path: m, in: [x]}, keep: true}`, "{path: a, keep: true}"), "is the whole of an open map"},
		"when a whole text":      {with("{path: m, json: {fields: [{path: b, keep: true}]}}", `{path: a, when: {path: m, in: [x]}, keep: true}`, "{path: a, keep: true}"), "is the whole of a JSON text"},
		"when a key of no map":   {with("{path: m, keep: true}", `{path: a, when: {path: m.k, in: [x]}, keep: true}`, "{path: a, keep: true}"), "is no field of the policy"},
		"when outside of a text": {with(`{path: a, json: {fields: [{path: b, when: {path: t, in: [x]}, keep: true}, {path: b, drop: true}]}}`), "use null"},
		"when of a text":         {with(`{path: a, json: {fields: [{path: b, when: {path: t, in: [x]}, keep: true}, {path: b, "null": true}]}}`), `when of "b" names "t", which is no field`},
		"ambiguous": {with("{path: a.x, keep: true}", "{path: a.a.x, keep: true}", "{path: a.a.y, when: {path: x, in: [v]}, keep: true}", "{path: a.a.y, keep: true}",
			"{path: a.a.a.x, keep: true}"), `when of "a.a.y" names "x", which can be two fields`},
		"shift without a subject":   {with("{path: a, date: {shift: {by: b, max: 5d}}}"), `date.shift.by of "a" names "b"`},
		"shift by another list":     {with(purpose, `{path: a, date: {shift: {by: "p[].purpose", max: 5d}}}`), "lies in a list that the field is not in"},
		"shift without a key":       {strings.Replace(with("{path: a, date: {shift: {by: t, max: 5d}}}"), "key: [t]\n", "", 1), `date.shift of "a" needs a key`},
		"shift by two limits":       {with("{path: a, date: {shift: {by: t, max: 5d}}}", "{path: b, date: {shift: {by: t, max: 6d}}}"), `p.yaml:10: date.shift.max of "b" is 6d and that of "a" 5d`},
		"context without a field":   {with("{path: a, scrub: {context: [b]}}"), `p.yaml:9: scrub.context of "a" names "b"`},
		"context of itself":         {with("{path: a, scrub: {context: [a]}}"), `scrub.context of "a" names "a", which is the field itself`},
		"context twice":             {with("{path: o.b, keep: true}", "{path: o.a, scrub: {context: [b, o.b]}}"), `scrub.context of "o.a" names "o.b" twice`},
		"context in a map":          {with("{path: a, map: {default: {scrub: {context: [b]}}}}"), `scrub.context of "a" names "b"`},
		"example without a field":   {with("{path: a, keep: true, examples: [{in: a, out: a, with: {b: c}}]}"), `examples.with of "a" names "b"`},
		"example twice":             {with("{path: a, keep: true, examples: [{in: a, out: a, with: {t: c, '[\"t\"]': d}}]}"), `examples.with names "t" twice`},
		"example without out":       {with("{path: a, keep: true, examples: [{in: a}]}"), "an example needs in and out"},
		"examples as a mapping":     {with("{path: a, keep: true, examples: {a: b}}"), "examples must be a list"},
		"example of a list":         {with("{path: a, keep: true, examples: [{in: [a], out: b}]}"), "examples.in must be a text or null"},
		"key inside":                {head + "key: [a.b]\nfields: [{path: a.b, keep: true}]\n", `key "a.b" lies inside the record`},
		"key is a list":             {head + "key: ['a[]']\nfields: [{path: 'a[]', keep: true}]\n", `key "a[]" lies inside the record`},
		"key twice":                 {head + "key: [a, '[\"a\"]']\nfields: [{path: a, keep: true}]\n", `key names "a" twice`},
		"key is no path":            {head + "key: [a b]\nfields: []\n", `p.yaml:5: key "a b": want names`},
		"key with conditions":       {strings.Replace(with("{path: a, when: {path: t, in: [x]}, keep: true}", "{path: a, keep: true}"), "key: [t]", "key: [a]", 1), `key "a" has conditions`},
		"key of invented values":    {strings.Replace(with("{path: a, fake: {kind: name}}"), "key: [t]", "key: [a]", 1), `key "a" has the treatment fake`},
		"key compared by digits":    {strings.Replace(with("{path: a, token: {domain: card}}"), "key: [t]", "key: [a]", 1), `key "a" is compared as digits`},
		"newest without duplicates": {head + "newestBy: a\nfields: [{path: a, keep: true}]\n", "p.yaml:5: newestBy goes with duplicates: newest"},
		"newest by nothing":         {head + "duplicates: newest\nnewestBy: b\nfields: []\n", `p.yaml:6: newestBy "b" is no field of the policy`},
		"newest by a list":          {head + "duplicates: newest\nnewestBy: 'b[]'\nfields: [{path: 'b[]', keep: true}]\n", "lies inside the record"},
		"tenant inside":             {head + "tenant: {path: a.t}\nfields: [{path: a.t, keep: true}]\n", `tenant.path "a.t" lies inside the record: it must be a column of its own`},
		"tenant by path and paths":  {head + "tenant: {path: a, paths: [b], as: c}\nfields: []\n", "tenant has path, for a column, or paths and as"},
		"tenant paths without as":   {head + "tenant: {paths: [b]}\nfields: []\n", "tenant has path, for a column, or paths and as"},
		"tenant paths empty":        {head + "tenant: {paths: [], as: c}\nfields: []\n", "tenant.paths is empty"},
		"tenant as a path":          {head + "tenant: {paths: [b], as: c.d}\nfields: [{path: b, keep: true}]\n", "tenant.as must be the name of a column"},
		"tenant as a field":         {head + "tenant: {paths: [b], as: b}\nfields: [{path: b, keep: true}]\n", `"b" is the name of a column that tenant.as makes`},
		"tenant as an alias":        {head + "tenant: {paths: [b], as: c}\nfields: [{path: b, aliases: [c_source], keep: true}]\n", `"c_source" is the name of a column`},
		"tenant paths to nothing":   {head + "tenant: {paths: [b], as: c}\nfields: []\n", `p.yaml:5: tenant.paths names "b", which is no field`},
		"tenant paths twice":        {head + "tenant: {paths: [m.a, 'm[\"a\"]'], as: c}\nfields: [{path: m, map: {}}]\n", `tenant.paths names "m.a" twice`},
	})
}

func TestRefusedTreatments(t *testing.T) {
	t.Parallel()
	refuse(t, map[string]struct{ text, want string }{
		"digits without expect":     {with("{path: a, token: {domain: a, format: digits}}"), "a token of format digits makes values that look like real ones, and the validator would refuse them: add expect: {classes: [phone, card, ssn]"},
		"fpe without expect":        {with("{path: a, fpe: {domain: a, alphabet: hex}}"), "fpe with digits makes values that look like real ones"},
		"fpe in a text":             {with("{path: a, json: {fields: [{path: b, fpe: {domain: a}}]}}"), "fpe with digits makes values"},
		"fpe without domain":        {with("{path: a, fpe: true}"), "fpe.domain must be a lower-case name"},
		"alphabet of one":           {with("{path: a, fpe: {domain: a, alphabet: x}}"), "fpe.alphabet must be one of alpha, alphanumeric, digits, hex, lower, upper, or 2 to 64 different"},
		"alphabet with doubles":     {with("{path: a, fpe: {domain: a, alphabet: xyx}}"), "fpe.alphabet must be"},
		"alphabet of 65":            {with(`{path: a, fpe: {domain: a, alphabet: "` + Alphabets["alphanumeric"] + `-_+"}}`), "fpe.alphabet must be"},
		"alphabet with a space":     {with(`{path: a, fpe: {domain: a, alphabet: "a b"}}`), "fpe.alphabet must be"},
		"fake without kind":         {with("{path: a, fake: true}"), "fake.kind is missing: use one of name, firstName"},
		"fake of nothing":           {with("{path: a, fake: {kind: dog}}"), "fake.kind must be one of name, firstName"},
		"fake with an empty domain": {with("{path: a, fake: {kind: job, domain: ''}}"), "fake.domain must be a lower-case name"},
		"uuid with length":          {with("{path: a, token: {domain: a, format: uuid, length: 20}}"), "token.length does not go with the format uuid"},
		"auto with a prefix":        {with("{path: a, token: {domain: a, format: auto, prefix: x}}"), "token.prefix goes with the format text alone"},
		"date both":                 {with("{path: a, date: {truncate: year, shift: {by: t, max: 5d}}}"), "date has truncate or shift, not both"},
		"date neither":              {with("{path: a, date: {}}"), "date.truncate is missing: use day, month or year, or shift"},
		"earliest alone":            {with("{path: a, date: {earliest: 1930}}"), "date.truncate is missing"},
		"shift by nothing":          {with("{path: a, date: {shift: {max: 5d}}}"), "date.shift needs by and max"},
		"shift of no days":          {with("{path: a, date: {shift: {by: t, max: 0d}}}"), "date.shift.max must be a number of days from 1d to 3650d"},
		"shift of weeks":            {with("{path: a, date: {shift: {by: t, max: 2w}}}"), "date.shift.max must be"},
		"shift too far":             {with("{path: a, date: {shift: {by: t, max: 3651d}}}"), "date.shift.max must be"},
		"bucket without width":      {with("{path: a, bucket: {top: 90}}"), "bucket.width must be a whole number of at least 1"},
		"bucket of halves":          {with("{path: a, bucket: {width: 0.5}}"), "bucket.width must be a whole number"},
		"bucket with an odd top":    {with("{path: a, bucket: {width: 10, top: 85}}"), "bucket.top must be a multiple of bucket.width"},
		"zip3 with a parameter":     {with("{path: a, zip3: {a: b}}"), "zip3 must be true"},
		"map with keep by default":  {with("{path: a, map: {default: keep}}"), "map.default must be drop, null, redact, scrub, token, or a mapping"},
		"map with {keep: true}":     {with("{path: a, map: {default: {keep: true}}}"), `unknown key "keep" in map.default`},
		"map with two defaults":     {with("{path: a, map: {default: {drop: true, redact: true}}}"), "or a mapping with one treatment"},
		"map in a map":              {with("{path: a, map: {fields: [{path: b, map: {}}]}}"), "a map in a map's value: use json"},
		"json without fields":       {with("{path: a, json: {unknown: drop}}"), "json.fields names nothing that may stay"},
		"json with pass":            {with("{path: a, json: {unknown: pass, fields: [{path: b, keep: true}]}}"), "json.unknown: a member that nobody has decided about cannot pass"},
		"json of nonsense":          {with("{path: a, json: {invalid: keep, fields: [{path: b, keep: true}]}}"), "json.invalid must be one of quarantine, redact, null"},
		"tokens without a tenant":   {head + "fields: [{path: a, map: {default: token}}]\n", `token of "a" has the scope tenant`},
		"fakes without a tenant":    {head + "fields: [{path: a, fake: {kind: job}}]\n", `fake of "a" has the scope tenant`},
		"fpe without a tenant":      {head + "fields: [{path: a, fpe: {domain: a, alphabet: lower}}]\n", `fpe of "a" has the scope tenant`},
		"forms of auto":             {with("{path: a, token: {domain: x, format: auto}}", "{path: b, token: {domain: phone, format: digits}, expect: {classes: [phone], why: x}}"), `p.yaml:10: domain "phone" is compared as digits here and as phone above`},
		"token and fake":            {with("{path: a, token: {domain: x}}", "{path: b, fake: {kind: job, domain: x, scope: environment}}"), `p.yaml:10: domain "x" has invented values of kind job here and tokens above`},
		"two kinds of fake":         {with("{path: a, fake: {kind: name, domain: x}}", "{path: b, fake: {kind: job, domain: x}}"), `domain "x" has invented values of kind job here`},
		"two alphabets":             {with("{path: a, fpe: {domain: x, alphabet: lower}}", "{path: b, fpe: {domain: x, alphabet: upper}}"), `domain "x" has fpe over 26 characters`},
	})
}

func TestRefusedTop(t *testing.T) {
	t.Parallel()
	csv := func(s string) string { return head + "source: {csv: {" + s + "}}\nfields: []\n" }
	refuse(t, map[string]struct{ text, want string }{
		"suspect":               {head + "suspect: drop\nfields: []\n", "suspect must be one of quarantine, mask, pass"},
		"reject row":            {head + "rejectRow: keep\nfields: []\n", "rejectRow must be one of quarantine, drop"},
		"duplicates":            {head + "duplicates: last\nfields: []\n", "duplicates must be one of first, newest, reject"},
		"quote of two":          {csv(`quote: '""'`), "source.csv.quote must be one character of ASCII"},
		"delimiter of no ASCII": {csv("delimiter: ö"), "source.csv.delimiter must be one character of ASCII"},
		"delimiter is quote":    {csv(`delimiter: "'", quote: "'"`), "delimiter and quote must differ"},
		"delimiter is escape":   {csv(`delimiter: ";", escape: ";"`), "delimiter and escape must differ"},
		"null with a delimiter": {csv("null: ['a,b']"), `source.csv.null: "a,b" cannot be a cell without quotes`},
		"null is empty":         {csv("null: ['']"), "source.csv.null must be a list of non-empty texts"},
		"null is a text":        {csv("null: x"), "source.csv.null must be a list"},
		"dialects":              {head + "source: {dialects: [a]}\nfields: []\n", "source.dialects must be a mapping"},
		"dialect's name":        {head + "source: {dialects: {A B: {}}}\nfields: []\n", "source.dialects: a name is of lower-case letters"},
		"dialect twice":         {head + "source: {dialects: {a: {}, a: {}}}\nfields: []\n", `"a"`},
		"dialect's delimiter":   {head + "source: {dialects: {a: {delimiter: ab}}}\nfields: []\n", "source.dialects.a.delimiter must be one character"},
		"dialect's quote":       {head + "source: {dialects: {a: {delimiter: \"'\", quote: \"'\"}}}\nfields: []\n", "source.dialects.a: delimiter and quote must differ"},
		"encoding":              {csv("encoding: latin1"), "source.csv.encoding must be one of utf-8, utf-16"},
	})
}

func TestCSVDefaults(t *testing.T) {
	t.Parallel()
	plain := mustParse(t, head+"fields: []\n")
	same := mustParse(t, head+`source: {csv: {delimiter: ",", header: true, quote: '"', escape: '"', encoding: utf-8}}`+"\nfields: []\n")
	if same.Digest() != plain.Digest() {
		t.Errorf("the default dialect written out is another one: %+v", same.CSV)
	}
}

// TestTwoScopes: a domain may have two forms in two scopes, whose keys differ.
func TestTwoScopes(t *testing.T) {
	t.Parallel()
	mustParse(t, with("{path: a, token: {domain: x, format: phone}}", "{path: b, token: {domain: x, scope: environment}}"))
}
