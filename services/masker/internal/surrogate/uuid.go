package surrogate

import "encoding/hex"

const (
	// UUIDBytes of a MAC make a UUID.
	UUIDBytes = 16
	// UUIDRoom is the length of a UUID's text.
	UUIDRoom = 36
)

// IsUUID reports that text is a UUID as RFC 9562 writes it, in lower or upper case.
func IsUUID(text []byte) bool {
	if len(text) != UUIDRoom {
		return false
	}
	for i, c := range text {
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
				return false
			}
		}
	}
	return true
}

// AppendUUID appends the UUID of version 8 (RFC 9562, section 5.8) that has all bits of mac but the six that are
// version and variant. 122 bits are left: among a million values two are equal with a chance below 10^-24.
func AppendUUID(dst []byte, mac [UUIDBytes]byte) []byte {
	mac[6] = mac[6]&0x0f | 0x80
	mac[8] = mac[8]&0x3f | 0x80
	for from := 0; from < UUIDBytes; {
		to := from + 2
		switch from {
		case 0:
			to = 4
		case 10:
			to = UUIDBytes
		}
		if from > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, mac[from:to])
		from = to
	}
	return dst
}
