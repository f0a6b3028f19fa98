package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// patience is how long a worker on this machine may fail before a command that waits for it gives up. A service goes on
// for far longer; somebody at a terminal wants to know.
const patience = 30 * time.Second

// notices passes on what a waiting person must know of the workers' logs: that something fails and is tried again.
type notices struct {
	to   io.Writer
	lost chan error // a worker that fails for too long

	mu    sync.Mutex
	since map[string]time.Time // by service: the first failure after the last success
}

func newNotices(to io.Writer) *notices {
	return &notices{to: to, lost: make(chan error, 1), since: map[string]time.Time{}}
}

// Write takes one log record, a line of JSON.
func (n *notices) Write(line []byte) (int, error) {
	var r struct {
		Level, Service, Error, Outcome string
		Wait                           time.Duration
	}
	if json.Unmarshal(line, &r) != nil {
		return len(line), nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case r.Outcome == "done":
		delete(n.since, r.Service)
	case r.Level == "WARN" && r.Error != "" && r.Wait > 0:
		n.failed(r.Service, r.Error, r.Wait)
	case r.Level == "WARN" && r.Error != "":
		fmt.Fprintf(n.to, "maskrail: %s: %s\n", r.Service, r.Error)
	}
	return len(line), nil
}

func (n *notices) failed(service, reason string, wait time.Duration) {
	if n.since[service].IsZero() {
		n.since[service] = time.Now()
	}
	ahead := time.Duration(0)
	if strings.Contains(strings.ToLower(reason), "no space left") {
		ahead = wait // a full disk does not mend while somebody waits; a lost connection often does by the next try
	}
	if time.Since(n.since[service])+ahead < patience {
		fmt.Fprintf(n.to, "maskrail: %s: %s; trying again in %v\n", service, reason, wait.Round(time.Second))
		return
	}
	select {
	case n.lost <- errors.New(service + ": " + reason):
	default:
	}
}
