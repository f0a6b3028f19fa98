package canary

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/maskrail/maskrail/libs/attest"
)

// Prefix is where canaries lie in the masked bucket. Nothing under it is announced, swept or loaded.
const Prefix = "_canary/"

// StatementType is the predicate type of what a masker says of its canary.
const StatementType = "https://maskrail.io/attestation/canary/v1"

// Statement says how canary records were masked. Its subjects are what became of them, in the two ways that files are
// masked.
type Statement struct {
	Environment    string `json:"environment"`
	Entity         string `json:"entity"`
	Policy         string `json:"policy"` // digest
	Writer         string `json:"writer"`
	Code           string `json:"code"`
	KeyFingerprint string `json:"keyFingerprint,omitempty"`
	KeyEpoch       int    `json:"keyEpoch,omitempty"`
	Rows           int64  `json:"rows"` // in each part
}

// Part is one masked file of canaries.
type Part struct {
	Key    string // in the masked bucket
	SHA256 string // lower-case hex
}

// parts are the ways that files are masked: by pages of Parquet, and by batches.
const parts = 2

// Sign makes the envelope of a statement about the two parts.
func (s Statement) Sign(by *attest.Signer, about []Part) ([]byte, error) {
	raw, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("sign canary statement: %w", err)
	}
	st := attest.Statement{PredicateType: StatementType, Predicate: raw}
	for _, p := range about {
		st.Subject = append(st.Subject, attest.Subject{Name: p.Key, Digest: map[string]string{"sha256": p.SHA256}})
	}
	return by.Sign(st)
}

// Read takes a statement that was verified apart.
func Read(st attest.Statement) (s Statement, about []Part, err error) {
	if json.Unmarshal(st.Predicate, &s) != nil || len(st.Subject) != parts {
		return s, nil, errors.New("read canary statement: it is none of two masked files")
	}
	for _, subject := range st.Subject {
		about = append(about, Part{subject.Name, subject.Digest["sha256"]})
	}
	return s, about, nil
}
