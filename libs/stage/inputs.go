package stage

import (
	"strings"
	"time"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
)

// Inputs are the two durables of a stage's worker: on the stream of the stage before it, and on REPLAY for what is sent to
// this environment again. workers and ackWait may be 0 for the runner's defaults.
//
// Both begin at messages that are stored after they were created, so they have to be there before the first message is:
// what provisions the streams makes them as well.
func Inputs(service, environment string, from objref.Stage, workers int, ackWait time.Duration) []bus.Consumer {
	env := objref.Token(environment)
	live := "maskrail." + string(from) + "." + env + ".>"
	if from == objref.AtRaw { // of no environment yet
		live = "maskrail.raw.>"
	}
	in := []bus.Consumer{
		{Stream: strings.ToUpper(string(from)), Durable: service + "-" + env, Filters: []string{live}},
		{Stream: bus.Replay, Durable: service + "-" + env + "-replay", Filters: []string{"maskrail.replay." + env + "." + string(from) + ".>"}},
	}
	for i := range in {
		in[i].Workers, in[i].AckWait, in[i].MaxDeliver = max(workers, 1), ackWait, defaultMaxDeliver
		if ackWait <= 0 {
			in[i].AckWait = defaultAckWait
		}
	}
	return in
}
