package validator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/maskrail/maskrail/libs/objref"
)

// Rules is the version of the rule set. Raise it with every change of what a rule refuses: verdicts by another
// version are not taken for this one's.
const Rules = "3"

// Classes of rejection.
const (
	ClassAttestation   = "attestation"        // the masker's statement, or what it says, is not what it must be
	ClassNoPolicy      = "no-policy"          // no policy for the entity
	ClassMalformed     = "malformed"          // the bytes are no Parquet file, or a damaged one
	ClassSchema        = "wrong-schema"       // the columns are not the policy's output
	ClassTreatment     = "untreated"          // cells do not look as their treatment leaves them
	ClassRows          = "wrong-row-count"    //
	ClassMissingField  = "missing-field"      // key or tenant column is not there
	ClassNullKey       = "null-key"           //
	ClassDuplicateKey  = "duplicate-key"      //
	ClassNoTenant      = "no-tenant"          // rows without a tenant
	ClassUnknownTenant = "unknown-tenant"     // rows of a tenant that the policy does not know
	ClassForeignTenant = "foreign-tenant"     // rows of another tenant than the object's
	ClassTenantRows    = "wrong-tenant-count" // rows by tenant are not as attested
	ClassHit           = "detector-hit"       // a detector found something in a cell
	ClassUnreadable    = "unreadable-cells"   // cells of a type that the detectors cannot read
	ClassMetadata      = "file-metadata"      // something in the file beside its cells
	ClassQuasi         = "re-identification"  // rows in too small groups
	ClassCanary        = "canary"             // no canary that proves anything, or one that survived
)

// Finding is one thing that a rule found wrong. It never holds a value from the data.
type Finding struct {
	Class    string `json:"class"`
	Field    string `json:"field,omitempty"`    // the column, as columnar.ShowName allows it
	Detector string `json:"detector,omitempty"` // phone, email, card or ssn, for a hit
	Count    int64  `json:"count,omitempty"`    // cells or rows concerned, when counted
	Detail   string `json:"detail"`
}

// Results of a rule.
const (
	Passed = "passed"
	Failed = "failed"
	NotRun = "not-run" // what it judges could not be read; another rule says why
)

// Outcome is what a rule decided.
type Outcome struct {
	Rule     string    `json:"rule"`
	Result   string    `json:"result"`
	Detail   string    `json:"detail,omitempty"` // what was looked at
	Findings []Finding `json:"findings,omitempty"`
}

// need is what must have been read for a rule to run.
type need uint8

const (
	needSchema    need = 1 << iota // the file opens
	needCells                      // and every cell was read
	needPolicy                     // there is a policy for the entity
	needStatement                  // the masker's statement is genuine and about these bytes
)

// Rule is one check.
type Rule struct {
	Name  string
	needs need
	check func(*evidence) (detail string, findings []Finding)
	about string // what it wants, a sentence for reports
}

// rules in the order in which they are reported. The first that fails gives the rejection its reason.
var rules = []Rule{
	{Name: "attestation", check: checkAttestation,
		about: "The masker's statement is genuine, of a trusted key, and about these bytes, this environment and the policy in force."},
	{Name: "file", check: checkFile,
		about: "The file can be read to its end."},
	{Name: "schema", needs: needSchema | needPolicy, check: checkSchema,
		about: "The columns, their order and their types are the policy's output, and the masker attests the same."},
	{Name: "treatments", needs: needCells | needPolicy, check: checkTreatments,
		about: "Every value looks as its treatment leaves it."},
	{Name: "rows", needs: needCells, check: checkRows,
		about: "There are as many rows as the reference says and the masker attests."},
	{Name: "key", needs: needCells | needPolicy, check: checkKey,
		about: "Every row has a key, and no two rows of a tenant have the same."},
	{Name: "tenants", needs: needCells | needPolicy, check: checkTenants,
		about: "Every row belongs to a tenant that the policy knows and the object is declared to be of."},
	{Name: "detectors", needs: needCells, check: checkDetectors,
		about: "Neither of two independent sets of detectors finds anything in a value, but for what the policy expects."},
	{Name: quasiRule, needs: needCells | needPolicy, check: checkQuasi,
		about: "No row of the run stands in a group of fewer than k that are alike in the columns that the policy names."},
	{Name: "canary", needs: needPolicy | needStatement, check: checkCanary,
		about: "Records whose every value is known were masked the same way, by pages and by batches, and nothing is left of them."},
	{Name: "metadata", needs: needCells, check: checkMetadata,
		about: "Nothing beside the values tells anything: names, footer, statistics, dictionaries, filters, page headers."},
	{Name: survivorsRule, needs: needCells | needStatement, check: checkSurvivors,
		about: "No identifier that was taken out of the raw object is in a value, by the masker's sealed sketch of them."},
	{Name: "integrity", needs: needCells | needPolicy | needStatement, check: checkIntegrity,
		about: "There are as many tokens as values in every token domain and row group, and as many nulls and elements of lists."},
}

// maxFindings is the most findings of one rule that are kept.
const maxFindings = 100

// judge runs every rule.
func judge(e *evidence) []Outcome {
	outcomes := make([]Outcome, len(rules))
	for i, r := range rules {
		o := Outcome{Rule: r.Name, Result: Passed}
		if missing := r.needs &^ e.has(); missing != 0 {
			o.Result, o.Detail = NotRun, missing.String()
		} else if o.Detail, o.Findings = r.check(e); len(o.Findings) > 0 {
			o.Result = Failed
		}
		if more := len(o.Findings) - maxFindings; more > 0 {
			o.Findings = o.Findings[:maxFindings]
			o.Detail = fmt.Sprintf("%d more findings are left out", more)
		}
		outcomes[i] = o
	}
	return outcomes
}

func (n need) String() string {
	switch {
	case n&needPolicy != 0:
		return "there is no policy to hold it against"
	case n&needStatement != 0:
		return "the masker's statement proves nothing"
	}
	return "the file could not be read"
}

// passed reports whether every rule ran and passed.
func passed(outcomes []Outcome) bool {
	return len(outcomes) > 0 && !slices.ContainsFunc(outcomes, func(o Outcome) bool { return o.Result != Passed })
}

// passedBut reports whether every rule but one passed.
func passedBut(outcomes []Outcome, rule string) bool {
	return !slices.ContainsFunc(outcomes, func(o Outcome) bool { return o.Rule != rule && o.Result != Passed })
}

// reason is the first finding, and how many rules failed beside its own.
func reason(outcomes []Outcome) objref.Reason {
	var first *Finding
	failed := 0
	for _, o := range outcomes {
		if o.Result != Failed {
			continue
		}
		failed++
		if first == nil {
			first = &o.Findings[0]
		}
	}
	if first == nil { // a rule that did not run without another that says why
		return objref.Reason{Class: ClassMalformed, Detail: "not every check could run"}
	}
	r := objref.Reason{Service: Name, Class: first.Class, Field: first.Field, Count: first.Count, Detail: first.Detail}
	switch {
	case failed == 2:
		r.Detail += "; 1 more check failed, see the report"
	case failed > 2:
		r.Detail += fmt.Sprintf("; %d more checks failed, see the report", failed-1)
	}
	return r
}

// plural is "1 cell", "2 cells" or "2 addresses".
func plural(n int64, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case strings.HasSuffix(what, "s"):
		what += "e"
	}
	return fmt.Sprintf("%d %ss", n, what)
}
