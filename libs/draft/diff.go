package draft

import (
	"fmt"
	"slices"
	"strings"
)

// edit changes the lines of a text: a line gives way, and lines come behind it. Lines count from 0.
type edit struct {
	line    int
	instead *string // nil leaves the line
	behind  []string
}

// apply makes the edits.
func apply(lines []string, edits []edit) []string {
	var out []string
	at := byLine(edits)
	for i, l := range lines {
		e := at[i]
		if e.instead != nil {
			l = *e.instead
		}
		out = append(append(out, l), e.behind...)
	}
	return out
}

func byLine(edits []edit) map[int]edit {
	at := map[int]edit{}
	for _, e := range edits {
		old := at[e.line]
		if e.instead != nil {
			old.instead = e.instead
		}
		old.behind = append(slices.Clone(old.behind), e.behind...)
		at[e.line] = old
	}
	return at
}

const context = 3 // lines around a change

// unified is the change as a unified diff, as git apply and patch read it. open says that the old text does not end with a
// line break.
func unified(name string, lines []string, edits []edit, open bool) string {
	at := byLine(edits)
	changed := func(i int) bool { e, ok := at[i]; return ok && (e.instead != nil || len(e.behind) > 0) }
	var b strings.Builder
	fmt.Fprintf(&b, "--- a/%s\n+++ b/%s\n", name, name)
	shift := 0
	for i := 0; i < len(lines); {
		if !changed(i) {
			i++
			continue
		}
		from, to := max(0, i-context+1), i // the hunk is lines[from:to+1]
		if at[i].instead != nil {
			from = max(0, i-context)
		}
		for j := i; j < len(lines) && j <= to+2*context; j++ {
			if changed(j) {
				to = j
			}
		}
		end := min(len(lines), to+1+context)
		var hunk strings.Builder
		removed, added := 0, 0
		line := func(sign, text string, last bool) {
			hunk.WriteString(sign + text + "\n")
			if last {
				hunk.WriteString("\\ No newline at end of file\n")
			}
			if sign != "+" {
				removed++
			}
			if sign != "-" {
				added++
			}
		}
		for j := from; j < end; j++ {
			e := at[j]
			last := open && j == len(lines)-1
			switch {
			case e.instead != nil || last && len(e.behind) > 0:
				text := lines[j]
				line("-", text, last)
				if e.instead != nil {
					text = *e.instead
				}
				line("+", text, false)
			default:
				line(" ", lines[j], last)
			}
			for _, l := range e.behind {
				line("+", l, false)
			}
		}
		fmt.Fprintf(&b, "@@ -%s +%s @@\n%s", extent(from, removed), extent(from+shift, added), hunk.String())
		shift += added - removed
		i = max(end, i+1)
	}
	return b.String()
}

func extent(from, lines int) string {
	if lines > 0 {
		from++
	}
	return fmt.Sprintf("%d,%d", from, lines)
}
