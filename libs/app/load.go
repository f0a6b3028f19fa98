package app

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"

	"github.com/maskrail/maskrail/libs/strictyaml"
)

// EnvPrefix is in front of every environment variable that configures a service.
const EnvPrefix = "MASKRAIL_"

// Load reads a configuration in three steps: cfg, a pointer to a struct, holds the defaults already; the YAML file
// path, when not "", overrides them; then the environment does, by `env:"NAME"` tags with EnvPrefix in front (an empty
// variable counts as not set). The YAML is strict: an unknown or repeated key is an error with its line. At last
// cfg.Validate is called when there is one. The error is a Usage error and shows no value.
func Load(path string, cfg any) error {
	if err := load(path, cfg); err != nil {
		return Usage(fmt.Errorf("load configuration: %w", err))
	}
	return nil
}

func load(path string, cfg any) error {
	if path != "" {
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := strictyaml.Decode(content, cfg); err != nil {
			return fmt.Errorf("file %s: %w", path, err)
		}
	}
	if err := env.ParseWithOptions(cfg, env.Options{Prefix: EnvPrefix}); err != nil {
		return envError(err, cfg)
	}
	if v, ok := cfg.(interface{ Validate() error }); ok {
		return v.Validate()
	}
	return nil
}

// envError names the variables instead of the struct's fields.
func envError(err error, cfg any) error {
	var all env.AggregateError
	if !errors.As(err, &all) {
		return err
	}
	names := map[field][]string{}
	variables(reflect.TypeOf(cfg).Elem(), EnvPrefix, names)
	lines := make([]error, len(all.Errors))
	for i, one := range all.Errors {
		lines[i] = one
		var p env.ParseError
		if errors.As(one, &p) {
			lines[i] = fmt.Errorf("%s: cannot be read as %s", strings.Join(names[field{p.Name, p.Type}], " or "), p.Type)
		}
	}
	return errors.Join(lines...)
}

type field struct {
	name string
	typ  reflect.Type
}

// variables collects the environment variable of each field.
func variables(t reflect.Type, prefix string, names map[field][]string) {
	for f := range fields(t) {
		key := field{f.Name, f.Type}
		name, _, _ := strings.Cut(f.Tag.Get("env"), ",")
		if name != "" && !slices.Contains(names[key], prefix+name) {
			names[key] = append(names[key], prefix+name)
		}
		if f.Type.Kind() == reflect.Struct {
			variables(f.Type, prefix+f.Tag.Get("envPrefix"), names)
		}
	}
}

func fields(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if !yield(t.Field(i)) {
				return
			}
		}
	}
}
