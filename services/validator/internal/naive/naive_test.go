package naive

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"time"
)

// sensitive are texts with what must be found in them.
var sensitive = map[string]Set{
	"4111 1111 1111 1111":                Card,
	"card:4111-1111-1111-1111, thanks":   Card,
	"4111111111111111":                   Card,
	"378282246310005":                    Card,
	"3782-822463-10005-1234":             Card,
	"12 4111 1111 1111 1111 03":          Card,
	"12-4111-1111-1111-1111-03":          Card,
	"30569309025904":                     Card,
	"6304000000000000000":                Card,
	"3530111333300000126":                Card, // JCB
	"36569927160000015":                  Card, // Diners Club
	"220020123456789015":                 Card, // Mir
	"3782 822463 10005":                  Card,
	"5555\u00a05555\u00a05555\u00a04444": Card,
	"41\u200b11111111\u200b111111":       Card,
	"４１１１１１１１１１１１１１１１":                   Card,
	"٤١١١ ١١١١ ١١١١ ١١١١":                Card,
	"four one one one one one one one one one one one one one one one": Card,
	"4.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1":                                  Card,
	"(415) 555-0142":                                                   Phone,
	"call 415-555-0142.":                                               Phone,
	"415.555.0142":                                                     Phone,
	"1-415-555-0142":                                                   Phone,
	"+14155550142":                                                     Phone,
	"+44 20 7946 0123":                                                 Phone,
	"415–555–0142":                                                     Phone,
	"it is four one five, five five five, oh one four two": Phone,
	"four one five triple five zero one four two":          Phone,
	"ann@example.com":                        Email,
	"Ann <ann.lee+x@mail.example.co.uk>":     Email,
	"ann＠example.com":                        Email,
	"ann%40example.com":                      Email,
	`ann\u0040example.com`:                   Email,
	"ann@exam\u200bple.com":                  Email,
	"536-22-8145":                            SSN,
	"ssn 536 22 8145":                        SSN,
	"GB82 WEST 1234 5698 7654 32":            IBAN,
	"to DE89370400440532013000 please":       IBAN,
	"NO93 8601 1117 947 NOW":                 IBAN,
	"MT84-MALT-0110-0001-2345-MTLC-AST0-01S": IBAN,
	"MA64 0115 1900 0001 2050 0053 4921":     IBAN,
	"IR062960000000100324200001":             IBAN,
	"203.0.113.77":                           IP,
	"00:1A:2b:3c:4D:5e":                      MAC,
	"https://ann:secret@intranet/x":          URL,
}

func TestFind(t *testing.T) {
	t.Parallel()
	var f Finder
	for text, want := range sensitive {
		if got := f.Find([]byte(text)); got&want == 0 {
			t.Errorf("%q: found %b, want %b", text, got, want)
		}
		if got := f.Find([]byte("x " + text + " y")); got&want == 0 {
			t.Errorf("%q in a text: found %b, want %b", text, got, want)
		}
	}
}

func TestFindEncoded(t *testing.T) {
	t.Parallel()
	var f Finder
	for text, want := range map[string]Set{"4111 1111 1111 1111": Card, "+14155550142": Phone, "4155550142": Phone, "ann@example.com": Email, "536-22-8145": SSN, "203.0.113.77": IP} {
		for name, in := range map[string]string{
			"base64": base64.StdEncoding.EncodeToString([]byte(text)), "base64 of URLs": base64.RawURLEncoding.EncodeToString([]byte(text)),
			"hex": hex.EncodeToString([]byte(text)), "HEX": strings.ToUpper(hex.EncodeToString([]byte(text))),
		} {
			if got := f.Find([]byte("see " + in + " ok")); got&want == 0 {
				t.Errorf("%s of %q: found %b, want %b", name, text, got, want)
			}
		}
	}
}

// TestSilence: what masked data is full of is no finding.
func TestSilence(t *testing.T) {
	t.Parallel()
	var f Finder
	for _, text := range []string{
		"", "-", "+999223020136453", "+99912345678901234567", "qjvwwd3sbrpnrdfodx6jb3kryk@masked.invalid", "User_pmnhjh3lsl22o2vob5rqbfp62n",
		"0b8a2f6e-1111-8c3d-8e2f-5a6b7c8d9e0f", "41111111-1111-8111-8111-111111111111", "abcdefab-1234-8567-9012-345678901234",
		"9000123412341234", "************1111", "[MASKED]", "[PHONE] or [EMAIL]", "1741523051482", "1741523051", "1741523051482123",
		"2026-03-09T13:04:11.482Z", "2026-03-09 13:04:11", "03/09/2026 13:04", "PT12M33.5S", "00:12:33", "813538", "v12.0.19041.1", "Chrome/103.0.5060.134",
		"order 4000012345", "case C-0045812", "queue 97, 3 calls, 12 minutes", "q-claims", "4155550142", "order 10000000417 and order 10000000418",
		"two calls, one complaint, four follow-ups and zero refunds, five days ago, six of them", "mail us @ noon", "@home", "a@b",
		"order 114-4389575-9523790 delayed", "114-4724550-3213858", "658607256679488", "65980134845572", "3211111111111113", "6680134845573", "ITIN 666-51-4861",
		"GB212026030914051234", "DE85370400440532013000AB", "case CA7320260309140512 open", "FW30TV0EU1HB3OXV4RHI", "xGB82WEST12345698765432", "GB82WEST123456987654321",
		"6f1ed002ab5595859014ebf0951522d9", "aHR0cHM6Ly9leGFtcGxlLmNvbS9wYXRo", "https://example.com/a/b?c=1:2@3",
	} {
		if got := f.Find([]byte(text)); got != 0 {
			t.Errorf("%q: found %b, want nothing", text, got)
		}
	}
}

func TestOf(t *testing.T) {
	t.Parallel()
	if got := Of([]string{"phone", "card", "name"}); got != Phone|Card {
		t.Errorf("got %b", got)
	}
	n := 0
	for i := range (Phone | URL).All {
		n += i
		if Name(i) != "phone" && Name(i) != "url" {
			t.Errorf("shape %d is called %s", i, Name(i))
		}
	}
	if n != Shapes-1 || len(names) != Shapes {
		t.Errorf("shapes add up to %d", n)
	}
}

// TestLongTexts: a text without end is read once, not once for each sign in it.
func TestLongTexts(t *testing.T) {
	t.Parallel()
	for _, unit := range []string{"a@", "@", "a@b.com", "://a:b@", "%41@"} {
		var f Finder
		start := time.Now()
		f.Find([]byte(strings.Repeat(unit, 1<<20/len(unit))))
		if took := time.Since(start); took > 5*time.Minute { // it takes a second, under the race detector and beside other tests a minute; each to the begin, ten
			t.Errorf("%q again and again, 1 MB: %v", unit, took)
		}
	}
}

func FuzzFind(f *testing.F) {
	for text := range sensitive {
		f.Add(text)
	}
	f.Add("%4\xff\\u00zz+++")
	f.Fuzz(func(t *testing.T, text string) {
		var finder Finder
		first := finder.Find([]byte(text))
		if again := finder.Find([]byte(text)); again != first {
			t.Errorf("%q: %b, then %b", text, first, again)
		}
	})
}

func BenchmarkFind(b *testing.B) {
	notes := []byte("Customer called about the bill of last month and was sent to queue 97; follow-up at [PHONE], order 4000012345, thanks")
	b.SetBytes(int64(len(notes)))
	b.ReportAllocs()
	var f Finder
	for b.Loop() {
		f.Find(notes)
	}
}
