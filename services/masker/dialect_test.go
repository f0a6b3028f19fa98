package masker

import (
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/maskrail/maskrail/libs/columnar"
)

// TestDialects: the same rows in every dialect that a policy can name give the same masked rows.
func TestDialects(t *testing.T) {
	t.Parallel()
	const fields = `
tenant: {path: tenant}
key: [id]
fields:
  - {path: id, keep: true}
  - {path: tenant, keep: true}
  - {path: name, token: {domain: person.name}}
  - {path: notes, keep: true}
`
	const plain = "id,tenant,name,notes\n1,acme,Zoë,\"a;b\n\"\"c\"\"\"\n2,acme,,\"\"\n"
	want := strings.Join(csv(t, testPlan(t, fields), plain), "\n")
	cases := map[string]struct{ source, text string }{
		"semicolons":    {`{delimiter: ";", quote: "'"}`, "id;tenant;name;notes\n1;acme;Zoë;'a;b\n\"c\"'\n2;acme;;''\n"},
		"escapes":       {`{escape: "\\", null: ['\N', "n/a"]}`, "id,tenant,name,notes\n1,acme,Zoë,\"a;b\n\\\"c\\\"\"\n2,acme,\\N,\"\"\n"},
		"utf-16":        {`{encoding: utf-16}`, utf16Text("\ufeff" + plain)},
		"utf-16le":      {`{encoding: utf-16le}`, utf16Text(plain)},
		"windows-1252":  {`{encoding: windows-1252}`, strings.ReplaceAll(plain, "ë", "\xeb")},
		"no header":     {`{header: false}`, strings.TrimPrefix(plain, "id,tenant,name,notes\n")},
		"escape, utf-8": {`{encoding: utf-8, delimiter: "\t", escape: "\\"}`, "id\ttenant\tname\tnotes\n1\tacme\tZoë\ta;b\\\n\\\"c\\\"\n2\tacme\t\t\"\"\n"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(csv(t, testPlan(t, "source: {csv: "+c.source+"}"+fields), c.text), "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
	_, _, err := run(t, testPlan(t, fields), "in.csv", utf16Text("\ufeff"+plain), Options{Format: columnar.FormatCSV})
	if err == nil || !strings.Contains(err.Error(), "source.csv.encoding") || class(err) != ClassMalformed {
		t.Errorf("UTF-16 that the policy does not name: %v", err)
	}
}

func utf16Text(s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return string(b)
}
