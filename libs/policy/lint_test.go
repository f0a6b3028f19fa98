package policy

import (
	"flag"
	"path/filepath"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/classify"
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

// nested is careless at every depth.
const nested = head + `
tenant: {paths: [customer.tenant], as: tenant_id, known: [acme]}
key: [id]
unknown: pass
suspect: pass
fields:
  - {path: id, token: {domain: id, format: uuid}}
  - {path: customer.tenant, keep: true}
  - {path: customer.name, keep: true}
  - {path: queue.name, keep: true}
  - {path: "participants[].sessions[].addressFrom", keep: true}
  - {path: "participants[].sessions[].cc[]", keep: true}
  - {path: "participants[].participantName", keep: true}
  - {path: externalTag, keep: true}
  - {path: "segments[].wrapUpNote", keep: true}
  - {path: "segments[].protocolCallId", keep: true}
  - {path: metadata, keep: true}
  - {path: details, keep: true, type: string}
  - {path: birth, date: {truncate: month}}
  - {path: mail, token: {domain: email, format: email}, expect: {classes: [email], why: it has an address}}
  - {path: mobile, fpe: {domain: mobile}, expect: {classes: [phone], why: it fits the form}}
  - {path: cardNumber, fpe: {domain: pan}, expect: {classes: [card], why: it fits the form}}
  - {path: cardShown, card: {keep: first6last4}}
  - {path: initials, mask: {first: 5, last: 5}}
  - {path: firstName, mask: {first: 4}}
  - {path: address, token: {domain: address, format: auto}}
  - {path: fax, token: {domain: phone}}
  - {path: contact, when: {path: customer.tenant, in: [a, b]}, redact: true}
  - {path: contact, when: {path: customer.tenant, in: [b]}, token: {domain: contact}}
  - {path: contact, redact: true}
  - {path: callerName, when: {path: customer.tenant, in: [queue]}, keep: true}
  - {path: callerName, keep: true}
  - {path: attributes, map: {keep: [language, email], fields: [{path: caller name, keep: true}, {path: phone, token: {domain: phone, format: phone, scope: environment}}]}}
  - {path: extras, map: {default: scrub}}
  - {path: payload, json: {fields: [{path: customer.name, keep: true}, {path: text, scrub: {detect: [phone]}}, {path: ref, token: {domain: ref, length: 10}}]}}
`

func TestLintNested(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, f := range Lint(mustParse(t, nested)) {
		b.WriteString(f.String() + "\n")
	}
	golden(t, "lint-nested.golden", b.String())
}

func TestSensitiveNames(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		"participants[].sessions[].ani", "sessionDnis", "addressFrom", "addressTo", "addressSelf", "screenShareAddressSelf", "destinationAddresses[]", "bcc[]",
		"callbackNumbers[]", "remote", "remoteNameDisplayable", "flow.entryReason", "transferTargetAddress", "transferTargetName", "participantName",
		"callbackUserName", "externalTag", "segments[].subject", "wrapUpNote", "wrapUpTags[]", "protocolCallId", "customer.name", "phone.number",
	} {
		if p, err := ParsePath(path); err != nil || p.kind().Kind == "" {
			t.Errorf("%s is taken for harmless (%v)", path, err)
		}
	}
	for _, path := range []string{
		"evaluations[].formName", "surveys[].surveyFormName", "flow.flowName", "dispositionName", "metrics[].name", "messageType", "routingRule", "usedRouting",
		"requestedRoutings[]", "routingRing", "requestedRoutingSkillIds[]", "journeyCustomerIdType", "wrapUpCode", "queue.name", "mediaType", "divisionIds[]", "cardType",
		"flaggedReason", "purpose", "provider", "conversationId", "emitDate",
	} {
		if p, err := ParsePath(path); err != nil || p.kind().Kind != "" {
			t.Errorf("%s looks like %s (%v)", path, p.kind().Kind, err)
		}
	}
}

func TestLint(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, f := range Lint(mustParse(t, careless)) {
		b.WriteString(f.String() + "\n")
	}
	golden(t, "lint.golden", b.String())
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
		if got := strings.Join(classify.Words(name), " "); got != want {
			t.Errorf("classify.Words(%q) = %q, want %q", name, got, want)
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
		if got := p.Looks(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
