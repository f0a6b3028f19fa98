package columnar

import (
	"strings"
	"testing"
)

// TestSpelling looks for names of all lengths at the end of a buffer, and for those that differ in one byte.
func TestSpelling(t *testing.T) {
	t.Parallel()
	for n := 1; n < 40; n++ {
		name := strings.Repeat("abcdefghijk", 4)[:n]
		s := newSpelling([]byte(`"` + name + `":`))
		buffer := []byte(`{"` + name + `":` + strings.Repeat("\x00", jsonPad))
		if !s.at(buffer, 1) {
			t.Errorf("a name of %d bytes is not found", n)
		}
		if s.at(buffer, 0) {
			t.Errorf("a name of %d bytes is found where it is not", n)
		}
		for i := 1; i < len(buffer)-jsonPad; i++ {
			buffer[i] ^= 1
			if s.at(buffer, 1) {
				t.Errorf("a name of %d bytes is found though byte %d differs", n, i)
			}
			buffer[i] ^= 1
		}
		cut := append([]byte(`{"`+name+`"`), make([]byte, jsonPad)...)
		if s.at(cut, 1) {
			t.Errorf("a name of %d bytes is found without its colon", n)
		}
	}
}
