package attest

import (
	"encoding/json"
	"errors"
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
	Environment    string           `json:"environment"`
	Entity         string           `json:"entity"`
	Tenant         string           `json:"tenant"` // objref.Several for more than one
	Source         Source           `json:"source"`
	Policy         string           `json:"policy"`                   // "sha256:" and hex: the policy with every file that it names
	KeyFingerprint string           `json:"keyFingerprint,omitempty"` // keys.Ring.Fingerprint; "" when the policy needs no key
	KeyEpoch       int              `json:"keyEpoch,omitempty"`
	Writer         string           `json:"writer"` // version of the code that wrote the bytes
	RowsIn         int64            `json:"rowsIn"`
	RowsOut        int64            `json:"rowsOut"`
	Rejects        map[string]int64 `json:"rejects,omitempty"` // class, e.g. duplicate-key → rows
	Columns        []Column         `json:"columns"`
	// Key and TenantColumn are the columns that identify a row, as the policy names them in the output. The loader
	// has no policy and reads them here; it refuses an object without them.
	Key          []string         `json:"key,omitempty"`
	TenantColumn string           `json:"tenantColumn,omitempty"`
	Tenants      map[string]int64 `json:"tenants,omitempty"` // tenant → rows; together RowsOut
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
}

// Validated is the validator's verdict on one masked object.
type Validated struct {
	Environment string           `json:"environment"`
	Entity      string           `json:"entity"`
	Tenant      string           `json:"tenant"`
	Masker      string           `json:"masker"` // Digest of the masker's envelope
	Rules       string           `json:"rules"`  // version of the rule set
	Checks      []Check          `json:"checks"`
	Rows        int64            `json:"rows"`
	Tenants     map[string]int64 `json:"tenants,omitempty"`
}

// Check is one check and its result. Detail never holds a value from the data.
type Check struct {
	Name   string `json:"name"`
	Passed bool   `json:"passed"`
	Detail string `json:"detail,omitempty"`
}

// Passed reports whether there are checks and all of them passed.
func (v Validated) Passed() bool {
	return len(v.Checks) > 0 && !slices.ContainsFunc(v.Checks, func(c Check) bool { return !c.Passed })
}

func (m Masked) check() error {
	rejects, err := sum(m.Rejects)
	switch {
	case err != nil:
		return fmt.Errorf("rejects: %w", err)
	case m.Environment == "" || m.Entity == "" || m.Tenant == "":
		return errors.New("environment, entity and tenant must not be empty")
	case !isSHA256(m.Source.SHA256) || m.Source.Identity == "" || m.Source.Bytes < 0:
		return errors.New("source: want a sha256 of 64 lower-case hex digits, an identity and a size")
	case m.Policy == "" || m.Writer == "":
		return errors.New("policy and writer must not be empty")
	case m.RowsIn < 0 || m.RowsOut < 0 || m.RowsIn != m.RowsOut+rejects:
		return fmt.Errorf("rows: %d in, but %d out and %d rejected", m.RowsIn, m.RowsOut, rejects)
	}
	return checkTenants(m.Tenants, m.RowsOut)
}

func (v Validated) check() error {
	switch {
	case v.Environment == "" || v.Entity == "" || v.Tenant == "":
		return errors.New("environment, entity and tenant must not be empty")
	case v.Masker == "" || v.Rules == "":
		return errors.New("masker and rules must not be empty")
	case v.Rows < 0:
		return errors.New("rows: must not be negative")
	}
	return checkTenants(v.Tenants, v.Rows)
}

func checkTenants(tenants map[string]int64, rows int64) error {
	total, err := sum(tenants)
	if err != nil {
		return fmt.Errorf("tenants: %w", err)
	}
	if len(tenants) > 0 && total != rows {
		return fmt.Errorf("tenants: %d rows together, want %d", total, rows)
	}
	return nil
}

func sum(counts map[string]int64) (total int64, err error) {
	for _, n := range counts {
		if n < 0 || total+n < total {
			return 0, errors.New("a count is negative or too large")
		}
		total += n
	}
	return total, nil
}

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
