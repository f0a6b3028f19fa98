package pair_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/pair"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/memblob"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/synth"
	"github.com/maskrail/maskrail/services/validator"
)

const ready = "../../../../policies/"

// TestNoFalseAlarm: what the masker makes of synthetic records and of the policies' samples passes the gate, and neither set of
// detectors suspects anything in it.
func TestNoFalseAlarm(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob(ready + "*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no policies in %s: %v", ready, err)
	}
	for _, path := range paths {
		name := filepath.Base(path[:len(path)-len(".yaml")])
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sources := []string{ready + "testdata/" + name + ".jsonl"}
			dir := t.TempDir()
			for _, f := range map[string][]synth.File{
				"guide-interaction":    {{Entity: synth.Interactions, Notes: synth.Plain, Rows: 3000}, {Entity: synth.Interactions, Notes: synth.Rich, Rows: 3000}},
				"hipaa-safe-harbor":    {{Entity: synth.Interactions, Notes: synth.Rich, Rows: 3000}},
				"genesys-conversation": {{Entity: synth.Conversations, Rows: 300}},
			}[name] {
				f.Path, f.Seed = filepath.Join(dir, f.Notes+".jsonl"), 11
				if err := synth.Write(t.Context(), f, nil); err != nil {
					t.Fatal(err)
				}
				sources = append(sources, f.Path)
			}
			for _, source := range sources {
				passes(t, path, source)
			}
		})
	}
}

// passes masks a file under a policy and wants the gate to let it pass without a suspicion.
func passes(t *testing.T, policyFile, source string) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	policies, err := policy.Load(policyFile)
	must(err)
	var entity string
	for p := range policies.All() {
		entity = p.Entity
	}
	b := pair.Buckets()
	store := memblob.New(b.Raw, b.Masked, b.Quarantine)
	signing, err := pair.NewKeys()
	must(err)
	both, err := pair.New(pair.Options{
		Environment: "sandbox", Policies: policies, Ring: keys.Example(), Store: store, Keys: signing, Workers: 2, TempDir: t.TempDir(),
	})
	must(err)
	body, err := os.ReadFile(source)
	must(err)
	raw, err := store.Put(t.Context(), blob.Location{Bucket: b.Raw, Key: entity + "/in.jsonl"}, bytes.NewReader(body), int64(len(body)), blob.PutOptions{})
	must(err)
	masked, err := both.Masker.Mask(t.Context(), objref.Ref{Entity: entity, Run: "run", Object: objref.From(raw)})
	must(err)
	out, err := both.Validator.Validate(t.Context(), masked[0])
	must(err)
	r, _, err := store.Get(t.Context(), blob.Location{Bucket: b.Masked, Key: out[0].Object.Key + validator.ReportSuffix}, blob.Range{})
	must(err)
	defer r.Close()
	var report validator.Report
	must(json.NewDecoder(r).Decode(&report))
	for _, c := range report.Columns {
		for _, h := range c.Hits {
			if h.Suspicions > 0 {
				t.Errorf("%s: %d suspicions of %s in %s", filepath.Base(source), h.Suspicions, h.Class, h.Column)
			}
		}
	}
}

// TestByChance: what one value in thousands becomes by chance is no finding.
func TestByChance(t *testing.T) {
	t.Parallel()
	const head = `apiVersion: maskrail.io/v1
kind: Policy
metadata: {name: chance, version: 1}
entity: interaction
key: [id]
tenant: {path: tenant_id, required: true}
region: US
fields:
  - {path: id, keep: true}
  - {path: tenant_id, keep: true}
  - `
	for _, c := range []struct {
		name, field string
		value       func(i int) any
	}{
		{"an id that another one becomes", "{path: it, fpe: {domain: order, alphabet: hex}, expect: {classes: [phone, card, ssn, iban], why: ids of letters and digits}}",
			func(i int) any { return fmt.Sprintf("%06x", (i*7919+1)%(1<<24)) }},
		{"a token that begins like a date or a word", "{path: it, json: {fields: [{path: name, token: {domain: d, format: uuid}}, {path: dob, token: {domain: e, format: uuid}}, {path: note, scrub: {}}]}}",
			func(i int) any { return fmt.Sprintf(`{"name":"person %d","dob":"%d","note":"nothing"}`, i, i) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			policyFile, source := filepath.Join(dir, "chance.yaml"), filepath.Join(dir, "in.jsonl")
			var rows bytes.Buffer
			for i := range 10_000 {
				if err := json.NewEncoder(&rows).Encode(map[string]any{"id": fmt.Sprint(i), "tenant_id": "acme", "it": c.value(i)}); err != nil {
					t.Fatal(err)
				}
			}
			if err := errors.Join(os.WriteFile(policyFile, []byte(head+c.field+"\n"), 0o600), os.WriteFile(source, rows.Bytes(), 0o600)); err != nil {
				t.Fatal(err)
			}
			passes(t, policyFile, source)
		})
	}
}

// TestCanariesOfTreatments: nothing of a canary is taken for a survivor whatever makes a form of a form, or text of an object.
func TestCanariesOfTreatments(t *testing.T) {
	t.Parallel()
	const expect = ", expect: {classes: [phone, card, ssn, iban], why: digits by design}"
	for _, treatment := range []string{
		"fpe: {domain: d, alphabet: digits}" + expect, "type: int, fpe: {domain: d, alphabet: digits}" + expect, "fpe: {domain: d, alphabet: hex}" + expect,
		"fpe: {domain: d, alphabet: alphanumeric}" + expect, "fpe: {domain: d, alphabet: lower}", "fpe: {domain: d, alphabet: alpha}",
		"json: {fields: [{path: a, fpe: {domain: d, alphabet: alphanumeric}}, {path: b, scrub: {}}]}" + expect,
		"type: string, map: {keep: [a], default: scrub}", "type: string, map: {default: token}", "token: {domain: d, format: digits}" + expect,
	} {
		t.Run(treatment, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			policyFile, source := filepath.Join(dir, "one.yaml"), filepath.Join(dir, "in.jsonl")
			text := `apiVersion: maskrail.io/v1
kind: Policy
metadata: {name: one, version: 1}
entity: interaction
key: [id]
tenant: {path: tenant_id, known: [acme]}
fields:
  - {path: id, keep: true}
  - {path: tenant_id, keep: true}
  - {path: it, ` + treatment + "}\n"
			if err := errors.Join(os.WriteFile(policyFile, []byte(text), 0o600), os.WriteFile(source, []byte(`{"id":"1","tenant_id":"acme"}`), 0o600)); err != nil {
				t.Fatal(err)
			}
			passes(t, policyFile, source)
		})
	}
}
