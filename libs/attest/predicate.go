package attest

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Predicate types.
const (
	MaskedType    = "https://maskrail.io/attestation/masked/v1"
	ValidatedType = "https://maskrail.io/attestation/validated/v1"
)

// Masked is what the masker says about one object that it wrote. Rows in equal rows out plus rejects.
type Masked struct {
	Environment    string `json:"environment"`
	Entity         string `json:"entity"`
	Tenant         string `json:"tenant"` // objref.Several for more than one
	Source         Source `json:"source"`
	Policy         string `json:"policy"`                   // "sha256:" and hex: the policy with every file that it names
	KeyFingerprint string `json:"keyFingerprint,omitempty"` // keys.Ring.Fingerprint; "" when the policy needs no key
	KeyEpoch       int    `json:"keyEpoch,omitempty"`
	Writer         string `json:"writer"` // version of the way bytes are written: equal for equal bytes
	// Code is the version of the program, and Trace the id of the trace, 32 lower-case hex digits, of the delivery
	// that wrote the object. Trace differs when equal work is done again, and so do Sketch, which has a random key, and the
	// estimates made with it. "" means not known.
	Code    string           `json:"code,omitempty"`
	Trace   string           `json:"trace,omitempty"`
	RowsIn  int64            `json:"rowsIn"`
	RowsOut int64            `json:"rowsOut"`
	Rejects map[string]int64 `json:"rejects,omitempty"` // class, e.g. duplicate-key → rows
	Columns []Column         `json:"columns"`
	// Key and TenantColumn are the columns that identify a row, as the policy names them in the output. The loader
	// has no policy and reads them here; it refuses an object without them.
	Key          []string         `json:"key,omitempty"`
	TenantColumn string           `json:"tenantColumn,omitempty"`
	Tenants      map[string]int64 `json:"tenants,omitempty"` // tenant → rows; together RowsOut
	// Domains are how many different tokens there are, by token domain and scope.
	Domains []Domain `json:"domains,omitempty"`
	// Sketch is the sealed sketch of identifiers that only the validator opens, Canary the masked canary object that
	// the same policy, environment and writer made. Both lie in the masked bucket; nil when there is none.
	Sketch *Beside `json:"sketch,omitempty"`
	Canary *Beside `json:"canary,omitempty"`
}

// Beside names an object of the masked bucket that belongs to another one.
type Beside struct {
	Key    string `json:"key"`
	SHA256 string `json:"sha256"` // lower-case hex of its bytes
}

// Domain counts the canonical values of one token domain that are not null. Values of different tenants differ when
// the scope is tenant.
type Domain struct {
	Domain   string  `json:"domain"`
	Scope    string  `json:"scope"`    // tenant or environment, as the policy says
	Distinct []int64 `json:"distinct"` // exact, by row group of the output
	Estimate int64   `json:"estimate"` // of the whole object
}

// Source is the raw object, without its key, which can be data.
type Source struct {
	SHA256   string `json:"sha256"`   // lower-case hex of the bytes that were read
	Identity string `json:"identity"` // objref.Object.Identity: hash of bucket, key and version
	Bytes    int64  `json:"bytes"`
}

// Column is one column of the output, or a member of one.
type Column struct {
	Name      string   `json:"name"`
	Type      string   `json:"type,omitempty"`      // of a column, as Arrow writes it
	Treatment string   `json:"treatment,omitempty"` // of a value; those of conditions have strokes between them
	Members   []Column `json:"members,omitempty"`   // of an object
	// Distinct is how many different values there are, Nulls how many are missing; of a value, nil when not counted.
	Distinct *int64 `json:"distinct,omitempty"`
	Nulls    *int64 `json:"nulls,omitempty"`
	// Elements is how many elements the lists around the value have, nulls among them; nil where there is no list, or
	// not counted.
	Elements *int64 `json:"elements,omitempty"`
	// Collision is the most that the probability can be that two of these values got one token, from Distinct and
	// the token's bits: a decimal text such as 3.1e-28, from 0 to 1. "" for other treatments.
	Collision string `json:"collision,omitempty"`
}

// Validated is the validator's verdict on one masked object. Of one that refuses, rows and tenants are what could be read,
// and Masker is "" when there was no statement to name.
type Validated struct {
	Environment string           `json:"environment"`
	Entity      string           `json:"entity"`
	Tenant      string           `json:"tenant"`
	Masker      string           `json:"masker"` // Digest of the masker's envelope
	Policy      string           `json:"policy"` // digest of the policy that it was checked against
	Rules       string           `json:"rules"`  // version of the rule set
	At          string           `json:"at"`     // time of the verdict, RFC 3339, UTC, whole seconds
	Checks      []Check          `json:"checks"`
	Hits        []Hit            `json:"hits,omitempty"` // detector hits that refuse nothing
	Rows        int64            `json:"rows"`
	Tenants     map[string]int64 `json:"tenants,omitempty"`
}

// Check is one check and its result. Detail never holds a value from the data.
type Check struct {
	Name   string `json:"name"`
	Passed bool   `json:"passed"`
	Detail string `json:"detail,omitempty"`
}

// Hit counts what the detectors found of one class in one column without refusing the object for it.
type Hit struct {
	Column     string `json:"column"` // as the check's detail would show it
	Class      string `json:"class"`
	Expected   int64  `json:"expected,omitempty"`   // the policy expects the class there
	Suspicions int64  `json:"suspicions,omitempty"` // findings that rest on context alone
}

// Passed reports whether there are checks and all of them passed.
func (v Validated) Passed() bool {
	return len(v.Checks) > 0 && !slices.ContainsFunc(v.Checks, func(c Check) bool { return !c.Passed })
}

// Overrules reports whether v refuses what another verdict on the same bytes let pass: of two the later counts, and of two
// of one second that which refuses.
func (v Validated) Overrules(other Validated) bool { return !v.Passed() && v.At >= other.At }

// SignMasked signs what the masker says about the object of that key and SHA-256 in the masked bucket.
func (s *Signer) SignMasked(key, sha256 string, m Masked) ([]byte, error) {
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("sign masked attestation: %w", err)
	}
	return s.sign(key, sha256, MaskedType, m)
}

// SignValidated signs the validator's verdict on the object of that key and SHA-256.
func (s *Signer) SignValidated(key, sha256 string, v Validated) ([]byte, error) {
	if err := v.check(); err != nil {
		return nil, fmt.Errorf("sign validated attestation: %w", err)
	}
	return s.sign(key, sha256, ValidatedType, v)
}

func (s *Signer) sign(key, sha256, predicateType string, predicate any) ([]byte, error) {
	raw, err := json.Marshal(predicate)
	if err != nil {
		return nil, fmt.Errorf("sign statement: %w", err)
	}
	return s.Sign(Statement{
		Subject:       []Subject{{Name: key, Digest: map[string]string{"sha256": sha256}}},
		PredicateType: predicateType,
		Predicate:     raw,
	})
}
