package edges

import (
	"flag"
	"path/filepath"
	"slices"
	"testing"

	"github.com/maskrail/maskrail/libs/casetest"
)

var update = flag.Bool("update", false, "write the rows of docs/edge-cases.md")

// edges are the cases behind the raw bucket. What is before it is services/exporter's.
var edges = []casetest.Case{
	{Number: 36, Name: "one row of another tenant in an object of one tenant", Says: "The whole object stops, with the class unknown-tenant: not one row of it is loaded.", Proof: foreignRow},
	{Number: 37, Name: "one customer of two tenants", Says: "Keys are derived for each tenant: the two have different tokens, and within a tenant the customer has one.", Proof: twoTenants},
	{Number: 38, Name: "a masked object is said to be another tenant's than its rows are, in its reference or its key", Says: "The validator stops it; nothing is loaded.", Proof: wrongPath},
	{Number: 39, Name: "the bus delivers at least once", Says: "Each stage does work that is done already without a trace: one row in the sandbox.", Proof: redelivered},
	{Number: 40, Name: "a service is killed between storing and acknowledging, at any write", Says: "The next process does the delivery again and finds what is stored: every row is in the sandbox once.", Proof: killedAnywhere},
	{Number: 41, Name: "something personal is left after masking", Says: "The validator stops the object with the class detector-hit: nothing is loaded, and neither reason nor log says what was found.", Proof: residual},
	{Number: 42, Name: "errors, logs, stopped objects, labels and traces of data that is refused", Says: "None of them holds a value of the data.", Proof: silent},
	{Number: 43, Name: "two environments; a rotated key", Says: "Neither two environments nor two epochs of a key have a token in common; the same environment and epoch give the same.", Proof: salts},
	{Number: 44, Name: "JSON one behind the other, empty objects, a record that is cut off", Says: "Records need no line breaks. An object without records ends as loaded, with no row. One with a record that is cut off, or that says no tenant, stops as a whole.", Proof: cut},
}

// TestEdgeCases: each case happens, and what the page says of it.
func TestEdgeCases(t *testing.T) {
	t.Parallel()
	casetest.Run(t, edges)
}

// TestEdgePage holds the page to the table, and the page's two tables together to the list of cases: none is left out.
func TestEdgePage(t *testing.T) {
	t.Parallel()
	numbers := casetest.Page(t, filepath.Join("..", "..", "..", "..", "docs", "edge-cases.md"), "## From the raw bucket into the sandbox", "", edges, *update)
	var all []int
	for n := 1; n <= 44; n++ {
		if n <= 18 || n >= 35 {
			all = append(all, n)
		}
	}
	if !slices.Equal(numbers, all) {
		t.Errorf("the page has the numbers %v, want %v", numbers, all)
	}
}
