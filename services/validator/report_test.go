package validator

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/objref"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; -update writes it", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what is written now:\n%s", path, got)
	}
}

// sampleReport has something of everything that a report can say.
func sampleReport(passed bool) Report {
	sha := strings.Repeat("0123456789abcdef", 4)
	r := Report{
		Version: ReportVersion, Passed: passed, Object: sha[:32], SHA256: sha, Bytes: 23_295_288, Environment: env, Entity: "interaction",
		Tenant: objref.Several, Policy: "sha256:" + sha, PolicyName: "guide-interaction, version 1", Rows: 300_000, RuleSet: Rules,
		RowsIn: 300_012, LeftOut: map[string]int64{"duplicate-key": 12},
		Tenants: []TenantRows{{"acme", 180_000}, {"globex", 119_999}, {"", 1}},
		Columns: []ColumnFacts{
			{Name: "interactionId", Treatment: "keep", Values: 300_000, Distinct: new(int64(300_000))},
			{Name: "phoneNumber", Treatment: "token", Values: 280_113, Nulls: 19_887, Distinct: new(int64(241_220)), Collision: "0"},
			{Name: "line", Treatment: "keep", Values: 300_000, Hits: []attest.Hit{{Column: "line", Class: "phone", Expected: 300_000}}},
			{Name: `participants[]."a|b"`, Treatment: "scrub", Values: 12, Hits: []attest.Hit{{Column: "x", Class: "name", Suspicions: 3}}},
		},
		Quasi: &Anonymity{Columns: []string{"queueId", "dateOfBirth"}, K: 5, Objects: 2, Tenants: []TenantsAnonymity{{"acme", 180_000, 1200, 7, 0}, {"globex", 119_999, 900, 2, 14}}},
		Proof: Proof{Source: sha, Masker: sha, KeyFingerprint: "5f2a", KeyEpoch: 2, Writer: "masker/3", Code: "v1.2.3", Trace: sha[:32],
			Beside: map[string]string{"sketch": sha, "canary": sha}},
	}
	for _, rule := range rules {
		r.Rules = append(r.Rules, Outcome{Rule: rule.Name, Result: Passed, Detail: "what was looked at"})
	}
	if passed {
		r.At, r.Proof.Verdict = "2026-03-09T13:04:11Z", sha
		return r
	}
	r.Rules[1].Result, r.Rules[1].Detail = NotRun, "the file could not be read"
	r.Rules[3].Result = Failed
	r.Rules[3].Findings = []Finding{
		{Class: ClassTreatment, Field: "phoneNumber", Count: 4, Detail: "4 cells not as the treatment token leaves them"},
		{Class: ClassHit, Field: `"<script>"`, Detector: "card", Count: 1200, Detail: "card found in 1200 cells: correct the field's treatment"},
	}
	r.Reason = reason(r.Rules)
	return r
}

// A rule that no policy asks for is not shown as one that was held against the rows.
func TestNotAsked(t *testing.T) {
	t.Parallel()
	r := sampleReport(true)
	r.Quasi, r.LeftOut = nil, nil
	page, err := r.Markdown()
	if err != nil || !bytes.Contains(page, []byte("| quasi | not asked |")) || !bytes.Contains(page, []byte("| Rows left out | none |")) {
		t.Errorf("%v\n%s", err, page)
	}
}

func TestReportPages(t *testing.T) {
	t.Parallel()
	for name, passed := range map[string]bool{"passed": true, "refused": false} {
		docs, err := sampleReport(passed).documents()
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range docs {
			golden(t, name+d.suffix, d.body)
			for _, foreign := range []string{"http:", "https:", "src=", "<script"} {
				if bytes.Contains(d.body, []byte(foreign)) && d.suffix == PageSuffix {
					t.Errorf("%s%s is not one page that needs nothing else: it has %s", name, d.suffix, foreign)
				}
			}
		}
	}
}

// TestReportBesideTheObject: every object has its report in three forms, where it lies.
func TestReportBesideTheObject(t *testing.T) {
	t.Parallel()
	w := setup(t)
	good := w.put(w.good())
	for range 2 { // a later delivery changes nothing
		if _, err := w.validate(t.Context(), good); err != nil {
			t.Fatal(err)
		}
		body := w.read(masked, good.Object.Key+ReportSuffix)
		for _, want := range []string{`"passed": true`, `"tenant": "acme"`, `"expected": 2`, attest.Digest(w.read(masked, good.Object.Key+VerdictSuffix))} {
			if !bytes.Contains(body, []byte(want)) {
				t.Errorf("the report does not say %s:\n%s", want, body)
			}
		}
	}
	for _, suffix := range []string{MarkdownSuffix, PageSuffix} {
		w.read(masked, good.Object.Key+suffix)
	}
	o := w.good()
	o.rows[0][o.at("notes")] = "call " + leaked
	o.ref.Object.Key += "2"
	o.ref.Attestations = []string{o.ref.Object.Key + ".masked.dsse.json"}
	bad := w.put(o)
	w.refused(bad)
	for _, suffix := range []string{ReportSuffix, MarkdownSuffix, PageSuffix} {
		body := w.read(quarantine, bad.Object.Key+suffix)
		if bytes.Contains(body, []byte(leaked)) || !bytes.Contains(body, []byte("notes")) {
			t.Errorf("%s: the report shows a value or not the field", suffix)
		}
	}
}

// TestReportOnForeignTenants: what stands in the tenant column of a refused object may be anything, and is not told.
func TestReportOnForeignTenants(t *testing.T) {
	t.Parallel()
	w := setup(t)
	o := w.good()
	o.rows[1][o.at("tenant_id")] = "Quintana Belvedere"
	o.count()
	in := w.put(o)
	w.refused(in)
	for _, suffix := range []string{ReportSuffix, MarkdownSuffix, PageSuffix} {
		body := w.read(quarantine, in.Object.Key+suffix)
		if bytes.Contains(body, []byte("Belvedere")) || !bytes.Contains(body, []byte(OtherTenants)) || !bytes.Contains(body, []byte("acme")) {
			t.Errorf("%s: the report shows a value, or not the tenants that the policy names:\n%s", suffix, body)
		}
	}
}

// TestReportIsMadeUp: a worker that is killed between verdict and report leaves it to the next delivery.
func TestReportIsMadeUp(t *testing.T) {
	t.Parallel()
	w := setup(t)
	in := w.put(w.good())
	if _, err := w.validate(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	verdict, report := w.read(masked, verdictKey(in)), w.read(masked, in.Object.Key+ReportSuffix)
	w.remove(masked, in.Object.Key+ReportSuffix)
	if _, err := w.validate(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(verdict, w.read(masked, verdictKey(in))) || !bytes.Equal(report, w.read(masked, in.Object.Key+ReportSuffix)) {
		t.Error("verdict or report are others the second time")
	}
}

// TestRulesAreExplained: every rule says what it wants, and docs/gate.md names it.
func TestRulesAreExplained(t *testing.T) {
	t.Parallel()
	var names []string
	page := readFile(t, "../../docs/gate.md")
	for _, r := range rules {
		if !bytes.Contains(page, []byte("| `"+r.Name+"` |")) && !bytes.Contains(page, []byte("`"+r.Name+"` ")) {
			t.Errorf("docs/gate.md does not explain the rule %s", r.Name)
		}
		if r.about == "" || slices.Contains(names, r.Name) {
			t.Errorf("rule %s: %q", r.Name, r.about)
		}
		names = append(names, r.Name)
	}
}

func TestEscapeMarkdown(t *testing.T) {
	t.Parallel()
	if got := escapeMarkdown("a|b_c [x](y) <z>\n`\\|\r"); got != "a\\|b\\_c \\[x\\](y) &lt;z> \\`\\\\\\| " {
		t.Errorf("got %s", got)
	}
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567"} {
		if got := grouped(n); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestPlural(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{"1 cell": plural(1, "cell"), "0 cells": plural(0, "cell"), "2 mail addresses": plural(2, "mail address")} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
