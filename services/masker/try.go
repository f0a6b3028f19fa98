package masker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/policy"
)

// exampleValue stands in keys and tenants of records that are made up.
const exampleValue = "example"

// Try masks one made-up record that has a value at the path of a field, and what else is given, and returns what becomes
// of the value: nil when it is null or dropped. It is for examples; the record goes the way of any file. Data at fault
// is a *stage.Rejection.
func (p *Plan) Try(ctx context.Context, path string, in *string, with []policy.Value) (*string, error) {
	record := map[string]any{}
	for _, k := range p.policy.KeyColumns() {
		record[k] = exampleValue
	}
	if err := p.makeTenant(record); err != nil {
		return nil, err
	}
	for _, v := range append(with, policy.Value{Path: path, Text: in}) {
		if err := p.put(record, v); err != nil {
			return nil, err
		}
	}
	source, err := json.Marshal(record)
	if err != nil {
		return nil, fmt.Errorf("make an example: %w", err)
	}
	var out bytes.Buffer
	result, err := p.Mask(ctx, bytes.NewReader(source), "example.jsonl", &out, Options{Format: columnar.FormatJSONL})
	if err != nil {
		return nil, err
	}
	if result.RowsOut != 1 {
		return nil, errors.New("the example's record was left out")
	}
	return take(out.Bytes(), path)
}

func (p *Plan) makeTenant(record map[string]any) error {
	t := p.policy.Tenant
	if t == nil {
		return nil
	}
	name := exampleValue
	if len(t.Known) > 0 {
		name = t.Known[0]
	}
	if len(t.Paths) == 0 {
		record[p.policy.TenantColumn()] = name
		return nil
	}
	return p.put(record, policy.Value{Path: t.Paths[0].String(), Text: &name})
}

// put sets the value at a path of a record; a list has one element. The text of an open map is a JSON object.
func (p *Plan) put(record map[string]any, v policy.Value) error {
	steps, err := policy.ParsePath(v.Path)
	if err != nil {
		return fmt.Errorf("make an example: path %q: %w", v.Path, err)
	}
	var value any
	if v.Text != nil {
		value = *v.Text
		if f, ok := p.policy.Field(v.Path); ok {
			if _, open := f.Treatment.(policy.Map); open && f.Type == (policy.Type{}) && json.Valid([]byte(*v.Text)) {
				value = json.RawMessage(*v.Text)
			}
		}
	}
	set(record, steps, value)
	return nil
}

// set puts a value into what is at, and returns it.
func set(at any, steps policy.Path, value any) any {
	if len(steps) == 0 {
		return value
	}
	if steps[0].List {
		list, ok := at.([]any)
		if !ok {
			list = []any{nil}
		}
		list[0] = set(list[0], steps[1:], value)
		return list
	}
	object, ok := at.(map[string]any)
	if !ok {
		object = map[string]any{}
	}
	object[steps[0].Name] = set(object[steps[0].Name], steps[1:], value)
	return object
}

// take reads the value at a path of a masked record, the first of a list.
func take(record []byte, path string) (*string, error) {
	d := json.NewDecoder(bytes.NewReader(record))
	d.UseNumber()
	var at any
	if err := d.Decode(&at); err != nil {
		return nil, errors.New("read a masked example: it is no JSON")
	}
	steps, err := policy.ParsePath(path)
	if err != nil {
		return nil, fmt.Errorf("read a masked example: path %q: %w", path, err)
	}
	for _, s := range steps {
		switch v := at.(type) {
		case map[string]any:
			at = v[s.Name]
		case []any:
			at = nil
			if len(v) > 0 {
				at = v[0]
			}
		default:
			at = nil
		}
	}
	var text string
	switch v := at.(type) {
	case nil:
		return nil, nil
	case string:
		text = v
	default:
		var b strings.Builder
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(v); err != nil {
			return nil, fmt.Errorf("read a masked example: %w", err)
		}
		text = strings.TrimSuffix(b.String(), "\n")
	}
	return &text, nil
}
