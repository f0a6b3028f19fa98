package validator

import (
	"testing"

	"github.com/maskrail/maskrail/libs/stage"
)

// FuzzFile lets a trusted masker sign any bytes: the object passes or is refused, and nothing else happens.
func FuzzFile(f *testing.F) {
	w := setup(f)
	f.Add(w.good().encode(f))
	f.Add([]byte("PAR1PAR1"))
	f.Fuzz(func(t *testing.T, content []byte) {
		w := &world{Service: w.Service, t: t, store: w.store, masker: w.masker, opener: w.opener, policies: w.policies}
		o := w.good()
		o.content = content
		in := w.put(o)
		out, err := w.validate(t.Context(), in)
		if _, refused := stage.Rejected(err); !refused && (err != nil || len(out) != 1) {
			t.Errorf("%d references and %v", len(out), err)
		}
		for _, bucket := range []string{masked, quarantine} { // the next one has the same key
			for o := range w.store.List(t.Context(), bucket, "") {
				if err := w.store.Delete(t.Context(), o.Location); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}
