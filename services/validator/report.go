package validator

import (
	"encoding/json"
	"fmt"

	"github.com/maskrail/maskrail/libs/objref"
)

// ReportSuffix is what a report's key has behind that of its object.
const ReportSuffix = ".report.json"

// ReportVersion is the version of Report's shape.
const ReportVersion = 1

// Report lies beside an object in the quarantine bucket and says why it is there. It holds no value from the data, no
// key of an object and no time: the same object gives the same report.
type Report struct {
	Version     int           `json:"version"`
	Object      string        `json:"object"` // objref.Object.Identity of the refused object in the masked bucket
	SHA256      string        `json:"sha256"` // of its bytes
	Bytes       int64         `json:"bytes"`
	Environment string        `json:"environment"`
	Entity      string        `json:"entity"`
	Policy      string        `json:"policy"`
	Rows        int64         `json:"rows"`    // as the reference says
	RuleSet     string        `json:"ruleSet"` // Rules
	Reason      objref.Reason `json:"reason"`
	Rules       []Outcome     `json:"rules"`
}

func newReport(e *evidence, outcomes []Outcome) Report {
	return Report{
		Version: ReportVersion, Object: e.ref.Object.Identity(), SHA256: e.sha256, Bytes: e.bytes,
		Environment: e.environment, Entity: e.ref.Entity, Policy: e.ref.Policy, Rows: e.ref.Rows,
		RuleSet: Rules, Reason: reason(outcomes), Rules: outcomes,
	}
}

func (r Report) encode() ([]byte, error) {
	body, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode report: %w", err)
	}
	return append(body, '\n'), nil
}

// decodeReport reads a report; ok is false for what is none of this version.
func decodeReport(body []byte) (r Report, ok bool) {
	err := json.Unmarshal(body, &r)
	return r, err == nil && r.Version == ReportVersion && r.Object != "" && r.Reason.Class != ""
}
