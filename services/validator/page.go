package validator

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strconv"
	"strings"
	markdown "text/template"

	"github.com/maskrail/maskrail/libs/attest"
)

//go:embed pages
var pages embed.FS

var (
	functions    = map[string]any{"number": grouped, "md": escapeMarkdown}
	markdownPage = markdown.Must(markdown.New("report.md.tmpl").Funcs(functions).ParseFS(pages, "pages/report.md.tmpl"))
	htmlPage     = template.Must(template.New("report.html.tmpl").Funcs(functions).ParseFS(pages, "pages/report.html.tmpl"))
)

// page is a report as its templates show it.
type page struct {
	Report
	Title, Verdict, Legend, Closing, QuasiText string
	Facts, Evidence                            []fact
	Rules                                      []shownRule
	Findings                                   []shownFinding
	Bars                                       []bar
	Columns                                    []shownColumn
}

type fact struct {
	Name, Value string
	Code        bool
}

type shownRule struct {
	Outcome
	About string
}

type shownFinding struct {
	Rule string
	Finding
}

type bar struct {
	TenantRows
	Share string
	Width string // percent of the longest bar
}

type shownColumn struct {
	ColumnFacts
	Expected, Suspicions string
}

const (
	legend = "Values and nulls are as the validator read them; distinct values and the bound on the probability that two of them share a token are as the " +
		"masker attests. Expected findings are those that the policy allows with a reason; suspicions rest on context alone and refuse nothing."
	// refusedClosing names no verdict: that of a refusal has a time of its own, and the same object gives the same page.
	refusedClosing = "This page holds no value from the data. The signed verdict that says the same lies beside the object in quarantine, where `maskrail verify` takes both."

	closing = "This page holds no value from the data. `maskrail verify` holds the object against the two signed statements named here."
)

func newPage(r Report) page {
	p := page{Report: r, Legend: legend, Closing: closing, Title: "Masking report: " + r.Entity + " for " + r.Environment}
	p.Verdict = "Passed. Every check that the policy asks for passed, and the object may be loaded."
	if !r.Passed {
		p.Verdict, p.Closing = "Refused. The object must not be loaded.", refusedClosing
	}
	p.fact("Verdict of", r.At)
	p.fact("Rows", grouped(r.Rows))
	if r.RowsIn > 0 {
		p.fact("Rows of the raw object", grouped(r.RowsIn))
		p.fact("Rows left out", leftOut(r.LeftOut))
	}
	p.fact("Tenant", map[bool]string{true: "several", false: r.Tenant}[r.Tenant == "_"])
	p.fact("Policy", r.PolicyName)
	p.code("Digest of the policy", r.Policy)
	p.fact("Version of the rules", r.RuleSet)
	p.code("Masked object, SHA-256", r.SHA256)
	p.fact("Bytes", grouped(r.Bytes))

	p.evidence("Raw object, SHA-256", r.Proof.Source)
	p.evidence("Masker's statement", r.Proof.Masker)
	p.evidence("Validator's verdict", r.Proof.Verdict)
	p.evidence("Key fingerprint", r.Proof.KeyFingerprint)
	if r.Proof.KeyEpoch > 0 {
		p.evidence("Key epoch", strconv.Itoa(r.Proof.KeyEpoch))
	}
	p.evidence("Writer", r.Proof.Writer)
	p.evidence("Program", r.Proof.Code)
	p.evidence("Trace", r.Proof.Trace)
	for _, what := range slices.Sorted(maps.Keys(r.Proof.Beside)) {
		p.evidence(strings.ToUpper(what[:1])+what[1:]+", SHA-256", r.Proof.Beside[what])
	}
	for _, o := range r.Rules {
		p.rule(o)
	}
	if q := r.Quasi; q != nil {
		p.QuasiText = fmt.Sprintf("Rows of a tenant that are alike in %s make a group. Who knows these values of a person finds the person's rows "+
			"in a group of that size. The policy wants at least %d in each. Counted are the rows of %s of the run.", strings.Join(q.Columns, ", "), q.K, plural(int64(q.Objects), "object"))
	}
	p.bars()
	for _, c := range r.Columns {
		p.column(c)
	}
	return p
}

func (p *page) fact(name, value string) {
	if value != "" {
		p.Facts = append(p.Facts, fact{Name: name, Value: value})
	}
}

func (p *page) code(name, value string) { p.Facts = append(p.Facts, fact{name, value, true}) }

func (p *page) evidence(name, value string) {
	if value != "" {
		p.Evidence = append(p.Evidence, fact{name, value, true})
	}
}

func (p *page) rule(o Outcome) {
	shown := shownRule{Outcome: o}
	if o.Rule == quasiRule && o.Result == Passed && p.Quasi == nil {
		shown.Result = "not asked" // nobody shall read that rows were counted
	}
	for _, r := range rules {
		if r.Name == o.Rule {
			shown.About = r.about
		}
	}
	p.Rules = append(p.Rules, shown)
	for _, f := range o.Findings {
		p.Findings = append(p.Findings, shownFinding{o.Rule, f})
	}
}

// leftOut are rows by reason.
func leftOut(by map[string]int64) string {
	var parts []string
	for _, why := range slices.Sorted(maps.Keys(by)) {
		parts = append(parts, grouped(by[why])+" "+why)
	}
	return cmp.Or(strings.Join(parts, ", "), "none")
}

func (p *page) bars() {
	var total, most int64
	for _, t := range p.Tenants {
		total, most = total+t.Rows, max(most, t.Rows)
	}
	for _, t := range p.Tenants {
		p.Bars = append(p.Bars, bar{t, percent(t.Rows, total), fmt.Sprintf("%.1f", 100*float64(t.Rows)/float64(max(most, 1)))})
	}
}

func percent(n, of int64) string { return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(max(of, 1))) }

func (p *page) column(c ColumnFacts) {
	list := func(count func(attest.Hit) int64) string {
		var all []string
		for _, h := range c.Hits {
			if n := count(h); n > 0 {
				all = append(all, grouped(n)+" "+h.Class)
			}
		}
		return strings.Join(all, ", ")
	}
	p.Columns = append(p.Columns, shownColumn{
		c, list(func(h attest.Hit) int64 { return h.Expected }), list(func(h attest.Hit) int64 { return h.Suspicions }),
	})
}

// Markdown is the report as text for readers.
func (r Report) Markdown() ([]byte, error) {
	var out bytes.Buffer
	if err := markdownPage.Execute(&out, newPage(r)); err != nil {
		return nil, fmt.Errorf("write report: %w", err)
	}
	return out.Bytes(), nil
}

// HTML is the report as one page that needs nothing else.
func (r Report) HTML() ([]byte, error) {
	var out bytes.Buffer
	if err := htmlPage.Execute(&out, newPage(r)); err != nil {
		return nil, fmt.Errorf("write report: %w", err)
	}
	return out.Bytes(), nil
}

// grouped writes a count with commas between thousands.
func grouped(v any) string {
	var n int64
	switch v := v.(type) {
	case int64:
		n = v
	case *int64:
		n = *v
	}
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// escapeMarkdown keeps names from being read as signs of a table or of a link.
func escapeMarkdown(s string) string { return markdownSigns.Replace(s) }

var markdownSigns = strings.NewReplacer("\\", `\\`, "|", `\|`, "\n", " ", "\r", " ", "<", "&lt;", "[", `\[`, "]", `\]`, "*", `\*`, "_", `\_`, "`", "\\`")
