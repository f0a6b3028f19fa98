package pair_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/pair"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/memblob"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/services/validator"
)

const formsPolicy = `apiVersion: maskrail.io/v1
kind: Policy
metadata: {name: forms, version: 1}
entity: interaction
key: [id]
tenant: {path: tenant_id, required: true}
region: US
fields:
  - {path: id, keep: true}
  - {path: tenant_id, keep: true}
  - {path: phone, token: {domain: phone, format: phone}}
  - {path: email, redact: {}}
  - {path: customerId, token: {domain: customer}}
  - {path: fullName, drop: true}
  - {path: firstName, token: {domain: person.name}}
  - {path: lastName, "null": true}
  - {path: cardNumber, card: {keep: none}}
  - {path: note, keep: true}
`

// forms are ways to write one value of a column. Each is what the masker takes out of the column in one record, and each what
// is left in a note of another.
var forms = []struct {
	columns []string // the parts of a value, divided by a stroke
	forms   []string
	only    []string // what stands in the note alone
}{
	{[]string{"phone"}, []string{"+14155559876", "(415) 555-9876", "415.555.9876", "1 415 555 9876", "4155559876", "tel:+1-415-555-9876", "４１５５５５９８７６"}, nil},
	{[]string{"phone"}, []string{"+44 20 7946 0958", "011 44 20 7946 0958", "+44 (0)20 7946 0958", "tel:+442079460958"}, []string{"020 7946 0958"}},
	{[]string{"phone"}, []string{"+49 30 901820", "+4930901820"}, []string{"030 901820"}},
	{[]string{"email"}, []string{"Jane.Okafor@Example.com", "jane.okafor@example.com", " JANE.OKAFOR@EXAMPLE.COM ", "Jane <jane.okafor@example.com>", "mailto:jane.okafor@example.com"}, nil},
	{[]string{"email"}, []string{"jürgen@bücher.example", "JÜRGEN@BÜCHER.EXAMPLE"}, nil},
	{[]string{"customerId"}, []string{"CUST-1772300", "cust-1772300", "CUST 1772300"}, []string{"#cust1772300;", "id=CUST_1772300"}},
	{[]string{"customerId"}, []string{"7b3b5a2e-6c1d-4a57-9d0b-00000000beef", "7B3B5A2E6C1D4A579D0B00000000BEEF"}, []string{"{7b3b5a2e-6c1d-4a57-9d0b-00000000beef}"}},
	{[]string{"customerId"}, []string{"0045812345", "45812345", "45-812-345"}, []string{"no. 45812345"}},
	{[]string{"fullName"}, []string{"Jane Okafor", "JANE  OKAFOR", "Jane\u00a0Okafor"}, []string{"Okafor, Jane"}},
	{[]string{"fullName"}, []string{"José García-López", "JOSE GARCIA-LOPEZ"}, []string{"García-López, José"}},
	{[]string{"fullName"}, []string{"Bo M. Diaz", "BO M DIAZ"}, []string{"Bo Diaz"}},
	{[]string{"firstName", "lastName"}, []string{"Jane|Okafor", "jane|OKAFOR"}, []string{"Okafor Jane", "Jane Q. Okafor"}},
	{[]string{"firstName", "lastName"}, []string{"Seán|O'Brien", "SEÁN|O’Brien"}, []string{"Sean OBrien"}},
	{[]string{"cardNumber"}, []string{"5500 0055 5555 5559", "5500-0055-5555-5559", "5500005555555559"}, nil},
}

// TestFormsOfBothSides holds the masker's canonical forms against the validator's, which share no code: however a value is
// written where it is taken out, it is found however it is written where it is left.
func TestFormsOfBothSides(t *testing.T) {
	t.Parallel()
	policies, err := policy.Parse("forms.yaml", []byte(formsPolicy), nil)
	if err != nil {
		t.Fatal(err)
	}
	b, ring := pair.Buckets(), keys.Example()
	all, err := pair.NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range forms {
		for _, taken := range f.forms {
			record := map[string]string{"id": "1", "tenant_id": "acme"}
			for i, part := range bytes.Split([]byte(taken), []byte("|")) {
				record[f.columns[i]] = string(part)
			}
			for _, left := range append(slices.Clone(f.forms), f.only...) {
				left := string(bytes.ReplaceAll([]byte(left), []byte("|"), []byte(" ")))
				t.Run(fmt.Sprintf("%s as %s", taken, left), func(t *testing.T) {
					t.Parallel()
					store := memblob.New(b.Raw, b.Masked, b.Quarantine)
					both, err := pair.New(pair.Options{Environment: "sandbox", Policies: policies, Ring: ring, Store: store, Keys: all, Workers: 1, TempDir: t.TempDir()})
					if err != nil {
						t.Fatal(err)
					}
					lines := encode(t, record) + encode(t, map[string]string{"id": "2", "tenant_id": "acme", "note": left})
					o, err := store.Put(t.Context(), blob.Location{Bucket: b.Raw, Key: "interaction/x.jsonl"}, bytes.NewReader([]byte(lines)), int64(len(lines)), blob.PutOptions{})
					if err != nil {
						t.Fatal(err)
					}
					masked, err := both.Masker.Mask(t.Context(), objref.Ref{Entity: "interaction", Run: "run", Object: objref.From(o)})
					if err != nil {
						t.Fatal(err)
					}
					_, err = both.Validator.Validate(t.Context(), masked[0])
					if _, refused := stage.Rejected(err); !refused {
						t.Fatalf("passes: %v", err)
					}
					r, _, err := store.Get(t.Context(), blob.Location{Bucket: b.Quarantine, Key: masked[0].Object.Key + validator.ReportSuffix}, blob.Range{})
					if err != nil {
						t.Fatal(err)
					}
					defer r.Close()
					var report validator.Report
					if err := json.NewDecoder(r).Decode(&report); err != nil {
						t.Fatal(err)
					}
					for _, rule := range report.Rules {
						if rule.Rule == "survivors" && rule.Result != validator.Failed {
							t.Errorf("the rule survivors %s: %s", rule.Result, rule.Detail)
						}
					}
				})
			}
		}
	}
}

func encode(t *testing.T, record map[string]string) string {
	t.Helper()
	line, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	return string(line) + "\n"
}
