package masker

import (
	"io"
	"sync"

	"github.com/maskrail/maskrail/libs/sketch"
)

// Observer takes down what the masking of one object takes out, for the validator: a sketch of its identifiers. It has a
// key of its own, which is random.
type Observer struct {
	of        *Observers
	key       sketch.Key
	hasher    *sketch.Hasher
	collector *sketch.Collector
	mu        sync.Mutex
	lent      []*sketch.Distinct
}

// Observers make observers, and use the memory of those that are closed again: a small object would take longer to get as
// much of the system than to be observed. They are safe for concurrent use.
type Observers struct {
	dir        string
	mu         sync.Mutex
	collectors []*sketch.Collector
	distinct   []*sketch.Distinct
}

// What observers keep while nobody uses it: 16 MiB of collectors, and as much of sets.
const (
	keptCollectors = 2
	keptDistinct   = 16 << 20 // bytes
)

// NewObservers are for one object after another. Beyond a million identifiers in one they take to a temporary file in dir; ""
// is the system's directory.
func NewObservers(dir string) *Observers { return &Observers{dir: dir} }

// NewObserver is for one object alone, see NewObservers. The caller closes it.
func NewObserver(dir string) *Observer { return NewObservers(dir).New() }

// New is for one object. The caller closes it.
func (s *Observers) New() *Observer {
	key := sketch.NewKey()
	c := oneOf(s, &s.collectors)
	if c == nil {
		c = sketch.NewCollector(func() (sketch.File, error) { return newNameless(s.dir, "maskrail-sketch-*") })
	}
	return &Observer{of: s, key: key, hasher: key.Hasher(), collector: c}
}

// oneOf is one of what is kept, nil when there is none.
func oneOf[T any](s *Observers, all *[]*T) *T {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(*all) - 1
	if n < 0 {
		return nil
	}
	one := (*all)[n]
	*all = (*all)[:n]
	return one
}

// distinct is an empty set, which the observer has back when it is closed.
func (o *Observer) distinct() *sketch.Distinct {
	d := oneOf(o.of, &o.of.distinct)
	if d == nil {
		d = &sketch.Distinct{}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lent = append(o.lent, d)
	return d
}

// Close removes the temporary file. Nobody may use the observer any more.
func (o *Observer) Close() error {
	if o.collector == nil {
		return nil
	}
	err := o.collector.Close()
	for _, d := range o.lent {
		d.Reset()
	}
	s := o.of
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.collectors) < keptCollectors {
		s.collectors = append(s.collectors, o.collector)
	}
	kept := 0
	for _, d := range s.distinct {
		kept += d.Bytes()
	}
	for _, d := range o.lent {
		if n := d.Bytes(); kept+n <= keptDistinct {
			s.distinct = append(s.distinct, d)
			kept += n
		}
	}
	o.collector, o.lent = nil, nil
	return err
}

// Encode writes the sketch of the masked object with that SHA-256 for a validator.
func (o *Observer) Encode(w io.Writer, to *sketch.Sealer, object string) error {
	sealed, err := to.Seal(o.key, object)
	if err != nil {
		return err
	}
	return o.collector.Encode(w, sealed)
}
