package masker

import (
	"strings"
	"testing"
)

// TestTreatedInside: values inside a JSON text become what they become in columns.
func TestTreatedInside(t *testing.T) {
	t.Parallel()
	p := testPlan(t, `
key: [id]
fields:
  - {path: id, keep: true}
  - {path: customer, redact: true}
  - {path: at, date: {shift: {by: customer, max: 300d}}}
  - {path: zip, zip3: true}
  - {path: name, fake: {kind: name, domain: person, scope: environment}}
  - {path: age, bucket: {width: 10, top: 90}}
  - {path: born, date: {truncate: year, earliest: 1937}}
  - path: payload
    json:
      fields:
        - {path: at, date: {shift: {by: customer, max: 300d}}}
        - {path: zip, zip3: true}
        - {path: name, fake: {kind: name, domain: person, scope: environment}}
        - {path: age, bucket: {width: 10, top: 90}}
        - {path: born, date: {truncate: year, earliest: 1937}}
`)
	in := "id,customer,at,zip,name,age,born,payload\n" +
		`1,C-1,2024-02-29,94103,Jane Doe,37.5,1931-05-12,"{""at"":""2024-02-29"",""zip"":""94103"",""name"":""JANE doe"",""age"":""37.5"",""born"":""1931-05-12""}"` + "\n"
	got := strings.SplitN(csv(t, p, in)[1], ",", 8)
	want := `"{""at"":""` + got[2] + `"",""zip"":""` + got[3] + `"",""name"":""` + got[4] + `"",""age"":""` + got[5] + `"",""born"":""` + got[6] + `""}"`
	if got[7] != want {
		t.Errorf("the columns are %q and the text is %s, want %s", got[:7], got[7], want)
	}
}
