package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// checkWait is how long all checks together may take.
const checkWait = 2 * time.Second

// Check is one thing that must work for the service to work: "bus", "bucket", "policy". Run must be safe for
// concurrent use and should end with its context. Its error is logged, never served.
type Check struct {
	Name string
	Run  func(ctx context.Context) error
}

// readiness answers /readyz. Probes come one after the other, so that a slow server is not asked more often because
// it is slow.
type readiness struct {
	log    *slog.Logger
	checks []*probe

	mu      sync.Mutex
	failing []string // at the last probe
}

// probe is a check and whether a run of it is still under way after its time was over.
type probe struct {
	Check
	stuck atomic.Bool
}

func newReadiness(checks []Check, log *slog.Logger) *readiness {
	r := &readiness{log: log}
	for _, c := range checks {
		r.checks = append(r.checks, &probe{Check: c})
	}
	return r
}

func (r *readiness) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	failing := r.run(req.Context())
	status := http.StatusOK
	if len(failing) > 0 {
		status = http.StatusServiceUnavailable
	}
	WriteJSON(w, status, struct {
		Ready   bool     `json:"ready"`
		Failing []string `json:"failing,omitempty"`
	}{len(failing) == 0, failing})
}

// run returns the names of the checks that fail, in their order, and logs when they are others than before.
func (r *readiness) run(ctx context.Context) (failing []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, checkWait)
	defer cancel()
	results := make([]chan error, len(r.checks))
	for i, p := range r.checks {
		results[i] = p.start(ctx)
	}
	var reasons []any
	for i, p := range r.checks {
		if err := p.wait(ctx, results[i]); err != nil {
			failing = append(failing, p.Name)
			reasons = append(reasons, slog.String(p.Name, oneLine(err.Error())))
		}
	}
	if !slices.Equal(failing, r.failing) {
		if len(failing) > 0 {
			r.log.Warn("not ready", reasons...)
		} else {
			r.log.Info("ready again")
		}
	}
	r.failing = failing
	return failing
}

// start runs the check, unless the last run has not ended: a check that ignores its context then has one goroutine
// and not one for each probe.
func (p *probe) start(ctx context.Context) chan error {
	result := make(chan error, 1)
	if !p.stuck.CompareAndSwap(false, true) {
		result <- fmt.Errorf("check %s: the one before has not ended", p.Name)
		return result
	}
	go func() {
		defer p.stuck.Store(false)
		defer func() {
			if v := recover(); v != nil {
				result <- fmt.Errorf("check %s: panic with a %T", p.Name, v)
			}
		}()
		result <- p.Run(ctx)
	}()
	return result
}

func (p *probe) wait(ctx context.Context, result chan error) error {
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		return fmt.Errorf("check %s: %w", p.Name, context.Cause(ctx))
	}
}

// WriteJSON answers with v as JSON, which no cache keeps.
func WriteJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client has gone; there is nobody to tell
}
