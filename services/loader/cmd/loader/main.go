// Command loader brings validated objects into a sandbox.
package main

import (
	"os"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/services/loader"
)

func main() { os.Exit(app.Service(loader.Name, loader.Default(), loader.Serve)) }
