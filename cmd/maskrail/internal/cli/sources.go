package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/stack"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/strictyaml"
	"github.com/maskrail/maskrail/services/exporter"
)

const sourcesHelp = "file (YAML) with the sources to export, as in the exporter's configuration"

// readSources reads the sources of a file; none without a file.
func readSources(path string) ([]exporter.Source, error) {
	if path == "" {
		return nil, nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, app.Usage(fmt.Errorf("--sources: %w", err))
	}
	var f struct {
		Sources []exporter.Source `yaml:"sources"`
	}
	if err := strictyaml.Decode(content, &f); err != nil {
		return nil, app.Usage(fmt.Errorf("--sources %s: %w", path, err))
	}
	if len(f.Sources) == 0 {
		return nil, app.Usage(fmt.Errorf("--sources %s: it names none: want sources: and a list", path))
	}
	if err := exporter.CheckSources(f.Sources); err != nil {
		return nil, app.Usage(fmt.Errorf("--sources %s: %w", path, err))
	}
	return f.Sources, nil
}

// completeSource offers the sources of --sources, or those of the stack that runs on --dir.
func completeSource(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	var names []string
	if path, _ := c.Flags().GetString("sources"); path != "" {
		sources, _ := readSources(path)
		for _, s := range sources {
			names = append(names, s.Name)
		}
	} else if dir, err := c.Flags().GetString("dir"); err == nil {
		if abs, err := filepath.Abs(dir); err == nil {
			info, _ := stack.Dir(abs).Info()
			names = info.Sources
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
