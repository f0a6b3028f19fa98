package e2e

import (
	"database/sql"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	generate "github.com/maskrail/maskrail/libs/synth"
)

// wanted is the rows of the files by their identity: a row that stands in two files once.
func wanted(files []dropped) map[string]generate.Interaction {
	rows := map[string]generate.Interaction{}
	for _, f := range files {
		for i := range f.rows {
			r := generate.Row(f.seed, i)
			rows[identity(r.TenantID, r.InteractionID)] = r
		}
	}
	return rows
}

func identity(tenant, key string) string { return tenant + "/" + key }

// keptColumns are those that the ready-made policy keeps, maskedColumns those it does not, each with the value that a
// row has.
var (
	keptColumns = []struct {
		sql  string
		want func(generate.Interaction) string
	}{
		{"interactionId", func(r generate.Interaction) string { return r.InteractionID }},
		{"tenant_id", func(r generate.Interaction) string { return r.TenantID }},
		{"direction", func(r generate.Interaction) string { return r.Direction }},
		{"channel", func(r generate.Interaction) string { return r.Channel }},
		{"language", func(r generate.Interaction) string { return r.Language }},
		{"epoch_ms(startTime)", func(r generate.Interaction) string { return strconv.FormatInt(r.Start.UnixMilli(), 10) }},
		{"epoch_ms(endTime)", func(r generate.Interaction) string { return strconv.FormatInt(r.End.UnixMilli(), 10) }},
		{"durationMs", func(r generate.Interaction) string { return strconv.FormatInt(r.DurationMs, 10) }},
		{"queueId", func(r generate.Interaction) string { return r.QueueID }},
		{"wrapUpCode", func(r generate.Interaction) string { return r.WrapUpCode }},
		{"strftime(dateOfBirth, '%Y')", func(r generate.Interaction) string { return r.DateOfBirth.Format("2006") }},
	}
	maskedColumns = []struct {
		sql  string
		raw  func(generate.Interaction) string
		mark string // stands in every token; "" when any other value will do
	}{
		{"agentId", func(r generate.Interaction) string { return r.AgentID }, ""},
		{"phoneNumber", func(r generate.Interaction) string { return r.PhoneNumber }, "+999"},
		{"emailAddress", func(r generate.Interaction) string { return r.EmailAddress }, "@masked.invalid"},
		{"externalId", func(r generate.Interaction) string { return r.ExternalID }, ""},
		{"firstName", func(r generate.Interaction) string { return r.FirstName }, "User_"},
		{"lastName", func(r generate.Interaction) string { return r.LastName }, "User_"},
		{"cardNumber", func(r generate.Interaction) string { return r.CardNumber }, ""},
		{"ssn", func(r generate.Interaction) string { return r.SSN }, "[MASKED]"},
	}
)

// sandboxRows reads the table, as compare wants it: the kept columns, the masked ones, the notes.
func sandboxRows(t *testing.T, file, where string) [][]string {
	t.Helper()
	var columns []string
	for _, c := range keptColumns {
		columns = append(columns, c.sql)
	}
	for _, c := range maskedColumns {
		columns = append(columns, c.sql)
	}
	return query(t, file, "SELECT "+strings.Join(columns, ", ")+", notes FROM interaction WHERE "+where)
}

// compare says in which rows a sandbox differs from what it must hold, at most ten of them.
func compare(want map[string]generate.Interaction, got [][]string) (diffs []string) {
	seen := make(map[string]int, len(want))
	for _, row := range got {
		id := identity(row[1], row[0])
		if seen[id]++; seen[id] > 1 {
			diffs = append(diffs, "row "+id+" is there more than once")
			continue
		}
		in, ok := want[id]
		if !ok {
			diffs = append(diffs, "row "+id+" is in no file")
			continue
		}
		if d := difference(in, row); d != "" {
			diffs = append(diffs, "row "+id+": "+d)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if seen[id] == 0 {
			diffs = append(diffs, "row "+id+" is lost")
		}
	}
	if n := len(diffs); n > 10 {
		diffs = append(diffs[:10], fmt.Sprintf("... and %d more", n-10))
	}
	return diffs
}

func difference(in generate.Interaction, row []string) string {
	for i, c := range keptColumns {
		if want := c.want(in); row[i] != want {
			return fmt.Sprintf("%s is %q, want %q", c.sql, row[i], want)
		}
	}
	rest := row[len(keptColumns):]
	for i, c := range maskedColumns {
		raw, got := c.raw(in), rest[i]
		switch {
		case raw == "" && got != "":
			return c.sql + " has a value where there was none"
		case raw != "" && (got == "" || got == raw || !strings.Contains(got, c.mark)):
			return fmt.Sprintf("%s is not masked: %q", c.sql, got)
		}
	}
	notes := rest[len(maskedColumns)]
	if (notes == "") != (in.Notes == "") {
		return "notes are lost or invented"
	}
	for _, raw := range []string{in.PhoneNumber, in.EmailAddress, in.SSN, in.CardNumber, in.LastName} {
		if raw != "" && strings.Contains(notes, raw) {
			return "notes hold a value that must not be there"
		}
	}
	return ""
}

// compareIsNotBlind damages copies of a good sandbox and expects compare to see it.
func compareIsNotBlind(t *testing.T, sandbox string, want map[string]generate.Interaction) {
	t.Helper()
	good, err := os.ReadFile(sandbox)
	if err != nil {
		t.Fatal(err)
	}
	// A part is enough, and faster: rows whose id begins with 0, and the strangers among them.
	const some, one = "interactionId < '1' OR interactionId = 'x'", "(SELECT min(interactionId) FROM interaction WHERE phoneNumber IS NOT NULL)"
	part := maps.Clone(want)
	maps.DeleteFunc(part, func(_ string, r generate.Interaction) bool { return r.InteractionID >= "1" })
	if diffs := compare(part, sandboxRows(t, sandbox, some)); len(diffs) > 0 {
		t.Fatalf("the comparison of a part says %q", diffs)
	}
	for name, c := range map[string]struct{ damage, says string }{
		"one row removed":        {"DELETE FROM interaction WHERE interactionId = " + one, "lost"},
		"one row doubled":        {"INSERT INTO interaction SELECT * FROM interaction WHERE interactionId = " + one, "more than once"},
		"one row too many":       {"INSERT INTO interaction SELECT * REPLACE ('x' AS interactionId) FROM interaction WHERE interactionId = " + one, "in no file"},
		"another tenant's row":   {"UPDATE interaction SET tenant_id = 'umbrella' WHERE interactionId = " + one, "in no file"},
		"kept column changed":    {"UPDATE interaction SET durationMs = durationMs + 1 WHERE interactionId = " + one, "durationMs"},
		"time shifted":           {"UPDATE interaction SET startTime = startTime + INTERVAL 1 HOUR WHERE interactionId = " + one, "startTime"},
		"token lost":             {"UPDATE interaction SET phoneNumber = NULL WHERE interactionId = " + one, "phoneNumber"},
		"column left unmasked":   {"UPDATE interaction SET firstName = 'Alice' WHERE interactionId = " + one, "firstName"},
		"notes of somebody else": {"UPDATE interaction SET notes = CASE WHEN notes IS NULL THEN 'x' END WHERE interactionId = " + one, "notes"},
	} {
		copied := filepath.Join(t.TempDir(), "damaged.duckdb")
		if err := os.WriteFile(copied, good, 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := sql.Open("duckdb", copied)
		if err != nil {
			t.Fatal(err)
		}
		_, err = db.ExecContext(t.Context(), c.damage)
		db.Close()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diffs := compare(part, sandboxRows(t, copied, some)); !strings.Contains(strings.Join(diffs, "\n"), c.says) {
			t.Errorf("%s: the comparison says %q", name, diffs)
		}
	}
}
