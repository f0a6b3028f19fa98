package exporter_test

import (
	"flag"
	"path/filepath"
	"testing"

	"github.com/maskrail/maskrail/libs/casetest"
)

var update = flag.Bool("update", false, "write the rows of docs/edge-cases.md")

// edges are the cases between the provider and the raw bucket. What is behind it is cmd/maskrail's.
var edges = []casetest.Case{
	{Number: 1, Name: "the token expires between two pages", Says: "A new token is minted, once, and the page is asked for again: the same job goes on.", Proof: tokenExpires},
	{Number: 2, Name: "two workers renew the token at once", Says: "One of them mints it, the others wait for it.", Proof: oneMint},
	{Number: 3, Name: "429 on the token endpoint", Says: "The mint waits as long as it is told to and is asked for again; no window fails.", Proof: mintRefused},
	{Number: 4, Name: "a storm of 429 over workers that share a token", Says: "All of them wait as long as the refusal says: after it nobody asks before its time.", Proof: storm},
	{Number: 5, Name: "killed after a job was created", Says: "The next process makes the job again, and the audit log has the one that nobody can name; of the guides' exports, which are listed, the job is taken over.", Proof: orphan},
	{Number: 6, Name: "killed between two pages", Says: "The next process goes on with the same job at the page that was not stored.", Proof: killedAtPage},
	{Number: 7, Name: "the job has expired when it is resumed", Says: "The window starts again with a new job. What was stored stays; the sandbox keeps the first version of what comes twice.", Proof: expired},
	{Number: 8, Name: "the job ends as FAILED", Says: "The window is cut in halves, which are exported instead.", Proof: failed},
	{Number: 9, Name: "a window without conversations", Says: "It is done, with no object; the run is sealed.", Proof: nothing},
	{Number: 10, Name: "exactly as many conversations as a page or the limit holds", Says: "No page too much, none too few; one conversation above the limit cuts the window in halves.", Proof: boundary},
	{Number: 11, Name: "more than the limit in ten minutes", Says: "The window fails with the class too-large, in log, manifest and audit log: nothing is left out in silence.", Proof: tooLarge},
	{Number: 12, Name: "the availability moves backward", Says: "The window waits, without a job, until the data is complete again.", Proof: backward},
	{Number: 13, Name: "clocks that disagree", Says: "Nothing is asked for that lies in the future of either clock, and a date to wait for is held against the clock of the answer that names it.", Proof: skew},
	{Number: 14, Name: "change of summer time, leap day, intervals with an offset, turn of the year", Says: "Windows are half-open, in UTC and whole milliseconds: none overlaps, none leaves a gap.", Proof: calendar},
	{Number: 15, Name: "a conversation that starts 10 ms before midnight, takes four days and is under way when an export ends", Says: "It is taken in the window in which it ended, once.", Proof: midnight},
	{Number: 16, Name: "an open conversation closes later", Says: "It is taken once it has ended; with open, as it is in its first window, and again when it has ended.", Proof: closes},
	{Number: 17, Name: "one id with changed content; equal content with its keys in another order", Says: "Of one job the first is taken: equal content is no change, however it is written, and other content stands in the audit log. A later run brings the change as an object of its own.", Proof: again},
	{Number: 18, Name: "a checkpoint older than any limit", Says: "All of the time since is caught up in chunks, smaller ones where the provider gives no more; the watermark does not move before all of it is loaded.", Proof: catchUp},
	{Number: 35, Name: "the tenant is missing, blank, unknown or not one; it stands in queue or division alone; two divisions", Says: "Queue and division tell it where they are mapped and agree. A conversation of which the tenant cannot be told is held with the reason, and reaches no sandbox.", Proof: unclearTenant},
}

// TestEdgeCases: each case happens, and what the page says of it.
func TestEdgeCases(t *testing.T) {
	t.Parallel()
	casetest.Run(t, edges)
}

// TestEdgePage holds the page to the table.
func TestEdgePage(t *testing.T) {
	t.Parallel()
	casetest.Page(t, filepath.Join("..", "..", "docs", "edge-cases.md"), "## From the provider into the raw bucket", "## From the raw bucket into the sandbox", edges, *update)
}
