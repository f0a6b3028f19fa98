package validator

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/objref"
)

// Suffixes of what a report's keys have behind that of its object: for programs, for reading as text, and as a page.
const (
	ReportSuffix   = ".report.json"
	MarkdownSuffix = ".report.md"
	PageSuffix     = ".report.html"
)

// ReportVersion is the version of Report's shape.
const ReportVersion = 2

// Report says what was found out about one object. It lies beside the object: in the masked bucket when it passed, in the
// quarantine bucket when it was refused. It holds no value from the data, no key of an object and no time but the
// verdict's: the same object gives the same report.
type Report struct {
	Version     int    `json:"version"`
	Passed      bool   `json:"passed"`
	At          string `json:"at,omitempty"` // of the verdict, as it says; "" without one
	Object      string `json:"object"`       // objref.Object.Identity of the masked object
	SHA256      string `json:"sha256"`       // of its bytes
	Bytes       int64  `json:"bytes"`
	Environment string `json:"environment"`
	Entity      string `json:"entity"`
	Tenant      string `json:"tenant"`
	Policy      string `json:"policy"`               // digest
	PolicyName  string `json:"policyName,omitempty"` // name and version of the policy in force
	Rows        int64  `json:"rows"`                 // as the reference says
	// RowsIn are the rows of the raw object, and LeftOut those that the masker left out, by reason, as it attests.
	RowsIn  int64            `json:"rowsIn,omitempty"`
	LeftOut map[string]int64 `json:"leftOut,omitempty"`
	RuleSet string           `json:"ruleSet"`         // Rules
	Reason  objref.Reason    `json:"reason,omitzero"` // of a refusal
	Rules   []Outcome        `json:"rules"`
	Tenants []TenantRows     `json:"tenants,omitempty"`
	Columns []ColumnFacts    `json:"columns,omitempty"`
	Quasi   *Anonymity       `json:"quasi,omitempty"`
	Proof   Proof            `json:"proof"`
}

// TenantRows is a bar of the histogram of tenants. "" is that of rows without one, OtherTenants that of names which must
// not be told.
type TenantRows struct {
	Tenant string `json:"tenant"`
	Rows   int64  `json:"rows"`
}

// ColumnFacts is what is known of the values of one column, or of one member of an object in one.
type ColumnFacts struct {
	Name      string       `json:"name"` // the path, as columnar.ShowName allows it
	Treatment string       `json:"treatment"`
	Values    int64        `json:"values"`              // that are not null
	Nulls     int64        `json:"nulls"`               // as they were read
	Distinct  *int64       `json:"distinct,omitempty"`  // as the masker attests
	Collision string       `json:"collision,omitempty"` // as the masker attests
	Hits      []attest.Hit `json:"hits,omitempty"`      // what was found and refused nothing
}

// Proof names what the report rests on.
type Proof struct {
	Source         string            `json:"source,omitempty"` // SHA-256 of the raw object, as attested
	Masker         string            `json:"masker,omitempty"` // digest of the masker's statement
	Verdict        string            `json:"verdict,omitempty"`
	KeyFingerprint string            `json:"keyFingerprint,omitempty"`
	KeyEpoch       int               `json:"keyEpoch,omitempty"`
	Writer         string            `json:"writer,omitempty"`
	Code           string            `json:"code,omitempty"`
	Trace          string            `json:"trace,omitempty"`
	Beside         map[string]string `json:"beside,omitempty"` // what the masker attests beside the object, by what it is → SHA-256
}

// newReport describes an object. The verdict is that of an object that passed, nil for a refused one.
func newReport(e *evidence, outcomes []Outcome, verdict []byte, at string) Report {
	r := Report{
		Version: ReportVersion, Passed: verdict != nil, At: at, Object: e.ref.Object.Identity(), SHA256: e.sha256, Bytes: e.bytes,
		Environment: e.environment, Entity: e.ref.Entity, Tenant: e.ref.Tenant, Policy: e.ref.Policy, Rows: e.ref.Rows,
		RuleSet: Rules, Rules: outcomes, Columns: e.columnFacts(),
	}
	if e.policy != nil {
		r.PolicyName = fmt.Sprintf("%s, version %d", e.policy.Name, e.policy.Version)
	}
	if !r.Passed {
		r.Reason = reason(outcomes)
	} else {
		r.Proof.Verdict = attest.Digest(verdict)
	}
	r.Tenants = e.tenantRows(r.Passed)
	r.Quasi = e.anonymity
	if m := e.attested; m != nil {
		r.RowsIn, r.LeftOut = m.RowsIn, m.Rejects
		p := &r.Proof
		p.Source, p.Masker, p.KeyFingerprint, p.KeyEpoch = m.Source.SHA256, attest.Digest(e.envelope), m.KeyFingerprint, m.KeyEpoch
		p.Writer, p.Code, p.Trace = m.Writer, m.Code, m.Trace
		p.Beside = map[string]string{}
		for what, b := range map[string]*attest.Beside{"sketch": m.Sketch, "canary": m.Canary} {
			if b != nil {
				p.Beside[what] = b.SHA256
			}
		}
	}
	return r
}

// OtherTenants stands in the report on a refused object for tenants that neither policy nor reference names: what is in the
// column may be anything.
const OtherTenants = "(others)"

// tenantRows are the rows by tenant, nil when the cells could not be read.
func (e *evidence) tenantRows(passed bool) (all []TenantRows) {
	if e.cells == nil {
		return nil
	}
	rows := map[string]int64{}
	for tenant, n := range e.cells.tenants.rows {
		if !passed && tenant != "" && tenant != e.ref.Tenant && !e.knowsTenant(tenant) {
			tenant = OtherTenants
		}
		rows[tenant] += n
	}
	if n := e.cells.tenants.beyond; n > 0 {
		rows[OtherTenants] += n
	}
	for _, tenant := range slices.Sorted(maps.Keys(rows)) {
		all = append(all, TenantRows{tenant, rows[tenant]})
	}
	return all
}

func (e *evidence) knowsTenant(name string) bool {
	if e.policy == nil || e.policy.Tenant == nil {
		return false
	}
	_, known := slices.BinarySearch(e.policy.Tenant.Known, name)
	return known
}

// columnFacts are those of every leaf, nil when the cells could not be read.
func (e *evidence) columnFacts() []ColumnFacts {
	if e.cells == nil {
		return nil
	}
	var attested []attest.Column
	if e.attested != nil {
		attested = valuesOf(e.attested.Columns)
	}
	facts := make([]ColumnFacts, len(e.cells.all))
	for i, l := range e.cells.all {
		t := &e.cells.tallies[i]
		f := ColumnFacts{Name: l.path, Treatment: passing, Values: t.values, Nulls: t.nulls, Hits: t.spared(l.path)}
		if l.node != nil {
			f.Treatment = l.node.Treatment()
		}
		if len(attested) == len(facts) {
			f.Distinct, f.Collision = attested[i].Distinct, attested[i].Collision
		}
		facts[i] = f
	}
	return facts
}

// valuesOf are the columns that have values of their own, members of objects in their place.
func valuesOf(columns []attest.Column) (out []attest.Column) {
	for _, c := range columns {
		if len(c.Members) > 0 {
			out = append(out, valuesOf(c.Members)...)
		} else {
			out = append(out, c)
		}
	}
	return out
}

// spared are the hits that refused nothing.
func (t *tally) spared(column string) (out []attest.Hit) {
	for i, class := range classes {
		if n := t.expected[i] + t.suspected[i]; n > 0 {
			out = append(out, attest.Hit{Column: column, Class: string(class), Expected: t.expected[i], Suspicions: t.suspected[i]})
		}
	}
	return out
}

// spared are the hits in all columns that refused nothing.
func (e *evidence) spared() (out []attest.Hit) {
	for _, f := range e.columnFacts() {
		out = append(out, f.Hits...)
	}
	return out
}

func (r Report) encode() ([]byte, error) {
	body, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode report: %w", err)
	}
	return append(body, '\n'), nil
}

// decodeReport reads the report on a refused object; ok is false for what is none of this version.
func decodeReport(body []byte) (r Report, ok bool) {
	err := json.Unmarshal(body, &r)
	return r, err == nil && r.Version == ReportVersion && r.Object != "" && r.Reason.Class != ""
}
