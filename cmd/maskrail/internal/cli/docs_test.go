package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const repository = "../../../.."

// documents are the pages that people read.
func documents(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md"} {
		paths, err := filepath.Glob(filepath.Join(repository, pattern))
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			pages[path] = string(text)
		}
	}
	return pages
}

var link = regexp.MustCompile(`\]\(([^)#]+)[^)]*\)`)

// TestLinks follows every link from one page to another file.
func TestLinks(t *testing.T) {
	t.Parallel()
	for path, text := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), m[1])); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
}

var called = regexp.MustCompile(`(?m)^(?:bin/)?maskrail ([^#|>\n]+)`)

// TestShownCommands: every command line on a page is one that the program knows, with its flags.
func TestShownCommands(t *testing.T) {
	t.Parallel()
	found := 0
	for path, text := range documents(t) {
		for i, block := range strings.Split(text, "```") {
			if i%2 == 0 {
				continue // prose
			}
			for _, m := range called.FindAllStringSubmatch(block, -1) {
				found++
				c, rest, err := newRoot(&terminal{}).Find(strings.Fields(m[1]))
				if err == nil {
					err = c.ParseFlags(rest)
				}
				if err == nil && c.Args != nil {
					err = c.Args(c, c.Flags().Args())
				}
				if err != nil {
					t.Errorf("%s: maskrail %s: %v", path, m[1], err)
				}
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d command lines found", found)
	}
}
