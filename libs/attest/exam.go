package attest

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Outcomes of a step.
const (
	Passed  = "passed"
	Failed  = "failed"
	Skipped = "skipped" // it could not be judged, because an earlier one failed
)

// skew is how far the clocks of a validator and of whoever reads its verdict may be apart.
const skew = 5 * time.Minute

// Evidence is what lies before whoever asks whether an object is proven.
type Evidence struct {
	Masked, Validated []byte    // the two envelopes; nil when one is missing
	SHA256            string    // of the object's bytes, lower-case hex
	Environment       string    // where the object belongs; "" is where the masker says it does
	At                time.Time // when the validator's key must be valid; zero is the time of its verdict
}

// Step is one thing that a proof rests on.
type Step struct {
	Name    string
	Outcome string
	Detail  string // what was found; of a failed step the error's text
	Err     error  // of a failed step
}

// Examination is every step of a proof, in order, and what those said whose signatures are genuine.
type Examination struct {
	Steps     []Step
	Masked    *Masked // nil unless it is genuine and about these bytes
	Validated *Validated

	maskerKey, validatorKey string
}

// Examine goes through all that a proof rests on: that both attestations are genuine and about these bytes; that their
// keys are trusted for role, environment and time, the masker's at the time of the verdict, the validator's then and at
// e.At; that the environment allows the policy; that the verdict is on this very statement of the masker, of the same
// entity, tenants and rows; and that every check passed. Steps after a failed one are taken as far as they can be.
func (t Trust) Examine(e Evidence) Examination {
	var x Examination
	x.Masked, x.maskerKey = x.masked(t, e)
	x.Validated, x.validatorKey = x.validated(t, e)
	m, v := x.Masked, x.Validated
	both := m != nil && v != nil
	environment := e.Environment
	if environment == "" && m != nil {
		environment = m.Environment
	}
	x.step("environment", both, func() (string, error) {
		if m.Environment != environment || v.Environment != environment {
			return "", fmt.Errorf("%w: the statements are not both for %s", ErrEnvironment, environment)
		}
		return environment, nil
	})
	x.step("masker's key", both, func() (string, error) {
		return t.judge(Masker, x.maskerKey, environment, v.time())
	})
	x.step("validator's key", v != nil && environment != "", func() (string, error) {
		return t.judgeVerdict(x.validatorKey, environment, v.time(), e.At)
	})
	x.step("policy", m != nil, func() (string, error) {
		return m.Policy + " is allowed in " + environment, t.AllowsPolicy(environment, m.Policy)
	})
	x.step("verdict", both, func() (string, error) {
		if v.Masker != Digest(e.Masked) {
			return "", fmt.Errorf("%w: the verdict is on another statement of the masker", ErrMismatch)
		}
		return "it is on this statement of the masker, given at " + v.At, nil
	})
	x.step("agreement", both, func() (string, error) { return agree(*m, *v) })
	x.step("rules", v != nil, func() (string, error) { return v.outcome() })
	return x
}

// Err is nil when every step passed, otherwise the error of the first that did not.
func (x Examination) Err() error {
	for _, s := range x.Steps {
		switch s.Outcome {
		case Passed:
		case Failed:
			return fmt.Errorf("verify %s: %w", s.Name, s.Err)
		default:
			return fmt.Errorf("verify %s: %w: it could not be judged", s.Name, ErrMalformed)
		}
	}
	if len(x.Steps) == 0 {
		return fmt.Errorf("verify: %w: nothing was examined", ErrMissing)
	}
	return nil
}

// step takes one step if it can be taken.
func (x *Examination) step(name string, can bool, judge func() (string, error)) bool {
	s := Step{Name: name, Outcome: Skipped}
	if can {
		s.Outcome = Passed
		if s.Detail, s.Err = judge(); s.Err != nil {
			s.Outcome, s.Detail = Failed, s.Err.Error()
		}
	}
	x.Steps = append(x.Steps, s)
	return s.Outcome == Passed
}

func (x *Examination) masked(t Trust, e Evidence) (*Masked, string) {
	var m Masked
	id, ok := x.read(t, Masker, MaskedType, e.Masked, e.SHA256, &m)
	if !ok {
		return nil, ""
	}
	return &m, id
}

func (x *Examination) validated(t Trust, e Evidence) (*Validated, string) {
	var v Validated
	id, ok := x.read(t, Validator, ValidatedType, e.Validated, e.SHA256, &v)
	if !ok {
		return nil, ""
	}
	return &v, id
}

// read takes the steps of one attestation and returns the id of its key. ok means that all of them passed.
func (x *Examination) read(t Trust, role, predicateType string, envelope []byte, sha256 string, into interface{ check() error }) (id string, ok bool) {
	var (
		o  opened
		st Statement
	)
	there := x.step(role+"'s attestation", true, func() (_ string, err error) {
		if envelope == nil {
			return "", ErrMissing
		}
		o, err = open(envelope)
		return fmt.Sprintf("%d bytes, a DSSE envelope with one signature", len(envelope)), err
	})
	signed := x.step(role+"'s signature", there, func() (string, error) { return t.signature(o, role) })
	said := x.step(role+"'s statement", signed, func() (_ string, err error) {
		if st, err = statement(o, predicateType); err != nil {
			return "", err
		}
		if err = strict(st.Predicate, into); err == nil {
			err = into.check()
		}
		if err != nil {
			return "", fmt.Errorf("%w: predicate: %w", ErrMalformed, err)
		}
		return "in-toto, " + Digest(envelope), nil
	})
	about := x.step(role+"'s subject", said, func() (string, error) {
		if len(st.Subject) != 1 || st.Subject[0].Digest["sha256"] != sha256 {
			return "", fmt.Errorf("%w: its digest is not the object's: these are not the bytes that were signed", ErrMismatch)
		}
		return "these very bytes, sha256 " + sha256 + ", as " + st.Subject[0].Name, nil
	})
	return o.keyID, about
}

// signature checks that a key trusted for the role signed.
func (t Trust) signature(o opened, role string) (string, error) {
	if err := t.knows(role, o.keyID); err != nil {
		return "", err
	}
	if !o.signedBy(o.keyID, t.public(role, o.keyID)) {
		return "", fmt.Errorf("%w: it is not that of key %s over this content", ErrSignature, short(o.keyID))
	}
	return "Ed25519, by key " + short(o.keyID), nil
}

// statement reads the statement in an envelope.
func statement(o opened, predicateType string) (Statement, error) {
	st, err := decode(o.payload)
	if err != nil {
		return Statement{}, fmt.Errorf("%w: statement: %w", ErrMalformed, err)
	}
	if st.PredicateType != predicateType {
		return Statement{}, fmt.Errorf("%w: it says something else than %s", ErrMalformed, predicateType)
	}
	return st, nil
}

func (t Trust) judge(role, id, environment string, at time.Time) (string, error) {
	return fmt.Sprintf("%s is trusted as %s in %s at %s", short(id), role, environment, FormatTime(at)), t.Accepts(role, id, environment, at)
}

func (t Trust) judgeVerdict(id, environment string, verdict, at time.Time) (string, error) {
	if at.IsZero() {
		at = verdict
	}
	if verdict.After(at.Add(skew)) {
		return "", fmt.Errorf("%w: the verdict is of %s, which lies after %s", ErrValidity, FormatTime(verdict), FormatTime(at))
	}
	if err := t.Accepts(Validator, id, environment, verdict); err != nil {
		return "", err
	}
	return t.judge(Validator, id, environment, at)
}

func agree(m Masked, v Validated) (string, error) {
	switch {
	case m.Entity != v.Entity || m.Tenant != v.Tenant:
		return "", fmt.Errorf("%w: entity or tenant differ", ErrMismatch)
	case m.Policy != v.Policy:
		return "", fmt.Errorf("%w: the policies differ", ErrMismatch)
	case m.RowsOut != v.Rows || !maps.Equal(m.Tenants, v.Tenants):
		return "", fmt.Errorf("%w: the rows or the rows by tenant differ", ErrMismatch)
	}
	return fmt.Sprintf("both say the same entity, policy, tenants and rows: %s, %d rows, %d tenants", m.Entity, m.RowsOut, len(m.Tenants)), nil
}

// outcome is nil when every check passed.
func (v Validated) outcome() (string, error) {
	if len(v.Checks) == 0 {
		return "", fmt.Errorf("%w: the verdict is not that every check passed: it has none", ErrRefused)
	}
	if i := slices.IndexFunc(v.Checks, func(c Check) bool { return !c.Passed }); i >= 0 {
		return "", fmt.Errorf("%w: the verdict is not that every check passed: %q did not", ErrRefused, v.Checks[i].Name)
	}
	return fmt.Sprintf("all %d passed, rule set %s", len(v.Checks), v.Rules), nil
}

// time is the time of the verdict, which check has read once already.
func (v Validated) time() time.Time {
	at, _ := v.Time()
	return at
}
