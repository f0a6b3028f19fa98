package attest

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// check names what is wrong with a statement, by member and never by value.
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
	case m.Trace != "" && !isHex(m.Trace, 16):
		return errors.New("trace: want 32 lower-case hex digits")
	case m.RowsIn < 0 || m.RowsOut < 0 || m.RowsIn != m.RowsOut+rejects:
		return fmt.Errorf("rows: %d in, but %d out and %d rejected", m.RowsIn, m.RowsOut, rejects)
	}
	if err := errors.Join(m.Sketch.check("sketch"), m.Canary.check("canary")); err != nil {
		return err
	}
	for i, c := range m.Columns {
		if err := c.check(); err != nil {
			return fmt.Errorf("column %d: %w", i, err)
		}
	}
	for i, d := range m.Domains {
		if err := d.check(); err != nil {
			return fmt.Errorf("domain %d: %w", i, err)
		}
	}
	return checkTenants(m.Tenants, m.RowsOut)
}

func (c Column) check() error {
	switch {
	case len(c.Members) > 0 && (c.Distinct != nil || c.Nulls != nil || c.Elements != nil || c.Collision != ""):
		return errors.New("distinct, nulls and collision are for values, not for objects")
	case negative(c.Distinct) || negative(c.Nulls) || negative(c.Elements):
		return errors.New("distinct, nulls and elements must not be negative")
	case c.Collision != "" && !isProbability(c.Collision):
		return errors.New("collision: want a decimal number from 0 to 1, such as 3.1e-28")
	}
	for i, m := range c.Members {
		if err := m.check(); err != nil {
			return fmt.Errorf("member %d: %w", i, err)
		}
	}
	return nil
}

func (d Domain) check() error {
	switch {
	case d.Domain == "":
		return errors.New("its name must not be empty")
	case d.Scope != "tenant" && d.Scope != "environment":
		return errors.New("scope: want tenant or environment")
	case d.Estimate < 0:
		return errors.New("estimate: must not be negative")
	}
	for _, n := range d.Distinct {
		if n < 0 {
			return errors.New("distinct: must not be negative")
		}
	}
	return nil
}

func (b *Beside) check(name string) error {
	if b != nil && (b.Key == "" || !isSHA256(b.SHA256)) {
		return fmt.Errorf("%s: want a key and a sha256 of 64 lower-case hex digits", name)
	}
	return nil
}

func (v Validated) check() error {
	switch {
	case v.Environment == "" || v.Entity == "" || v.Tenant == "":
		return errors.New("environment, entity and tenant must not be empty")
	case v.Policy == "" || v.Rules == "":
		return errors.New("policy and rules must not be empty")
	case v.Masker == "" && v.Passed():
		return errors.New("masker must not be empty when all checks passed")
	case v.Rows < 0:
		return errors.New("rows: must not be negative")
	}
	if _, err := v.Time(); err != nil {
		return err
	}
	for i, h := range v.Hits {
		if h.Column == "" || h.Class == "" || h.Expected < 0 || h.Suspicions < 0 || h.Expected+h.Suspicions <= 0 {
			return fmt.Errorf("hit %d: want a column, a class and at least one hit", i)
		}
	}
	return checkTenants(v.Tenants, v.Rows)
}

// timeLayout is RFC 3339 in UTC and whole seconds, of which there is one way to write a time.
const timeLayout = "2006-01-02T15:04:05Z"

// FormatTime writes a time as Validated.At, without what is less than a second.
func FormatTime(t time.Time) string { return t.UTC().Format(timeLayout) }

// Time is At as a time.
func (v Validated) Time() (time.Time, error) {
	t, err := time.Parse(timeLayout, v.At)
	if err != nil || t.Format(timeLayout) != v.At {
		return time.Time{}, errors.New("at: want a time in UTC and whole seconds, such as 2026-01-31T08:00:00Z")
	}
	return t, nil
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

func negative(n *int64) bool { return n != nil && *n < 0 }

// isProbability takes a plain decimal text: no sign, no hexadecimal, no infinity, none that is not a number.
func isProbability(s string) bool {
	p, err := strconv.ParseFloat(s, 64)
	return err == nil && p >= 0 && p <= 1 && strings.Trim(s, "0123456789.e-") == ""
}

func isHex(s string, bytes int) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == bytes && s == hex.EncodeToString(b)
}
