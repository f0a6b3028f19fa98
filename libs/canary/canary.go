// Package canary makes records whose every sensitive value is known, and finds those values again. A masker masks them
// like any record, before the first object of an entity; a validator, which needs no key for it, looks for what is left.
// Whatever is found there would be found in real records too, where nobody knows what to look for.
//
// There is a record for each class of value in each form: plain, spaced, with signs of no width, spoken, percent-encoded,
// in base64 and in hex. Each record carries its value in every field that does not keep what it gets; in free text only
// what a scrub promises to find, in a sentence; in kept fields a mark that is no value of a class. The records follow from
// the policy alone.
package canary

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/maskrail/maskrail/libs/policy"
)

// Records are canaries as JSON Lines, one for each seed, for one policy.
func Records(p *policy.Policy) ([]byte, error) {
	var out bytes.Buffer
	for i, s := range seeds {
		m := newMaker(p, s, i)
		line, err := json.Marshal(m.object(p.Tree()))
		if err != nil {
			return nil, fmt.Errorf("make canaries of entity %s: %w", p.Entity, err)
		}
		out.Write(line)
		out.WriteByte('\n')
	}
	return out.Bytes(), nil
}

// Count is how many records there are.
func Count() int { return len(seeds) }

// seed is a value in one form.
type seed struct {
	value
	form form
	text string // the value in that form
}

// seeds are all values in all forms, in order.
var seeds = func() (all []seed) {
	for _, v := range values {
		for _, f := range forms {
			all = append(all, seed{v, f, f.write(v.text)})
		}
	}
	return all
}()
