package retry

import "time"

// redelivery spreads the tries of one message over minutes: 2 s, 8 s, 32 s, 2 min, 5 min, 5 min, ... A store
// that is away for a minute or two must not use up the few failures that a message has.
var redelivery = Policy{Initial: 2 * time.Second, Max: 5 * time.Minute, Factor: 4, Jitter: 0.25}

// Delay is how long a message should rest after its attempt-th failure, counted from 1: exponential, with
// jitter, between 1.5 seconds and 6.25 minutes.
func Delay(attempt int) time.Duration { return redelivery.Delay(attempt) }

// Delay is the wait after the attempt-th failed try, counted from 1, with jitter. It keeps nothing from call to
// call and is safe for concurrent use.
func (p Policy) Delay(attempt int) time.Duration {
	b := p.exponential()
	// The interval stops growing long before: a wait doubles at most 63 times within a time.Duration, and the
	// loop is bounded for factors close to one.
	for range min(max(attempt, 1), 1000) - 1 {
		b.NextBackOff()
	}
	return b.NextBackOff()
}
