package edges

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the rows of docs/edge-cases.md")

// edge is a case in which pipelines are known to go wrong: what happens with maskrail, and the proof of it.
type edge struct {
	number int    // in the list of the page
	name   string // of the case
	says   string // what happens
	proof  func(t *testing.T)
}

// edges are the cases behind the raw bucket. What is before it is services/exporter's.
var edges = []edge{
	{36, "one row of another tenant in an object of one tenant", "The whole object stops, with the class unknown-tenant: not one row of it is loaded.", foreignRow},
	{37, "one customer of two tenants", "Keys are derived for each tenant: the two have different tokens, and within a tenant the customer has one.", twoTenants},
	{38, "a masked object is said to be another tenant's than its rows are, in its reference or its key", "The validator stops it; nothing is loaded.", wrongPath},
	{39, "the bus delivers at least once", "Each stage does work that is done already without a trace: one row in the sandbox.", redelivered},
	{40, "a service is killed between storing and acknowledging, at any write", "The next process does the delivery again and finds what is stored: every row is in the sandbox once.", killedAnywhere},
	{41, "something personal is left after masking", "The validator stops the object with the class detector-hit: nothing is loaded, and neither reason nor log says what was found.", residual},
	{42, "errors, logs, stopped objects, labels and traces of data that is refused", "None of them holds a value of the data.", silent},
	{43, "two environments; a rotated key", "Neither two environments nor two epochs of a key have a token in common; the same environment and epoch give the same.", salts},
	{44, "JSON one behind the other, empty objects, a record that is cut off", "Records need no line breaks. An object without records ends as loaded, with no row. One with a record that is cut off, or that says no tenant, stops as a whole.", cut},
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

// TestEdgePage holds the page to the table, and the page's two tables together to the list of cases: none is left out.
func TestEdgePage(t *testing.T) {
	t.Parallel()
	const heading = "## From the raw bucket into the sandbox\n"
	file := filepath.Join("..", "..", "..", "..", "docs", "edge-cases.md")
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, _, ok := strings.Cut(string(page), heading)
	if !ok {
		t.Fatalf("the page has no %s", heading)
	}
	var rows strings.Builder
	rows.WriteString("\n| | case | what happens |\n|---|---|---|\n")
	for _, e := range edges {
		fmt.Fprintf(&rows, "| %d | %s | %s |\n", e.number, e.name, e.says)
	}
	want := before + heading + rows.String()
	var numbers, all []int
	for _, m := range regexp.MustCompile(`(?m)^\| (\d+) \|`).FindAllStringSubmatch(want, -1) {
		n, _ := strconv.Atoi(m[1])
		numbers = append(numbers, n)
	}
	for n := 1; n <= 44; n++ {
		if n <= 18 || n >= 35 {
			all = append(all, n)
		}
	}
	if !slices.Equal(numbers, all) {
		t.Errorf("the page has the numbers %v, want %v", numbers, all)
	}
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
