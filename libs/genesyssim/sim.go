package genesyssim

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// Sim is the simulated cloud. It is safe for concurrent use.
type Sim struct {
	Config
	world *world
	mux   *http.ServeMux

	settling sync.Mutex // one Settle at a time

	mu       sync.Mutex        // all below
	serials  map[string]uint64 // of ids, by what they are of
	tokens   map[string]*token
	windows  map[string]*window
	details  map[string]*detailsJob
	exports  []*exportJob
	imports  []*importJob
	custom   []customField
	loaded   map[string]map[string]Row // by environment and identity
	faults   []*armed
	requests map[string]int
}

// New makes a simulation. It writes nothing and asks nobody.
func New(c Config) (*Sim, error) {
	c.defaults()
	if err := c.validate(); err != nil {
		return nil, fmt.Errorf("genesyssim: %w", err)
	}
	s := &Sim{
		Config: c, world: newWorld(c), serials: map[string]uint64{}, tokens: map[string]*token{}, windows: map[string]*window{},
		details: map[string]*detailsJob{}, loaded: map[string]map[string]Row{}, requests: map[string]int{},
	}
	for _, f := range c.Faults {
		s.faults = append(s.faults, arm(f, c.Seed, len(s.faults)))
	}
	s.mux = s.routes()
	return s, nil
}

// now is the time of the clock, in UTC.
func (s *Sim) now() time.Time { return s.Now().UTC() }

// available is what the data lake is complete up to, exclusive.
func (s *Sim) available(now time.Time) time.Time { return now.Add(-s.Lag).Truncate(time.Millisecond) }

// newID makes the next id of a kind, shaped as a UUID: the n-th job has the same one whatever else was asked.
func (s *Sim) newID(kind string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serials[kind]++
	r := rand.New(rand.NewPCG(s.Seed^uint64(checksum(kind))<<32, s.serials[kind]))
	a, b := r.Uint64(), r.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, 0x8000|b>>48&0x3fff, b&0xffffffffffff)
}

// Requests is how often each operation was asked for, by its route, such as "POST /oauth/token"; faults included.
func (s *Sim) Requests() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := make(map[string]int, len(s.requests))
	for route, n := range s.requests {
		counts[route] = n
	}
	return counts
}
