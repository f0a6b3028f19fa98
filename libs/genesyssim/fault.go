package genesyssim

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fault is what happens to some requests. A fault that is not about the reply lets the request through.
type Fault struct {
	// On is the method and the path: "GET /api/v2/analytics/conversations/details/jobs/*/results". An asterisk stands for
	// a part of the path; a path alone, or * alone, is any method.
	On string `yaml:"on"`
	// Nth is the first of the matching requests that is hit, 1 when it is not said; Times is how many are hit from it on, 1
	// when it is not said, and all of them when it is negative.
	Nth   int `yaml:"nth"`
	Times int `yaml:"times"`
	// Chance hits each matching request by the seed's dice instead, between 0 and 1. Times limits it when it is positive.
	Chance float64 `yaml:"chance"`
	// Do is what happens: one of Actions.
	Do string `yaml:"do"`

	// What some actions need besides.
	Status  int           `yaml:"status"`  // of Status
	Code    string        `yaml:"code"`    // of Status: the error's code
	Message string        `yaml:"message"` // of Status and Fail
	After   string        `yaml:"after"`   // of TooMany: what says when to come back, see below; 1
	Delay   time.Duration `yaml:"delay"`   // of Slow, Stall, Earlier
	Rows    int           `yaml:"rows"`    // of Cap and Shuffle
	Bytes   int           `yaml:"bytes"`   // of Cut, Truncate and Big; half of the reply when it is not said
	To      string        `yaml:"to"`      // of Redirect
}

// What Fault.After can be besides a number of seconds, which stands in Retry-After, the reset header and the message.
const (
	AfterDate    = "date+"   // and seconds: Retry-After is a date
	AfterReset   = "reset"   // the reset header alone says it: 1 s
	AfterMessage = "message" // the message alone says it: 1 s
	AfterNothing = "none"    // nothing says it
)

// What faults do.
const (
	// Instead of the operation.
	Status  = "status"   // an error of Status, Code, Message
	TooMany = "too-many" // 429
	HTML    = "html"     // a page of a proxy, with Status or 502
	Reset   = "reset"    // the connection breaks before anything is done

	// After the operation was carried out.
	Lost     = "lost"     // the connection breaks without a reply
	Cut      = "cut"      // the connection breaks after Bytes of the body
	Truncate = "truncate" // the body ends after Bytes as if it were whole
	Slow     = "slow"     // the reply takes Delay, spread over its body
	Redirect = "redirect" // 303 to To, which is the same path with ?downloadUrl when it is not said
	Zip      = "gzip"     // compressed, also for who does not accept it
	Big      = "big"      // the page's first record is larger by Bytes, 10 MiB when it is not said

	// To tokens and jobs.
	ExpireToken = "expire-token" // the request's token expires now
	Fail        = "fail"         // the job made or asked for ends as FAILED
	Stall       = "stall"        // the job asked for takes Delay more
	Expire      = "expire"       // the job asked for is EXPIRED
	Vanish      = "vanish"       // the job asked for is unknown from now on
	Partial     = "partial"      // the export made fails after its first object
	Earlier     = "earlier"      // availability is told as Delay earlier
	Cap         = "cap"          // results beyond Rows are an error

	// To pages.
	Empty     = "empty"     // a page without conversations, with a cursor
	Duplicate = "duplicate" // the last conversation of the page before stands in this one again
	Repeat    = "repeat"    // the next cursor is the one of this page
	Shuffle   = "shuffle"   // of a query: the order is turned by Rows
)

// Actions are all that a fault can do.
func Actions() []string {
	return []string{
		Status, TooMany, HTML, Reset, Lost, Cut, Truncate, Slow, Redirect, Zip, Big,
		ExpireToken, Fail, Stall, Expire, Vanish, Partial, Earlier, Cap, Empty, Duplicate, Repeat, Shuffle,
	}
}

func (f Fault) message(otherwise string) string { return cmp.Or(f.Message, otherwise) }

func (f Fault) validate() error {
	if _, _, err := f.on(); err != nil {
		return err
	}
	switch {
	case !slices.Contains(Actions(), f.Do):
		return fmt.Errorf("do: want one of %s", strings.Join(Actions(), ", "))
	case f.Nth < 0 || f.Bytes < 0 || f.Rows < 0 || f.Delay < 0:
		return errors.New("nth, bytes, rows and delay must not be negative")
	case f.Chance < 0 || f.Chance > 1 || f.Chance > 0 && f.Nth > 0:
		return errors.New("chance: want a number from 0 to 1, and no nth beside it")
	case f.Do == TooMany && !f.afterOK():
		return errors.New("after: want seconds, date+N, reset, message or none")
	case f.Do == Status && (f.Status < 200 || f.Status > 599):
		return fmt.Errorf("status: want 200 to 599 for %s", Status)
	}
	return nil
}

func (f Fault) afterOK() bool {
	if slices.Contains([]string{"", AfterReset, AfterMessage, AfterNothing}, f.After) {
		return true
	}
	n, err := strconv.Atoi(strings.TrimPrefix(f.After, AfterDate))
	return err == nil && n >= 0
}

// on is the method, or "", and the pattern of the path.
func (f Fault) on() (method, pattern string, err error) {
	method, pattern, ok := strings.Cut(f.On, " ")
	if !ok {
		method, pattern = "", f.On
	}
	if pattern != "*" && !strings.HasPrefix(pattern, "/") {
		return "", "", errors.New(`on: want a method and a path, such as "GET /api/v2/data/export/*"`)
	}
	if _, err := path.Match(pattern, "/"); err != nil {
		return "", "", fmt.Errorf("on: %w", err)
	}
	return method, pattern, nil
}

// armed is a fault that counts.
type armed struct {
	Fault
	method, pattern string
	dice            *rand.Rand
	seen, done      int
}

func arm(f Fault, seed uint64, n int) *armed {
	a := &armed{Fault: f, dice: rand.New(rand.NewPCG(seed^0x6661756c74, uint64(n)))}
	a.method, a.pattern, _ = f.on() // validated
	return a
}

// hits counts the request, and says whether it is hit.
func (a *armed) hits(x *exchange) bool {
	if a.method != "" && a.method != x.Method {
		return false
	}
	if match, _ := path.Match(a.pattern, x.URL.Path); !match && a.pattern != "*" {
		return false
	}
	a.seen++
	times := cmp.Or(a.Times, 1)
	if a.Chance > 0 {
		if a.dice.Float64() >= a.Chance || a.Times > 0 && a.done >= a.Times {
			return false
		}
	} else if first := max(1, a.Nth); a.seen < first || times > 0 && a.seen >= first+times {
		return false
	}
	a.done++
	return true
}

// strike finds the faults that hit the request, and counts it.
func (s *Sim) strike(x *exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests[x.Pattern]++
	for _, a := range s.faults {
		if a.hits(x) {
			x.faults = append(x.faults, a.Fault)
		}
	}
}

// Inject adds a fault to those that there are.
func (s *Sim) Inject(f Fault) error {
	if err := f.validate(); err != nil {
		return fmt.Errorf("genesyssim: inject fault: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, arm(f, s.Seed, len(s.faults)))
	return nil
}

// Hits is how many requests each fault has hit, in the order of Config.Faults and then of Inject.
func (s *Sim) Hits() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	hits := make([]int, len(s.faults))
	for i, a := range s.faults {
		hits[i] = a.done
	}
	return hits
}

// hit is the fault of the kind that hits the request.
func (x *exchange) hit(do string) (Fault, bool) {
	for _, f := range x.faults {
		if f.Do == do {
			return f, true
		}
	}
	return Fault{}, false
}

func (x *exchange) isHit(do string) bool {
	_, ok := x.hit(do)
	return ok
}
