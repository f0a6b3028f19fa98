package surrogate

import (
	"bytes"
	"testing"
)

func TestUUID(t *testing.T) {
	t.Parallel()
	tests := []struct {
		mac  [UUIDBytes]byte
		want string
	}{
		{[UUIDBytes]byte{}, "00000000-0000-8000-8000-000000000000"},
		{[UUIDBytes]byte(bytes.Repeat([]byte{0xff}, UUIDBytes)), "ffffffff-ffff-8fff-bfff-ffffffffffff"},
		// The example of RFC 9562, appendix B.1.
		{[UUIDBytes]byte{0x24, 0x89, 0xe9, 0xad, 0x2e, 0xe2, 0xfe, 0x00, 0x4e, 0xc9, 0x32, 0xd5, 0xf6, 0x91, 0x81, 0xc0}, "2489e9ad-2ee2-8e00-8ec9-32d5f69181c0"},
	}
	for _, tt := range tests {
		got := AppendUUID([]byte("x"), tt.mac)
		if string(got) != "x"+tt.want || !IsUUID(got[1:]) {
			t.Errorf("got %s, want x%s", got, tt.want)
		}
	}
	for _, s := range []string{"", "00000000-0000-8000-8000-00000000000", "00000000-0000-8000-8000-0000000000000", "00000000-0000-8000-8000-00000000000g",
		"00000000-0000-8000-80000000000000000", "000000000000-8000-8000-0000-00000000", "{0000000-0000-8000-8000-000000000000"} {
		if IsUUID([]byte(s)) {
			t.Errorf("%q is no UUID", s)
		}
	}
	if !IsUUID([]byte("550E8400-e29b-41d4-A716-446655440000")) {
		t.Error("a UUID in both cases is one")
	}
}

// TestUUIDKeepsBits: 122 bits of the MAC are in the UUID.
func TestUUIDKeepsBits(t *testing.T) {
	t.Parallel()
	zero := string(AppendUUID(nil, [UUIDBytes]byte{}))
	kept := 0
	for bit := range 8 * UUIDBytes {
		var mac [UUIDBytes]byte
		mac[bit/8] = 1 << (bit % 8)
		if string(AppendUUID(nil, mac)) != zero {
			kept++
		}
	}
	if kept != 122 {
		t.Errorf("%d bits are kept", kept)
	}
}
