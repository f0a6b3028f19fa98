package validator

import (
	"testing"

	"github.com/maskrail/maskrail/libs/detect"
	"github.com/maskrail/maskrail/libs/detect/evaluate/notes"
)

// TestScrubbedNotesPass: what a scrub of all classes leaves of notes is no finding of either set: an order number that passes
// for a card by chance would park an object in a hundred.
func TestScrubbedNotesPass(t *testing.T) {
	t.Parallel()
	scrub, err := detect.NewTextSet("US")
	if err != nil {
		t.Fatal(err)
	}
	d := &detectors{region: "US"}
	c, err := d.column(nil)
	if err != nil {
		t.Fatal(err)
	}
	var f finder
	for seed := range uint64(4) {
		for _, s := range notes.Generate(seed+1, 5000) {
			left := scrub.Replace(nil, []byte(s.Text), func(detect.Class) string { return "[X]" })
			if in, plain := f.in(c.refused, left), f.naive.Find(left); in != (found{}) || plain != 0 {
				t.Errorf("%b %b is found in %s", in, plain, left)
			}
		}
	}
}
