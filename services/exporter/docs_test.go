package exporter_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/services/exporter"
)

// TestPage: the examples of the page are configurations, and it has a line for every key of a route.
func TestPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "drop.md"))
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(page, -1)
	if len(examples) == 0 {
		t.Error("the page has no example")
	}
	for _, e := range examples {
		file := filepath.Join(t.TempDir(), "exporter.yaml")
		if err := os.WriteFile(file, e[1], 0o600); err != nil {
			t.Fatal(err)
		}
		c := exporter.Default()
		if err := app.Load(file, &c); err != nil {
			t.Errorf("%v, in\n%s", err, e[1])
		} else if len(c.Routes) == 0 {
			t.Errorf("no routes in\n%s", e[1])
		}
	}
	for i := range reflect.TypeFor[exporter.Route]().NumField() {
		key := reflect.TypeFor[exporter.Route]().Field(i).Tag.Get("yaml")
		if !strings.Contains(string(page), "\n| `"+key+"` | ") {
			t.Errorf("the page says nothing of %s", key)
		}
	}
}

// TestExportPage: the examples of the page are configurations, and it names every key of a source.
func TestExportPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "export.md"))
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, of := range []reflect.Type{reflect.TypeFor[exporter.Source](), reflect.TypeFor[exporter.Analytics](), reflect.TypeFor[exporter.DataExport]()} {
		for i := range of.NumField() {
			if key, _, _ := strings.Cut(of.Field(i).Tag.Get("yaml"), ","); key != "" {
				keys = append(keys, key)
			}
		}
	}
	if len(keys) < 20 {
		t.Fatalf("%d keys", len(keys))
	}
	for _, key := range keys {
		if !regexp.MustCompile("`" + key + "`|(?m)^ +(- )?" + key + ": ").Match(page) {
			t.Errorf("the page says nothing of %s", key)
		}
	}
	for _, e := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(page, -1) {
		file := filepath.Join(t.TempDir(), "exporter.yaml")
		if err := os.WriteFile(file, e[1], 0o600); err != nil {
			t.Fatal(err)
		}
		c := exporter.Default()
		if err := app.Load(file, &c); err != nil || len(c.Sources) == 0 {
			t.Errorf("%v with %d sources, in\n%s", err, len(c.Sources), e[1])
		}
	}
}
