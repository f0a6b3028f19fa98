package cli

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/columnar"
)

// verified is the report of verify.
type verified struct {
	Proven  bool             `json:"proven"`
	Objects []verifiedObject `json:"objects"`
}

// verifiedObject is what was found out about one object. What was said is there only when it was signed for its bytes.
type verifiedObject struct {
	Object    string            `json:"object"`
	SHA256    string            `json:"sha256"` // of the bytes that are there
	Bytes     int64             `json:"bytes"`
	Proven    bool              `json:"proven"`
	Checks    []verifiedStep    `json:"checks"`
	Verdict   string            `json:"verdict,omitempty"`  // name of the verdict that counts
	Verdicts  int               `json:"verdicts,omitempty"` // that lie beside the object
	Masked    *attest.Masked    `json:"masked,omitempty"`
	Validated *attest.Validated `json:"validated,omitempty"`
}

type verifiedStep struct {
	Name    string `json:"name"`
	Outcome string `json:"outcome"` // passed, failed or skipped
	Detail  string `json:"detail,omitempty"`
}

// take makes an examination the one that counts.
func (o *verifiedObject) take(verdict string, x attest.Examination) {
	o.Verdict, o.Proven, o.Masked, o.Validated, o.Checks = verdict, x.Err() == nil, x.Masked, x.Validated, nil
	for _, s := range x.Steps {
		o.Checks = append(o.Checks, verifiedStep{s.Name, s.Outcome, s.Detail})
	}
}

// finish prints the report and says how the command ends. Of many objects, those that are proven take a line each.
func (r verified) finish(t *terminal) error {
	failed := 0
	for _, o := range r.Objects {
		if !o.Proven {
			failed++
		}
		switch {
		case t.json:
		case o.Proven && len(r.Objects) > 1:
			t.say("PROVEN  %s", o.Object)
		default:
			o.print(t)
		}
	}
	r.Proven = failed == 0
	if t.json {
		t.report(r)
	}
	if failed > 0 {
		return fmt.Errorf("%w: %d of %s", errNotProven, failed, count(int64(len(r.Objects)), "object"))
	}
	return nil
}

func (o verifiedObject) print(t *terminal) {
	t.say("%s  %s", map[bool]string{true: "PROVEN", false: "NOT PROVEN"}[o.Proven], o.Object)
	for _, c := range o.Checks {
		t.say("  %-7s %-24s %s", map[string]string{attest.Passed: "ok", attest.Failed: "FAILED", attest.Skipped: "skipped"}[c.Outcome], c.Name, c.Detail)
	}
	if o.Verdicts > 1 {
		t.say("  %d verdicts lie beside it; the latest that is genuine counts: %s", o.Verdicts, o.Verdict)
	}
	if m := o.Masked; m != nil {
		printMasked(t, *m)
	}
	if v := o.Validated; v != nil {
		printValidated(t, *v)
	}
	t.say("")
}

func printMasked(t *terminal, m attest.Masked) {
	t.say("\nthe masker says")
	fact := func(name, format string, a ...any) { t.say("  %-13s%s", name, visible(fmt.Sprintf(format, a...))) }
	fact("object", "entity %s in %s, tenant %s", m.Entity, m.Environment, m.Tenant)
	fact("source", "sha256 %s, %d bytes, version %s", m.Source.SHA256, m.Source.Bytes, m.Source.Identity)
	fact("rows", "%d in, %d out%s", m.RowsIn, m.RowsOut, counts(m.Rejects, ", left out: "))
	if len(m.Tenants) > 0 {
		fact("tenants", "%s", counts(m.Tenants, ""))
	}
	fact("policy", "%s", m.Policy)
	if m.KeyFingerprint != "" {
		fact("key", "fingerprint %s, epoch %d", m.KeyFingerprint, m.KeyEpoch)
	}
	fact("code", "%s, writer %s", cmp.Or(m.Code, "not said"), m.Writer)
	if m.Trace != "" {
		fact("trace", "%s", m.Trace)
	}
	if m.Canary != nil {
		fact("canary", "%s, sha256 %s", m.Canary.Key, m.Canary.SHA256)
	}
	if m.Sketch != nil {
		fact("sketch", "sha256 %s; gone after the verdict", m.Sketch.SHA256)
	}
	for _, d := range m.Domains {
		fact("domain", "%s by %s: about %d different values", d.Domain, d.Scope, d.Estimate)
	}
	rows := [][]string{{"COLUMN", "TYPE", "TREATMENT", "DISTINCT", "NULLS", "COLLISION"}}
	for i, c := range m.Columns {
		rows = appendColumn(rows, c, i, "")
	}
	t.say("")
	t.printTable(rows)
}

// appendColumn adds the line of a column, and those of its members below it.
func appendColumn(rows [][]string, c attest.Column, pos int, indent string) [][]string {
	number := func(n *int64) string {
		if n == nil {
			return ""
		}
		return strconv.FormatInt(*n, 10)
	}
	rows = append(rows, []string{indent + strings.Trim(columnar.ShowName(c.Name, pos), `"`), c.Type, c.Treatment, number(c.Distinct), number(c.Nulls), c.Collision})
	for i, m := range c.Members {
		rows = appendColumn(rows, m, i, indent+"  ")
	}
	return rows
}

func printValidated(t *terminal, v attest.Validated) {
	t.say("\nthe validator says, at %s, by rule set %s", v.At, v.Rules)
	for _, c := range v.Checks {
		t.say("  %-7s %-24s %s", map[bool]string{true: "ok", false: "FAILED"}[c.Passed], c.Name, c.Detail)
	}
	for _, h := range v.Hits {
		t.say("  %s in %s: %d as the policy expects, %d suspicions", h.Class, h.Column, h.Expected, h.Suspicions)
	}
}

// counts are numbers by name, in the order of the names.
func counts(by map[string]int64, before string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(by)) {
		parts = append(parts, fmt.Sprintf("%s %d", name, by[name]))
	}
	if len(parts) == 0 {
		return ""
	}
	return before + strings.Join(parts, ", ")
}

// visible is a text without what a terminal would obey: names of tenants come from the data.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}

// maxAttestation is more than any signer writes, in bytes.
const maxAttestation = 16 << 20

// attestation reads a file that may be missing: it is nil then, which the examination tells.
func attestation(path string) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxAttestation))
}

func digestOf(path string) (sum string, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	size, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), size, err
}
