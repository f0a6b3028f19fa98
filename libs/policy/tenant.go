package policy

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

func (r *reader) tenant(n *yaml.Node) *Tenant {
	t := &Tenant{Required: true}
	var known *yaml.Node
	r.object(n, "tenant", map[string]setter{
		"path":     r.path("tenant.path", &t.Path),
		"required": r.boolean("tenant.required", &t.Required),
		"known":    func(v *yaml.Node) { known = v },
		"paths":    r.unsupported("tenant.paths"),
		"as":       r.unsupported("tenant.as"),
	})
	if t.Path == "" {
		r.fail(n, "tenant.path is missing")
	}
	if known != nil {
		t.Known = r.known(known, t.Path)
	}
	return t
}

// known reads the tenants that may appear, from the list or from the file that the policy names.
func (r *reader) known(n *yaml.Node, path string) []string {
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
			names, err = tenants(data, path)
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

// tenants reads a CSV of tenants: the column that the first line calls by the tenant's path, or else the first
// column of every line. No error shows what the file holds.
func tenants(data []byte, path string) ([]string, error) {
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
		if i := slices.Index(record, path); first && i >= 0 {
			column = i
			continue
		}
		if column < len(record) {
			if name := strings.TrimSpace(record[column]); name != "" {
				names = append(names, name)
			}
		}
	}
}
