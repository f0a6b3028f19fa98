// Command exporter announces the objects of the raw bucket. It is configured by a file and by MASKRAIL_ variables.
package main

import (
	"os"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/services/exporter"
)

func main() { os.Exit(app.Service(exporter.Name, exporter.Default(), exporter.Serve)) }
