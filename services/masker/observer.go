package masker

import (
	"io"

	"github.com/maskrail/maskrail/libs/sketch"
)

// Observer takes down what the masking of one object takes out, for the validator: a sketch of its identifiers. It has a
// key of its own, which is random.
type Observer struct {
	key       sketch.Key
	hasher    *sketch.Hasher
	collector *sketch.Collector
}

// NewObserver is for one object. Beyond a million identifiers it takes to a temporary file in dir; "" is the system's
// directory. The caller closes it.
func NewObserver(dir string) *Observer {
	key := sketch.NewKey()
	return &Observer{key: key, hasher: key.Hasher(), collector: sketch.NewCollector(func() (sketch.File, error) { return newNameless(dir, "maskrail-sketch-*") })}
}

// Close removes the temporary file.
func (o *Observer) Close() error { return o.collector.Close() }

// Encode writes the sketch of the masked object with that SHA-256 for a validator.
func (o *Observer) Encode(w io.Writer, to *sketch.Sealer, object string) error {
	sealed, err := to.Seal(o.key, object)
	if err != nil {
		return err
	}
	return o.collector.Encode(w, sealed)
}
