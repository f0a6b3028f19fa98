package detect

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestNoHit(t *testing.T) {
	t.Parallel()
	s := setOf(t, "US")
	for _, text := range []string{
		"", "a", "0", "@", "%40", "hello",
		// identifiers
		"550e8400-e29b-41d4-a716-446655440000", "550E8400-E29B-41D4-A716-446655440000", "{550e8400-e29b-41d4-a716-446655440000}",
		"41111111-1111-1111-4111-111111111111", "urn:uuid:12345678-1234-8234-9234-123456789012", "conv-12345678-1234-4234-9234-415555014211",
		"12345678123442349234123456789012", "deadbeef4111111111111111", "4111111111111111deadbeef", "0x4111111111111111",
		"a4111 1111 1111 1111", "q4155550142", "4155550142ms", "S4155550142Z",
		// tokens
		"User_abcdefghijklmnopqrstuvwxyz", "User_a2b3c4d5e6f7a2b3c4d5e6f7a2", "USER_A2B3C4D5E6F7A2B3C4D5E6F7A2", "a2b3c4d5e6f7a2b3c4d5e6f7a2",
		"a2b3c4d5e6f7a2b3c4d5e6f7a2@masked.invalid", "A2B3@MASKED.INVALID", "x@masked.invalid.", "<x@masked.invalid>", "x@masked.invalid-foo",
		"+999123456789012", "+9991234567890123", "tel:+999123456789012", "call +999415555014212", "call me at +999415555014212 please", "(+999415555014212)",
		"+999411111111111111", "+999222222222222", "+999123456789012 +999123456789013",
		// time
		"2026-03-09T13:04:11.482Z", "2026-03-09 13:04:11", "2026-03-09T13:04:11+02:00", "20260309T130411Z", "20260309130411", "09.03.2026 13:04", "03/09/2026",
		"call 2026-03-09 13:04", "call 09-03-2026 13", "1772973851482", "1772973851", "1772973851482123", "1772973851482123456", "1700000000000",
		"PT4M11S", "00:04:11", "251000", "251000 ms", "duration 415555 ms",
		// numbers
		"ORD-2024-0012345", "ORD-4155550142", "QX-4155550142", "2024-4155550142", "INV-2024-4155550142", "order 4155550142", "Order #4155550142", "order number is 4155550142",
		"ticket: 4155550142", "case 14155550142", "ref 4155550142", "Ref. 4155550142", "reference no. 4155550142", "invoice 4155550142", "id 4155550142", "#4155550142",
		`{"orderId":4155550142}`, `"conversationId": "4155550142"`, "order_id=4155550142", "/orders/4155550142", "queueId=4155550142", "skill 4155550142",
		"415.5550142", "-122.4194155", "37.774929,-122.419416", "0.4155550142", "4155550142.50", "$4155550142", "€ 4155550142", "4155550142€", "4155550142%", "USD 4155550142", "$4,155,550,142",
		"0.4111111111111111", "0.5555555555554444", "12.4111111111111111",
		"v1.2.3", "120.0.6099.109", "2.300.400.5000", "1.2.3.4.5.6.7.8.9.10",
		"5550142", "555-0142", "555 0142", "call id 5550142", "callback queue 5550142", "123456789", "ID 123456789", "order 123456789",
		"300 450 1200 600", "12345", "1234567", "0012345678", "000123456789", "1155550142", "4150550142", "0155550142",
		"1 2 3 4 5 6 7", "5 4 3 5 4 4 5", "7 4 9",
		// cards that are none
		"4111111111111112", "1111111111111117", "41111111111111111111", "41111111111111111111111", "9999999999999995", "411111111111111", "4111 1111 1111 1112",
		"4111,1111,1111,1111", "4111\n1111\n1111\n1111", "xy4111111111111111", "4111111111111111xy",
		// social security numbers that are none
		"000-12-3456", "666-12-3456", "900-12-3456", "912-93-1234", "123-00-4567", "123-45-0000", "1234-56-789", "123-456-789", "12-345-6789", "123.45.6789.1", "1.123.45.6789", "12 123 45 6789 1",
		"social 000456789", "a123-45-6789", "123-45-6789b", "9123-45-6789",
		// addresses that are none
		"user@host", "@john.smith", "john@", "@", "a@b", "lodash@4.17.21", "pkg@v1.2.3", "john @ example.com", "john@.com", "50%4", "@@@@", "a@@b", "user@localhost", "x@y.z",
	} {
		if spans := s.Find(nil, []byte(text)); len(spans) > 0 {
			t.Errorf("%q: got %s", text, describe(text, spans))
		}
		if s.Contains([]byte(text)) {
			t.Errorf("%q: Contains is true", text)
		}
	}
}

const base32 = "abcdefghijklmnopqrstuvwxyz234567"

func token(r *rand.Rand, alphabet string) string {
	b := make([]byte, 26)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

func uuid(r *rand.Rand, version byte) string {
	var b [16]byte
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	b[6], b[8] = b[6]&0x0f|version<<4, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

func TestNoHitOnWhatTheDataIsFullOf(t *testing.T) {
	t.Parallel()
	all, few := setOf(t, "US"), setOf(t, "US", numbers...)
	r := rand.New(rand.NewPCG(1, 2))
	epoch := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)
	moment := func() time.Time { return epoch.Add(time.Duration(r.Int64N(int64(18 * 365 * 24 * time.Hour)))) }
	const upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	kinds := []struct {
		name string
		gen  func() string
	}{
		{"token", func() string { return token(r, base32) }},
		{"upper token", func() string { return token(r, upper) }},
		{"named token", func() string { return "User_" + token(r, base32) }},
		{"mail token", func() string { return token(r, base32) + "@masked.invalid" }},
		{"phone token", func() string { return fmt.Sprintf("+999%012d", r.Int64N(1e12)) }},
		{"phone token 15", func() string { return fmt.Sprintf("+999%015d", r.Int64N(1e15)) }},
		{"uuid 4", func() string { return uuid(r, 4) }},
		{"uuid 8", func() string { return uuid(r, 8) }},
		{"digits uuid", func() string {
			return fmt.Sprintf("%08d-%04d-%04d-%04d-%012d", r.IntN(1e8), r.IntN(1e4), r.IntN(1e4), r.IntN(1e4), r.Int64N(1e12))
		}},
		{"epoch ms", func() string { return strconv.FormatInt(moment().UnixMilli(), 10) }},
		{"epoch seconds", func() string { return strconv.FormatInt(moment().Unix(), 10) }},
		{"epoch us", func() string { return strconv.FormatInt(moment().UnixMicro(), 10) }},
		{"epoch ns", func() string { return strconv.FormatInt(moment().UnixNano(), 10) }},
		{"iso", func() string { return moment().Format("2006-01-02T15:04:05.000Z") }},
		{"iso offset", func() string { return moment().Format("2006-01-02T15:04:05.000000-07:00") }},
		{"sql time", func() string { return moment().Format("2006-01-02 15:04:05.000") }},
		{"order", func() string { return fmt.Sprintf("ORD-%d-%07d", 2015+r.IntN(20), r.IntN(1e7)) }},
		{"duration", func() string { return strconv.Itoa(r.IntN(1e8)) }},
		{"queue", func() string { return fmt.Sprintf("queue_%d", r.IntN(1e6)) }},
		{"float", func() string { return strconv.FormatFloat(r.Float64(), 'f', -1, 64) }},
		{"coordinates", func() string { return fmt.Sprintf("%.6f, %.7f", r.Float64()*180-90, r.Float64()*360-180) }},
		{"version", func() string {
			return fmt.Sprintf("version %d.%d.%d.%d", r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(256))
		}},
		{"browser", func() string { return fmt.Sprintf("Chrome/%d.0.%d.%d", 80+r.IntN(60), r.IntN(256), r.IntN(256)) }},
		{"numbers: ip", func() string { return fmt.Sprintf("%d.%d.%d.%d", r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(256)) }},
	}
	const each = 10_000 / effort
	for _, k := range kinds {
		name, gen, s := k.name, k.gen, all
		if strings.HasPrefix(name, "numbers: ") {
			s = few // of the other classes
		}
		for range each {
			text := gen()
			for _, framed := range []string{text, "call " + text + " ok", text + " " + gen()} {
				if framed != text && name == "duration" {
					continue // "call 5550142" is a local number
				}
				if spans := s.Find(nil, []byte(framed)); len(spans) > 0 {
					t.Fatalf("%s: %q: got %s", name, framed, describe(framed, spans))
				}
			}
		}
	}
}
