// Command masker masks raw objects for one environment. It is configured by a file and by MASKRAIL_ variables.
package main

import (
	"os"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/services/masker"
)

func main() { os.Exit(app.Service(masker.Name, masker.Default(), masker.Serve)) }
