package policy

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// columnName is a column that the masker makes.
var columnName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`)

// SourceSuffix ends the name of the column that says which of Tenant.Paths counted.
const SourceSuffix = "_source"

func (r *reader) tenant(n *yaml.Node) *Tenant {
	t := &Tenant{Required: true}
	var known, paths *yaml.Node
	var path, as string
	r.object(n, "tenant", map[string]setter{
		"path":     r.text("tenant.path", &path),
		"paths":    func(v *yaml.Node) { paths = v },
		"as":       r.text("tenant.as", &as),
		"required": r.boolean("tenant.required", &t.Required),
		"known":    func(v *yaml.Node) { known = v },
	})
	switch {
	case path != "" && paths == nil && as == "":
		t.Path = r.steps(n, "tenant.path", path).String()
	case path != "" || (paths == nil) != (as == ""):
		r.fail(n, "tenant has path, for a column, or paths and as, for the places in a record and the column that the masker makes of them")
	case paths == nil:
		r.fail(n, "tenant.path is missing")
	case !columnName.MatchString(as):
		r.fail(n, "tenant.as must be the name of a column, of letters, digits and underscores, such as tenant_id")
	default:
		t.Path = as
		var texts []string
		r.texts("tenant.paths", &texts)(paths)
		for _, text := range texts {
			t.Paths = append(t.Paths, Reference{Path: r.steps(paths, "tenant.paths", text).String()})
		}
		if len(texts) == 0 {
			r.fail(paths, "tenant.paths is empty")
		}
	}
	if known != nil {
		column := t.Path
		if p, err := ParsePath(column); err == nil {
			column = p.last()
		}
		t.Known = r.known(known, column)
	}
	return t
}

// known reads the tenants that may appear, from the list or from the file that the policy names.
func (r *reader) known(n *yaml.Node, column string) []string {
	var names []string
	if n.Kind == yaml.MappingNode {
		var file string
		r.object(n, "tenant.known", map[string]setter{"file": r.text("tenant.known.file", &file)})
		switch {
		case file == "":
			r.fail(n, "tenant.known.file is missing")
			return nil
		case r.open == nil:
			r.fail(n, "tenant.known.file: this policy cannot name files")
			return nil
		}
		data, err := r.open(file)
		if err == nil {
			names, err = tenants(data, column)
		}
		if err != nil {
			r.fail(n, "tenant.known.file %s: %v", file, err)
			return nil
		}
	} else {
		r.texts("tenant.known", &names)(n)
	}
	if len(names) == 0 {
		r.fail(n, "tenant.known names no tenant; leave it out to allow any")
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// tenants reads a CSV of tenants: the column that the first line calls by the tenant column's name, or else the first
// column of every line. No error shows what the file holds.
func tenants(data []byte, name string) ([]string, error) {
	c := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\uFEFF"))))
	c.FieldsPerRecord = -1
	column := 0
	var names []string
	for first := true; ; first = false {
		record, err := c.Read()
		if errors.Is(err, io.EOF) {
			return names, nil
		}
		if err != nil {
			var p *csv.ParseError
			if errors.As(err, &p) {
				return nil, fmt.Errorf("line %d: %w", p.Line, p.Err)
			}
			return nil, err
		}
		if i := slices.Index(record, name); first && i >= 0 {
			column = i
			continue
		}
		if column < len(record) {
			if t := strings.TrimSpace(record[column]); t != "" {
				names = append(names, t)
			}
		}
	}
}
