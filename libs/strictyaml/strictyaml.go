// Package strictyaml reads configuration files in which nothing may be overlooked.
package strictyaml

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Decode reads one YAML document into a pointer to a struct. An unknown or repeated key, a value of another type and a
// second document are errors with their line; an empty document changes nothing. An error shows no value, which may be
// a secret in the wrong place.
func Decode(content []byte, into any) error {
	d := yaml.NewDecoder(bytes.NewReader(content))
	d.KnownFields(true)
	switch err := d.Decode(into); {
	case errors.Is(err, io.EOF): // empty, or comments alone
		return nil
	case err != nil:
		return explain(err)
	}
	var more yaml.Node
	if err := d.Decode(&more); !errors.Is(err, io.EOF) {
		return errors.New("want one YAML document: remove what follows ---")
	}
	return nil
}

var (
	unknownField = regexp.MustCompile(`field (.+) not found in type \S+`)
	repeatedKey  = regexp.MustCompile(`field (.+) already set in type \S+`)
	wrongType    = regexp.MustCompile("(?s)cannot unmarshal !!(\\w+)(?: `.*`)? into (\\S+)")
)

// explain says it in the words of the file: without Go types where a name will do.
func explain(err error) error {
	var typeErr *yaml.TypeError
	if !errors.As(err, &typeErr) {
		return errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	lines := make([]error, len(typeErr.Errors))
	for i, text := range typeErr.Errors {
		text = unknownField.ReplaceAllString(text, `unknown field "$1"`)
		text = repeatedKey.ReplaceAllString(text, `field "$1" stands twice`)
		lines[i] = errors.New(wrongType.ReplaceAllString(text, "want $2, not $1"))
	}
	return errors.Join(lines...)
}
