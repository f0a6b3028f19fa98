package cli

import (
	"strings"
	"unicode/utf8"

	"github.com/maskrail/maskrail/libs/policy"
)

// Characters of a cell and of a line. What is longer goes on below, so that nothing of a treatment is hidden.
const (
	treatmentWidth = 44
	valueWidth     = 36
	lineWidth      = 120
)

// printExplained prints the fields that change in a table, and the names of the others below: of two hundred fields most
// are kept, and a reviewer looks for those that are not.
func (t *terminal) printExplained(p *policy.Policy, fields []explained) {
	if t.json {
		return
	}
	t.say("%s, version %d: entity %s\n", p.Name, p.Version, p.Entity)
	var kept, dropped []string
	rows := []line{{"FIELD", "TREATMENT", "A VALUE", "AN ANALYST SEES"}}
	for _, f := range fields {
		switch {
		case f.Error == "" && f.When == "" && f.Treatment == "keep: true" && !treatedOtherwise(fields, f):
			kept = append(kept, f.Field)
		case f.Treatment == "drop: true":
			dropped = append(dropped, f.Field)
		default:
			rows = append(rows, f.lines()...)
		}
	}
	t.printLines(rows)
	t.printNames("kept as they are", kept)
	t.printNames("not there", dropped)
	t.say("\nwhat the policy does not name: %s", map[policy.Unknown]string{
		policy.QuarantineUnknown: "the object is parked until somebody has decided",
		policy.DropUnknown:       "is left out",
		policy.PassUnknown:       "is copied, unless its name or values look sensitive (suspect: " + string(p.Suspect) + ")",
	}[p.Unknown])
}

// treatedOtherwise reports that the field has conditions: its last treatment belongs beside them.
func treatedOtherwise(fields []explained, f explained) bool {
	for _, other := range fields {
		if other.Field == f.Field && other.When != "" {
			return true
		}
	}
	return false
}

// line is a line of the table.
type line [4]string

// lines are those that a field takes.
func (f explained) lines() []line {
	field := []string{f.Field}
	if f.When != "" {
		field = append(field, "  when "+f.When)
	}
	seen := "(null)"
	switch {
	case f.Error != "":
		seen = "(the object stops: " + f.Error + ")"
	case f.Seen != nil:
		seen = *f.Seen
	}
	var lines []line
	for column, parts := range [][]string{field, wrap(f.Treatment, treatmentWidth), wrap(f.Sample, valueWidth), wrap(seen, treatmentWidth)} {
		for i, part := range parts {
			if i == len(lines) {
				lines = append(lines, line{})
			}
			lines[i][column] = part
		}
	}
	return lines
}

func (t *terminal) printLines(lines []line) {
	rows := make([][]string, len(lines))
	for i := range lines {
		rows[i] = lines[i][:]
	}
	t.printTable(rows)
}

// printTable prints rows with as many cells each as the first.
func (t *terminal) printTable(rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, cell := range r {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, r := range rows {
		text := ""
		for i, cell := range r {
			text += cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2)
		}
		t.say("%s", strings.TrimRight(text, " "))
	}
}

// printNames prints paths, those of one object together.
func (t *terminal) printNames(what string, paths []string) {
	if len(paths) == 0 {
		return
	}
	t.say("\n%s (%d):", what, len(paths))
	var objects []string
	members := map[string][]string{}
	for _, path := range paths {
		object, name := "", path
		if i := strings.LastIndexByte(path, '.'); i >= 0 && !strings.Contains(path, `["`) {
			object, name = path[:i], path[i+1:]
		}
		if members[object] == nil {
			objects = append(objects, object)
		}
		members[object] = append(members[object], name)
	}
	for _, object := range objects {
		text := strings.Join(members[object], ", ")
		if object != "" {
			text = object + ": " + text
		}
		for i, l := range wrap(text, lineWidth) {
			indent := "  "
			if i > 0 {
				indent = "    "
			}
			t.say("%s%s", indent, l)
		}
	}
}

// wrap breaks a text into lines of at most width characters, between words where it can.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.SplitSeq(text, " ") {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
		for utf8.RuneCountInString(line) > width {
			head := string([]rune(line)[:width])
			lines, line = append(lines, head), line[len(head):]
		}
	}
	return append(lines, line)
}
