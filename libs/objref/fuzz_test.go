package objref_test

import (
	"errors"
	"reflect"
	"testing"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
)

// FuzzDecode: nothing panics, a refusal is ErrMalformed, and what is accepted survives a round trip.
func FuzzDecode(f *testing.F) {
	for stage, ref := range refs() {
		m, err := objref.Encode(ref, stage, ref.Subject(stage), "/test")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(m.Header["ce-type"], m.Data)
	}
	f.Add("io.maskrail.object.raw.v1", []byte(`{"object":{"bucket":"b","key":"k","version":"v"},"entity":"e","run":"r","rows":1e3}`))
	f.Add("io.maskrail.object..v1", []byte(`{}`))
	f.Fuzz(func(t *testing.T, typ string, data []byte) {
		ref, stage, err := objref.Decode(bus.Message{Header: map[string]string{"ce-type": typ}, Data: data})
		if err != nil {
			if !errors.Is(err, objref.ErrMalformed) {
				t.Errorf("error is %v, want ErrMalformed", err)
			}
			return
		}
		m, err := objref.Encode(ref, stage, ref.Subject(stage), "/test")
		if err != nil {
			t.Fatalf("what was decoded does not encode: %v", err)
		}
		again, s, err := objref.Decode(m)
		if err != nil || s != stage {
			t.Fatalf("what was encoded does not decode: %v", err)
		}
		twice, err := objref.Encode(again, stage, ref.Subject(stage), "/test")
		if err != nil || !reflect.DeepEqual(twice, m) {
			t.Errorf("%s became %s, %v", m.Data, twice.Data, err)
		}
	})
}
