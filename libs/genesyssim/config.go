package genesyssim

import (
	"errors"
	"fmt"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/synth"
)

// Config is what is simulated. Zero values are the defaults of the comments.
type Config struct {
	Seed uint64
	// Now is the clock; time.Now.
	Now func() time.Time
	// From is when the first conversation starts; 35 days before New, at midnight UTC. Every is the mean distance between
	// two starts, 30 s. Count ends them, 0 does not: conversations go on to start as the clock does.
	From  time.Time
	Every time.Duration
	Count int64
	// Also are conversations at times of the caller's choice, beside the others.
	Also []Special
	// Tenants own the conversations; synth.Tenants.
	Tenants []string
	// Odd are conversations of which the tenant is hard to tell.
	Odd []Oddity
	// CustomKey is the custom attribute that names the tenant of each conversation, also of one whose record does not; none,
	// and no conversation has custom attributes.
	CustomKey string
	// ErasedEvery makes every so many-th conversation vanish some days after its end, as a request to be forgotten does.
	ErasedEvery int64
	// Lag is how far the data lake is behind the clock: what happened since is missing, silently.
	Lag time.Duration

	Clients []Client // {"maskrail", "simulated-secret"}
	Quota   Quota
	Jobs    Jobs
	Drift   Drift
	Faults  []Fault

	// Store takes the objects of data exports, and holds those of imports; without it such jobs fail.
	Store blob.Store
	// Gzip compresses replies to clients that accept it.
	Gzip bool
}

// Special is a conversation, and an interaction, that starts and ends when it is told to.
type Special struct {
	Start time.Time
	Lasts time.Duration
}

// Client is who may get a token.
type Client struct {
	ID, Secret string
	// Lifetime of its tokens, 24 h.
	Lifetime time.Duration
	// Without are the permissions that it lacks, such as PermissionDetails.
	Without []string
}

// The permissions that are asked for.
const (
	PermissionDetails = "analytics:conversationDetail:view"
	PermissionCustom  = "conversation:customAttributes:view"
	PermissionExport  = "data:export:read"
	PermissionImport  = "data:import:edit"
	PermissionFields  = "interactionlogs:customfields:edit"
)

// Quota are the limits on requests. A negative number is no limit.
type Quota struct {
	PerMinute int // of a token on the analytics API, in any 60 s; 300
	PerSecond int // of a token on the guide's API, in any second; 100
	Tokens    int // of a client on the token endpoint, in any 60 s; 300
	JobsOpen  int // details jobs of a token that are not done; no limit
	JobsRate  int // details jobs begun in any second; no limit
	BodyBytes int // of a request; 512,000
}

// Jobs is the life of jobs, of both APIs.
type Jobs struct {
	Queued  time.Duration // in QUEUED; 1 s
	Running time.Duration // in PENDING or RUNNING; 2 s
	Kept    time.Duration // from completion to EXPIRED; 24 h

	Page     int           // conversations of a page of results that asks for no size, 1000; never more than 10,000
	Rows     int           // the most that the results of a details job may hold; no limit
	Interval time.Duration // the longest interval of a details job; no limit

	QueryInterval time.Duration // the longest interval of a detail query; 7 days
	QueryRows     int           // how far a detail query may page; 100,000

	ObjectRows int  // rows of an exported object; 50,000
	Plain      bool // exported JSON Lines and CSV are not compressed
}

func (c *Config) defaults() {
	set(&c.Every, 30*time.Second)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.From.IsZero() {
		c.From = c.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -35)
	}
	c.From = c.From.UTC().Truncate(time.Millisecond)
	if len(c.Tenants) == 0 {
		c.Tenants = synth.Tenants
	}
	if len(c.Clients) == 0 {
		c.Clients = []Client{{ID: "maskrail", Secret: "simulated-secret"}}
	}
	for i := range c.Clients {
		set(&c.Clients[i].Lifetime, 24*time.Hour)
	}
	set(&c.Quota.PerMinute, 300)
	set(&c.Quota.PerSecond, 100)
	set(&c.Quota.Tokens, 300)
	set(&c.Quota.BodyBytes, 512_000)
	set(&c.Jobs.Queued, time.Second)
	set(&c.Jobs.Running, 2*time.Second)
	set(&c.Jobs.Kept, 24*time.Hour)
	set(&c.Jobs.Page, 1000)
	set(&c.Jobs.QueryInterval, 7*24*time.Hour)
	set(&c.Jobs.QueryRows, 100_000)
	set(&c.Jobs.ObjectRows, 50_000)
}

func set[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func (c *Config) validate() error {
	var errs []error
	if c.Every < time.Millisecond {
		errs = append(errs, fmt.Errorf("every %s: want at least 1ms between two conversations", c.Every))
	}
	if c.Count < 0 || c.Lag < 0 || c.ErasedEvery < 0 {
		errs = append(errs, errors.New("count, lag and erased-every must not be negative"))
	}
	for i, o := range c.Odd {
		if err := o.validate(); err != nil {
			errs = append(errs, fmt.Errorf("oddity %d: %w", i+1, err))
		}
	}
	for i, f := range c.Faults {
		if err := f.validate(); err != nil {
			errs = append(errs, fmt.Errorf("fault %d: %w", i+1, err))
		}
	}
	errs = append(errs, c.Drift.validate())
	return errors.Join(errs...)
}
