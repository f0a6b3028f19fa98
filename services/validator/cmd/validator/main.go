// Command validator checks masked objects and signs those that may be loaded.
package main

import (
	"os"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/services/validator"
)

func main() { os.Exit(app.Service(validator.Name, validator.Default(), validator.Serve)) }
