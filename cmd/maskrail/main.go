// Command maskrail is the operator's binary: it runs the whole pipeline on one machine and works on running ones.
package main

import (
	"context"
	"os"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/cli"
	"github.com/maskrail/maskrail/libs/app"
)

func main() {
	os.Exit(app.Main("maskrail", func(ctx context.Context) error {
		return cli.Execute(ctx, os.Args[1:], os.Stdout, os.Stderr)
	}))
}
