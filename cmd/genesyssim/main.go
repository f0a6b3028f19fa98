// Command genesyssim serves a simulated contact centre's cloud: the real analytics API and the guides' export and import.
package main

import (
	"context"
	"os"

	"github.com/maskrail/maskrail/libs/app"
)

func main() {
	os.Exit(app.Daemon("genesyssim", func(ctx context.Context) error {
		o, err := parse(os.Args[1:], os.Stdout)
		if err != nil || o == nil {
			return err
		}
		return serve(ctx, o, os.Stdout)
	}))
}
