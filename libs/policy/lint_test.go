package policy

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite golden files")

const careless = head + `
key: [phoneNumber]
tenant: {path: tenant_id}
unknown: pass
fields:
  - {path: tenant_id, keep: true}
  - {path: phoneNumber, token: {domain: phone, format: phone}}
  - {path: customerEmail, keep: true}
  - {path: queueName, keep: true}
  - {path: supportPhone, keep: true, expect: {classes: [phone], why: our own hotline}}
  - {path: zip_code, keep: true}
  - {path: firstName, token: {domain: person.name, length: 8}}
  - {path: card, card: {keep: first6last4}}
  - {path: cardToken, token: {domain: card}}
  - {path: oldCard, card: {keep: last4}}
  - {path: mobile, mask: {first: 3, last: 4}}
  - {path: notes, scrub: {detect: [phone, email]}}
`

func TestLint(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, f := range Lint(mustParse(t, careless)) {
		b.WriteString(f.String() + "\n")
	}
	golden := filepath.Join("testdata", "lint.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("findings differ from %s:\n%s", golden, b.String())
	}
}

func TestReadyPolicyIsClean(t *testing.T) {
	t.Parallel()
	set, err := Load(filepath.Join("..", "..", "policies", "guide-interaction.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for p := range set.All() {
		for _, f := range Lint(p) {
			if f.Field != p.Tenant.Path { // only its user knows the tenants
				t.Errorf("%s: %s", p.File(), f)
			}
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"phoneNumber": "phone number", "customerEMail": "customer e mail", "SSN": "ssn", "caller_id2": "caller id",
		"IPAddress": "ip address", "tenant_id": "tenant id", "Straße": "straße", "": "",
	} {
		if got := strings.Join(words(name), " "); got != want {
			t.Errorf("words(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestSuspect(t *testing.T) {
	t.Parallel()
	p := mustParse(t, head+"tenant: {path: tenant_id}\nfields:\n  - {path: tenant_id, keep: true}\n  - {path: externalId, aliases: [ext], drop: true}\n")
	for name, want := range map[string]string{
		"customerPhone": "a phone number", "firstName": "a person's name", "notes": "free text", "external_id": "a field of the policy", "EXT": "a field of the policy",
		"externalId ": "a field of the policy", "queueName": "", "durationMs": "", "wrapUpCode": "",
	} {
		if got := p.Suspect(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
