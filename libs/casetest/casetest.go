// Package casetest holds tables of known cases: each is run, and the page that describes them says what the table says.
package casetest

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Case is a case in which things are known to go wrong: what happens, and the proof of it.
type Case struct {
	Number int    // in the list of the page
	Name   string // of the case
	Says   string // what happens
	Proof  func(t *testing.T)
}

// Run proves every case, side by side.
func Run(t *testing.T, cases []Case) {
	t.Helper()
	for _, c := range cases {
		t.Run(fmt.Sprintf("%d %s", c.Number, c.Name), func(t *testing.T) {
			t.Parallel()
			c.Proof(t)
		})
	}
}

// Page holds the section of a page under the heading, a line such as "## Cases", to the table, which stands in the order of
// its numbers. The section goes to the next heading, or to the end of the page where that is "". With update it is written. The
// numbers are those of all tables of the page.
func Page(t *testing.T, file, heading, next string, cases []Case, update bool) (numbers []int) {
	t.Helper()
	page, err := os.ReadFile(file) //nolint:gosec // the test's own page
	if err != nil {
		t.Fatal(err)
	}
	before, after, ok := strings.Cut(string(page), heading+"\n")
	rest, more := "", true
	if next != "" {
		_, rest, more = strings.Cut(after, "\n"+next+"\n")
		rest = "\n" + next + "\n" + rest
	}
	if !ok || !more {
		t.Fatalf("the page has no %s, or none before %s", heading, next)
	}
	var rows strings.Builder
	rows.WriteString("\n| | case | what happens |\n|---|---|---|\n")
	for i, c := range cases {
		if i > 0 && cases[i-1].Number >= c.Number {
			t.Errorf("%d does not stand at its place", c.Number)
		}
		fmt.Fprintf(&rows, "| %d | %s | %s |\n", c.Number, c.Name, c.Says)
	}
	want := before + heading + "\n" + rows.String() + rest
	for _, m := range number.FindAllStringSubmatch(want, -1) {
		n, _ := strconv.Atoi(m[1]) // digits
		numbers = append(numbers, n)
	}
	if want == string(page) {
		return numbers
	}
	if !update {
		t.Fatal("the page says something else: go test -run TestEdgePage -update ./...")
	}
	if err := os.WriteFile(file, []byte(want), 0o644); err != nil { //nolint:gosec // a page
		t.Fatal(err)
	}
	return numbers
}

var number = regexp.MustCompile(`(?m)^\| (\d+) \|`)
