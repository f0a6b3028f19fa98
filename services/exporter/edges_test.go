package exporter_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the rows of docs/edge-cases.md")

// edge is a case in which exports are known to go wrong: what happens with maskrail, and the proof of it.
type edge struct {
	number int    // in the list of the page
	name   string // of the case
	says   string // what happens
	proof  func(t *testing.T)
}

// edges are the cases between the provider and the raw bucket. What is behind it is cmd/maskrail's.
var edges = []edge{
	{1, "the token expires between two pages", "A new token is minted, once, and the page is asked for again: the same job goes on.", tokenExpires},
	{2, "two workers renew the token at once", "One of them mints it, the others wait for it.", oneMint},
	{3, "429 on the token endpoint", "The mint waits as long as it is told to and is asked for again; no window fails.", mintRefused},
	{4, "a storm of 429 over workers that share a token", "All of them wait as long as the refusal says: after it nobody asks before its time.", storm},
	{5, "killed after a job was created", "The next process makes the job again, and the audit log has the one that nobody can name; of the guides' exports, which are listed, the job is taken over.", orphan},
	{6, "killed between two pages", "The next process goes on with the same job at the page that was not stored.", killedAtPage},
	{7, "the job has expired when it is resumed", "The window starts again with a new job. What was stored stays; the sandbox keeps the first version of what comes twice.", expired},
	{8, "the job ends as FAILED", "The window is cut in halves, which are exported instead.", failed},
	{9, "a window without conversations", "It is done, with no object; the run is sealed.", nothing},
	{10, "exactly as many conversations as a page or the limit holds", "No page too much, none too few; one conversation above the limit cuts the window in halves.", boundary},
	{11, "more than the limit in ten minutes", "The window fails with the class too-large, in log, manifest and audit log: nothing is left out in silence.", tooLarge},
	{12, "the availability moves backward", "The window waits, without a job, until the data is complete again.", backward},
	{13, "clocks that disagree", "Nothing is asked for that lies in the future of either clock, and a date to wait for is held against the clock of the answer that names it.", skew},
	{14, "change of summer time, leap day, intervals with an offset, turn of the year", "Windows are half-open, in UTC and whole milliseconds: none overlaps, none leaves a gap.", calendar},
	{15, "a conversation that starts 10 ms before midnight, takes four days and is under way when an export ends", "It is taken in the window in which it ended, once.", midnight},
	{16, "an open conversation closes later", "It is taken once it has ended; with open, as it is in its first window, and again when it has ended.", closes},
	{17, "one id with changed content; equal content with its keys in another order", "Of one job the first is taken: equal content is no change, however it is written, and other content stands in the audit log. A later run brings the change as an object of its own.", again},
	{18, "a checkpoint older than any limit", "All of the time since is caught up in chunks, smaller ones where the provider gives no more; the watermark does not move before all of it is loaded.", catchUp},
	{35, "the tenant is missing, blank, unknown or not one; it stands in queue or division alone; two divisions", "Queue and division tell it where they are mapped and agree. A conversation of which the tenant cannot be told is held with the reason, and reaches no sandbox.", unclearTenant},
}

// TestEdgeCases: each case happens, and what the page says of it.
func TestEdgeCases(t *testing.T) {
	t.Parallel()
	for _, e := range edges {
		t.Run(fmt.Sprintf("%d %s", e.number, e.name), func(t *testing.T) {
			t.Parallel()
			e.proof(t)
		})
	}
}

// TestEdgePage holds the page to the table.
func TestEdgePage(t *testing.T) {
	t.Parallel()
	const heading = "## From the provider into the raw bucket\n"
	file := filepath.Join("..", "..", "docs", "edge-cases.md")
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, after, ok := strings.Cut(string(page), heading)
	_, next, more := strings.Cut(after, "\n## ")
	if !ok || !more {
		t.Fatalf("the page has no %s", heading)
	}
	var rows strings.Builder
	rows.WriteString("\n| | case | what happens |\n|---|---|---|\n")
	for i, e := range edges {
		if i > 0 && edges[i-1].number >= e.number {
			t.Errorf("%d does not stand at its place", e.number)
		}
		fmt.Fprintf(&rows, "| %d | %s | %s |\n", e.number, e.name, e.says)
	}
	want := before + heading + rows.String() + "\n## " + next
	if want == string(page) {
		return
	}
	if !*update {
		t.Fatal("the page says something else: go test -run TestEdgePage -update ./...")
	}
	if err := os.WriteFile(file, []byte(want), 0o644); err != nil { //nolint:gosec // a page
		t.Fatal(err)
	}
}
