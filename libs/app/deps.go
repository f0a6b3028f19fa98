package app

import (
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/telemetry"
)

// Deps is what every worker is given: the connections it shares with others of its process. The worker does not
// close them.
type Deps struct {
	Bus       bus.Bus
	Store     blob.Store
	Telemetry *telemetry.Telemetry
}
