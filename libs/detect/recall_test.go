package detect

import (
	"fmt"
	"slices"
	"testing"
)

// numbers are the classes that are looked for by digits and at signs alone.
var numbers = []Class{Phone, Email, Card, SSN}

func setOf(t testing.TB, region string, classes ...Class) *Set {
	t.Helper()
	s, err := NewSet(region, classes...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func textSet(t testing.TB, region string, classes ...Class) *Set {
	t.Helper()
	s, err := NewTextSet(region, classes...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Each rendering must be found as exactly the given bytes, alone and in every frame.
var renderings = map[Class][]string{
	Phone: {
		"+1 (415) 555-0142", "+1 415 555 0142", "+1-415-555-0142", "+1.415.555.0142", "+14155550142", "+1(415)5550142",
		"+1 415-555-0142", "+1\u00a0415\u00a0555\u00a00142", "+1\u202f415\u202f555\u202f0142", "＋1 415 555 0142",
		"(415) 555-0142", "(415)555-0142", "(415)5550142", "(415) 555 0142", "(415) 555.0142", "(415)-555-0142",
		"415-555-0142", "415.555.0142", "415 555 0142", "415/555-0142", "415_555_0142", "415 - 555 - 0142",
		"415\u2011555\u20110142", "415\u2013555\u20130142", "415\u00a0555\u00a00142", "415\u2009555\u20090142", "415\u200b555\u200b0142",
		"415-5550142", "415 5550142", "415555-0142", "4155550142", "14155550142",
		"1-415-555-0142", "1 (415) 555-0142", "1.415.555.0142", "1 415 555 0142", "1-4155550142", "1415-555-0142",
		"４１５-５５５-０１４２", "٤١٥-٥٥٥-٠١٤٢",
		"800-555-0199", "212-555-0100", "555-555-0142", "239-555-0123",
		"+44 20 7946 0958", "+442079460958", "+44 (0)20 7946 0958", "+44 (0) 20 7946 0958", "+44 7700 900123",
		"+49 30 123456", "+49 (0)30 1234567", "+49 30/1234567", "+33 1 42 68 53 00", "+33.1.42.68.53.00", "+91 98765 43210", "+61 2 9374 4000",
		"+81 3-1234-5678", "+55 11 91234-5678", "+353 1 234 5678", "+65 6123 4567", "+380 44 123 4567",
		"0044 20 7946 0958", "00442079460958", "011 44 20 7946 0958", "011442079460958", "00 44 20 7946 0958",
		"415-555-0142 x123", "415-555-0142x123", "(415) 555-0142 ext. 4567", "415-555-0142 ext 12", "+1 415 555 0142;ext=99",
		"415-555-0142, ext 12", "4155550142 extension 7", "415-555-0142 #204", "4155550142x5",
		"415~555~0142", "[415] 555-0142", "+52 1 55 1234 5678", "+972-50-123-4567", "+7 (916) 123-45-67", "(415)555.0142", "415·555·0142",
		"415%20555%200142", "415%2D555%2D0142", "415&nbsp;555&nbsp;0142", `415\u00a0555\u00a00142`,
		"4\x001\x005\x005\x005\x005\x000\x001\x004\x002", // UTF-16
	},
	Email: {
		"john.smith@example.com", "JOHN.SMITH@EXAMPLE.COM", "john+tag@example.co.uk", "j@example.io", "o'brien@example.ie",
		"first_last@sub.domain.example.org", "123456@example.com", "4155550142@example.com", "john%40example.com", `john\u0040example.com`, "x-y@my-host.travel",
		"用户@例子.广告", "josé@exämple.de", "a@b.museum", "john@xn--bcher-kva.example", "john@bücher.xn--p1ai", "\"john smith\"@example.com",
		"john＠example.com", "user@mail.example.com", "john@example。com", "john_@example.com", "info@invalid.com", "x@sub.invalid.net", "a@my_host.com",
	},
	Card: {
		"4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111", "4111.1111.1111.1111", "4111\u00a01111\u00a01111\u00a01111",
		"4111\u202f1111\u202f1111\u202f1111", "4111\u200b1111\u200b1111\u200b1111", "4111\u200d1111\u200d1111\u200d1111", "4111-1111 1111.1111",
		"4111 - 1111 - 1111 - 1111", "4111\u20131111\u20131111\u20131111", "4111_1111_1111_1111", "4222222222222", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
		"41 11 11 11 11 11 11 11", "41111111 11111111", "4111 11111111 1111", "411111 1111111111", "411111 111111 1111",
		"5555555555554444", "5105 1051 0510 5100", "2223003122003222", "2223 0031 2200 3222",
		"378282246310005", "3782 822463 10005", "3714-496353-98431", "6011111111111117", "6011 0009 9013 9424", "30569309025904",
		"3056 930902 5904", "38520000023237", "3530111333300000", "3566 0020 2036 0505", "6200000000000005", "6759649826438453",
		"6304000000000000", "５５５５５５５５５５５５４４４４", "5555 5555 5555 4444", "4111%201111%201111%201111", "4111\u00ad1111\u00ad1111\u00ad1111",
	},
	SSN: {
		"123-45-6789", "123 45 6789", "123.45.6789", "123\u00a045\u00a06789", "123\u201345\u20136789", "123\u201145\u20116789", "123\u221245\u22126789",
		"123 - 45 - 6789", "123-45 6789", "001-01-0001", "899-99-9999", "912-70-1234", "987-65-4320", "123\u202f45\u202f6789", "１２３-４５-６７８９", "123_45_6789",
	},
}

var frames = []string{
	"%s", " %s ", "%s.", "%s,", "(%s)", "[%s]", "<%s>", "\"%s\"", "'%s'", "{\"v\":\"%s\"}", "value=%s;", "please note %s, thanks", "…%s…", "“%s”",
	"前%s后", "\t%s\n", "a|%s|b", "is it %s?", "%s!", "**%s**", "Kundin: %s — danke", "x:\n%s\ny", "note;%s;end", "– %s –", "🙂%s🙂",
}

func TestRenderings(t *testing.T) {
	t.Parallel()
	s := setOf(t, "US")
	for class, list := range renderings {
		for _, text := range list {
			for _, frame := range frames {
				if class == Email && frame == "前%s后" {
					continue // letters belong to the address
				}
				cell := fmt.Sprintf(frame, text)
				spans := s.Find(nil, []byte(cell))
				if len(spans) != 1 || spans[0].Class != class || cell[spans[0].Start:spans[0].End] != text {
					t.Errorf("%s: %q in %q: got %s", class, text, cell, describe(cell, spans))
				}
				if !s.Contains([]byte(cell)) {
					t.Errorf("%s: %q: Contains is false", class, cell)
				}
			}
		}
	}
}

func describe(cell string, spans []Span) string {
	out := ""
	for _, sp := range spans {
		out += fmt.Sprintf("[%s %s %q]", sp.Class, sp.Reason, cell[sp.Start:sp.End])
	}
	if out == "" {
		return "nothing"
	}
	return out
}

func TestInText(t *testing.T) {
	t.Parallel()
	s := setOf(t, "US", numbers...)
	for _, tc := range []struct {
		name, text string
		want       []string // class and text
	}{
		{"card and expiry", "4111 1111 1111 1111 12/27", []string{"card 4111 1111 1111 1111"}},
		{"card, expiry and cvv in words", "card 4111111111111111 exp 0127 cvv 123", []string{"card 4111111111111111"}},
		{"card after another number", "acct 12 4111 1111 1111 1111", []string{"card 4111 1111 1111 1111"}},
		{"card and phone", "4111 1111 1111 1111 415-555-0142", []string{"card 4111 1111 1111 1111", "phone 415-555-0142"}},
		{"phone and card", "415 555 0142 4111-1111-1111-1111", []string{"phone 415 555 0142", "card 4111-1111-1111-1111"}},
		{"card glued to its word", "Visa4111111111111111exp 12/27", []string{"card 4111111111111111"}},
		{"track 1", "%B4111111111111111^DOE/JOHN^2712", []string{"card 4111111111111111"}},
		{"track 2", ";4111111111111111=27121010000", []string{"card 4111111111111111"}},
		{"url encoded", "https://x.test/?card=4111111111111111&tel=%2B14155550142", []string{"card 4111111111111111", "phone %2B14155550142"}},
		{"url encoded equals", "card%3D4111111111111111", []string{"card 4111111111111111"}},
		{"json escape", `note\n4155550142\tok`, []string{"phone 4155550142"}},
		{"two phones", "415-555-0142 415-555-0143", []string{"phone 415-555-0142", "phone 415-555-0143"}},
		{"two phones with slash", "4155550142/4155550143", []string{"phone 4155550142", "phone 4155550143"}},
		{"tel uri", "tel:+1-201-555-0123;ext=12", []string{"phone +1-201-555-0123;ext=12"}},
		{"tel uri local", "tel:5550142", []string{"phone 5550142"}},
		{"tel uri elsewhere", "tel:02079460958", []string{"phone 02079460958"}},
		{"sip uri to a host", "sip:4155550142@10.0.0.1", []string{"phone 4155550142"}},
		{"sip uri to a domain", "sip:+14155550142@pbx.example.com", []string{"email +14155550142@pbx.example.com"}},
		{"mailto", "mailto:john@example.com?subject=hi", []string{"email john@example.com"}},
		{"named address", "John Smith <john@example.com>", []string{"email john@example.com"}},
		{"two addresses", "a@x.com,b@y.com", []string{"email a@x.com", "email b@y.com"}},
		{"address in address", "a@b.com@c.com", []string{"email a@b.com@c.com"}},
		{"address then hyphen", "x@example.com-2", []string{"email x@example.com"}},
		{"address at the end of a sentence", "write john@example.com. Thanks", []string{"email john@example.com"}},
		{"ssn nine digits", "SSN 123456789", []string{"ssn 123456789"}},
		{"ssn after social security number", "my social security number is 123456789", []string{"ssn 123456789"}},
		{"ssn after tax id", "tax ID: 912701234", []string{"ssn 912701234"}},
		{"ssn in groups of three", "social is 123 456 789", []string{"ssn 123 456 789"}},
		{"ssn digit by digit", "social 1 2 3 4 5 6 7 8 9", []string{"ssn 1 2 3 4 5 6 7 8 9"}},
		{"ssn json", `{"ssn":"123456789"}`, []string{"ssn 123456789"}},
		{"ssn camel case", `{"customerSsn":123456789}`, []string{"ssn 123456789"}},
		{"ssn glued", "SSN123-45-6789", []string{"ssn 123-45-6789"}},
		{"ssn hash", "SS# 123456789", []string{"ssn 123456789"}},
		{"ssn and birth date", "123-45-6789 01/02/1980", []string{"ssn 123-45-6789"}},
		{"local after call", "call 555-0142", []string{"phone 555-0142"}},
		{"local after call me back at", "Please call me back at 5550142.", []string{"phone 5550142"}},
		{"local after cell", "my cell: 555.0142", []string{"phone 555.0142"}},
		{"local capital", "PHONE 555 0142", []string{"phone 555 0142"}},
		{"local with words between", "text my wife at 555-0142", []string{"phone 555-0142"}},
		{"phone after order and more", "about order 12, 4155550142 is my number", []string{"phone 4155550142"}},
		{"phone after a sentence on a case", "That closes the case. 4155550142 is mine", []string{"phone 4155550142"}},
		{"phone hash", "phone #4155550142", []string{"phone 4155550142"}},
		{"my number sign", "my # is 4155550142", []string{"phone 4155550142"}},
		{"formatted after order", "order from (415) 555-0142", []string{"phone (415) 555-0142"}},
		{"phone glued to its word", "tel4155550142", []string{"phone 4155550142"}},
		{"formatted glued to a word", "415-555-0142Thanks", []string{"phone 415-555-0142"}},
		{"local after my number is", "my number is 555-0142", []string{"phone 555-0142"}},
		{"local after contact number", "contact number: 5550142", []string{"phone 5550142"}},
		{"ssn url encoded", "ssn%3D123456789", []string{"ssn 123456789"}},
		{"data frame phone", "4155550142.0", []string{"phone 4155550142"}},
		{"recording name", "rec-4155550142-1772973851482.wav", []string{"phone 4155550142"}},
		{"phones side by side", "(415)555-0142(415)555-0143", []string{"phone (415)555-0142", "phone (415)555-0143"}},
		{"phone behind an address", "jo@x.co/4155550142", []string{"email jo@x.co", "phone 4155550142"}},
		{"spelled digits", "4 1 5 5 5 5 0 1 4 2", []string{"phone 4 1 5 5 5 5 0 1 4 2"}},
		{"pairs after mobile", "mobile 41 55 55 01 42", []string{"phone 41 55 55 01 42"}},
		{"form encoded", "phone=415+555+0142&x=1", []string{"phone 415+555+0142"}},
		{"indian number without plus", "91-9876543210", []string{"phone 9876543210"}},
		{"bracketed country code", "(+44) 20 7946 0958", []string{"phone (+44) 20 7946 0958"}},
		{"number in brackets", "(415-555-0142)", []string{"phone 415-555-0142"}},
		{"direction marks", "\u202a+1 (415) 555\u20110142\u202c", []string{"phone +1 (415) 555\u20110142"}},
		{"keycap digits", "4\ufe0f\u20e31\ufe0f\u20e35\ufe0f\u20e35\ufe0f\u20e35\ufe0f\u20e35\ufe0f\u20e30\ufe0f\u20e31\ufe0f\u20e34\ufe0f\u20e32", []string{"phone 4\ufe0f\u20e31\ufe0f\u20e35\ufe0f\u20e35\ufe0f\u20e35\ufe0f\u20e35\ufe0f\u20e30\ufe0f\u20e31\ufe0f\u20e34\ufe0f\u20e32"}},
		{"all classes", "Jo, jo@example.com, 415-555-0142, 4111 1111 1111 1111, 123-45-6789", []string{
			"email jo@example.com", "phone 415-555-0142", "card 4111 1111 1111 1111", "ssn 123-45-6789"}},
		{"after a token", "+999123456789012 415-555-0142", []string{"phone 415-555-0142"}},
		{"after a uuid", "550e8400-e29b-41d4-a716-446655440000 415-555-0142", []string{"phone 415-555-0142"}},
		{"phone in a list", "12 415 555 0142 7", []string{"phone 415 555 0142"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			spans := s.Find(nil, []byte(tc.text))
			var got []string
			for _, sp := range spans {
				got = append(got, string(sp.Class)+" "+tc.text[sp.Start:sp.End])
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("%q:\n got %q\nwant %q", tc.text, got, tc.want)
			}
		})
	}
}

func TestRegions(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		region, text string
		want         int
	}{
		{"GB", "020 7946 0958", 1},
		{"GB", "call 07700 900123 now", 1},
		{"GB", "(020) 7946 0958", 1},
		{"GB", "02079460958", 1},
		{"GB", "order 02079460958", 0},
		{"GB", "4155550142", 0},
		{"GB", "415-555-0142", 1},
		{"GB", "+1 415 555 0142", 1},
		{"GB", "2026-03-09 13:04:11", 0},
		{"DE", "030 1234567", 1},
		{"DE", "030/1234567", 1},
		{"FR", "01 42 68 53 00", 1},
		{"ES", "612 345 678", 1},
		{"AU", "(02) 9374 4000", 1},
		{"US", "call 020 7946 0958", 1},
		{"CA", "613-555-0142", 1},
		{"us", "415-555-0142", 1},
		{"", "415-555-0142", 1},
	} {
		t.Run(tc.region+" "+tc.text, func(t *testing.T) {
			t.Parallel()
			spans := setOf(t, tc.region).Find(nil, []byte(tc.text))
			if len(spans) != tc.want {
				t.Errorf("got %s, want %d", describe(tc.text, spans), tc.want)
			}
		})
	}
}
