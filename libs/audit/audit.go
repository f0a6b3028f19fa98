// Package audit is a log in a bucket that only grows: who did what, in one order that all its writers agree on. An entry is an
// object of its own, named by its number and written with If-None-Match: of two writers that want one place one gets it and
// the other takes the next. A number is only written after the one before it, so there are no gaps, whoever dies when; and
// each entry holds the digest of the one before it, so that what is changed or taken out later shows.
package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/retry"
)

// Log is one log. It is safe for concurrent use; several processes may write one log.
type Log struct {
	store          blob.Store
	bucket, prefix string

	turn chan struct{} // held by who appends; a channel, so that who waits can give up
	last place         // the end as far as it is known; number -1 means not at all
}

// place is an entry that is there.
type place struct {
	number int64
	digest string // lower-case hex; "" of the place before the first entry
}

// Open opens the log whose entries lie under the prefix, which ends with a slash. It does not talk to the store yet.
func Open(store blob.Store, bucket, prefix string) *Log {
	return &Log{store: store, bucket: bucket, prefix: prefix, turn: make(chan struct{}, 1), last: place{number: -1}}
}

const (
	digits   = 12       // of a number in a key, so that keys sort by it
	maxEntry = 16 << 20 // bytes; what is longer is refused, as nobody could read it again
	suffix   = ".json"
)

func (l *Log) at(number int64) blob.Location {
	return blob.Location{Bucket: l.bucket, Key: fmt.Sprintf("%s%0*d%s", l.prefix, digits, number, suffix)}
}

// number is the place that a key names; 0 for none.
func (l *Log) number(key string) int64 {
	text, ok := strings.CutSuffix(strings.TrimPrefix(key, l.prefix), suffix)
	n, err := strconv.ParseInt(text, 10, 64)
	if !ok || err != nil || len(text) != digits || n < 1 {
		return 0
	}
	return n
}

// Append writes the entry behind the last one and returns when it is stored. What is worth another try is tried again until
// ctx ends; the entry is stored once all the same.
func (l *Log) Append(ctx context.Context, e Entry) error {
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return fmt.Errorf("append to the audit log: %w", context.Cause(ctx))
	}
	e.ID = ulid.Make().String()
	if e.At.IsZero() {
		e.At = time.Now()
	}
	e.At = e.At.UTC()
	for {
		var took bool
		err := retry.Do(ctx, patience, func(ctx context.Context) (err error) {
			if took, err = l.take(ctx, e); errors.Is(err, ErrBroken) {
				return retry.Permanent(err)
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("append to the audit log: %w", err)
		}
		if took {
			return nil
		}
	}
}

var errLong = fmt.Errorf("an entry has more than %d bytes: name fewer tenants", maxEntry)

// patience is how long a store may be away: about a minute.
var patience = retry.Policy{Initial: 100 * time.Millisecond, Max: 15 * time.Second, Attempts: 10}

// take writes the entry to the place behind the last one that is known, unless another one is there, which is the last one
// that is known then. A place that holds this very entry is one whose answer was lost.
func (l *Log) take(ctx context.Context, e Entry) (took bool, err error) {
	if l.last.number < 0 {
		if l.last, err = l.end(ctx); err != nil {
			l.last = place{number: -1}
			return false, err
		}
	}
	e.Number, e.Previous = l.last.number+1, l.last.digest
	body, err := json.Marshal(e)
	if err != nil {
		return false, retry.Permanent(err)
	}
	if len(body) > maxEntry {
		return false, retry.Permanent(errLong)
	}
	_, err = l.store.Put(ctx, l.at(e.Number), bytes.NewReader(body), int64(len(body)), blob.PutOptions{IfAbsent: true, ContentType: "application/json"})
	switch {
	case err == nil:
		l.last = place{e.Number, digest(body)}
		return true, nil
	case !errors.Is(err, blob.ErrExists):
		return false, err
	}
	there, stored, err := l.read(ctx, e.Number)
	if err != nil {
		return false, err
	}
	l.last = place{e.Number, digest(stored)}
	return there.ID == e.ID, nil
}

// end finds the last entry by listing the log once.
func (l *Log) end(ctx context.Context) (place, error) {
	var last int64
	for o, err := range l.store.List(ctx, l.bucket, l.prefix) {
		if err != nil {
			return place{}, err
		}
		last = max(last, l.number(o.Key))
	}
	if last == 0 {
		return place{}, nil
	}
	_, stored, err := l.read(ctx, last)
	return place{last, digest(stored)}, err
}

func (l *Log) read(ctx context.Context, number int64) (e Entry, stored []byte, err error) {
	body, _, err := l.store.Get(ctx, l.at(number), blob.Range{})
	if err != nil {
		return e, nil, err
	}
	defer body.Close()
	if stored, err = io.ReadAll(io.LimitReader(body, maxEntry)); err != nil {
		return e, nil, err
	}
	if json.Unmarshal(stored, &e) != nil {
		return Entry{}, stored, fmt.Errorf("entry %d: %w", number, ErrBroken)
	}
	return e, stored, nil
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// ErrBroken means that entries were changed or removed after they were written. Entries at the beginning may be gone, as a
// lifecycle rule of the bucket takes the oldest first.
var ErrBroken = errors.New("the audit log is broken: it was changed behind its writers' backs")

// All yields the entries in their order, from the oldest that is still there. A log that was tampered with yields
// ErrBroken where it shows.
func (l *Log) All(ctx context.Context) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		var before place
		for o, err := range l.store.List(ctx, l.bucket, l.prefix) {
			if err != nil {
				yield(Entry{}, fmt.Errorf("read the audit log: %w", err))
				return
			}
			number := l.number(o.Key)
			if number == 0 {
				continue
			}
			e, stored, err := l.read(ctx, number)
			if err == nil && (e.Number != number || before.number > 0 && (number != before.number+1 || e.Previous != before.digest)) {
				err = fmt.Errorf("entry %d: %w", number, ErrBroken)
			}
			if err != nil {
				yield(Entry{}, fmt.Errorf("read the audit log: %w", err))
				return
			}
			before = place{number, digest(stored)}
			if !yield(e, nil) {
				return
			}
		}
	}
}
