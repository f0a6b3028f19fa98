package validator

import (
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/policy"
)

func TestTreatmentOf(t *testing.T) {
	t.Parallel()
	token := policy.Token{Domain: "d", Length: policy.TokenLength, Format: policy.Text, Prefix: "User_"}
	phone := policy.Token{Domain: "phone", Length: policy.TokenLength, Format: policy.Phone}
	email := policy.Token{Domain: "email", Length: 10, Format: policy.Email}
	year, month, day := policy.Date{Truncate: policy.Year}, policy.Date{Truncate: policy.Month}, policy.Date{Truncate: policy.Day}
	tests := []struct {
		name    string
		treat   policy.Treatment
		treated []string
		raw     []string
	}{
		{"null", policy.Null{}, nil, []string{"", "x"}},
		{"redact", policy.Redact{With: "[MASKED]"}, []string{"[MASKED]", ""}, []string{"masked", "[MASKED] x"}},
		{"mask", policy.Mask{Char: "*", First: 1, Last: 2}, []string{"", "***", "*", "A**ox", "Ä*ßx"}, []string{"Ann", "Arnox", "A*nox"}},
		{"text token", token, []string{"", "User_abcdefghijklmnopqrstuvwxyz"},
			[]string{"Ann", "abcdefghijklmnopqrstuvwxyz", "User_Abcdefghijklmnopqrstuvwxyz", "User_abcdefghijklmnopqrstuvwxy", "User_abcdefghijklmnopqrstuvwxy1"}},
		{"phone token", phone, []string{"", "+999123456789012", "+99912345678901234567", "abcdefghijklmnopqrstuvwxyz"},
			[]string{"+14155550142", "+99912345678901", "+999123456789012345678901", "4155550142", "+999 123456789012"}},
		{"mail token", email, []string{"", "abcdefghij@masked.invalid"},
			[]string{"ann@example.com", "abcdefghij@masked.invalid.com", "ann.x@masked.invalid", "abcdefghij"}},
		{"card", policy.Card{Keep: policy.KeepNone}, []string{"", "****", "****************"}, []string{"************1111", "4111111111111111", "1"}},
		{"card of four", policy.Card{Keep: policy.KeepLast4}, []string{"****", "************1111"}, []string{"411111******1111", "1111", "Ann"}},
		{"card of ten", policy.Card{Keep: policy.KeepFirst6Last}, []string{"411111******1111", "****"}, []string{"4111111*****1111", "4111111111111111"}},
		{"year", year, []string{"", "1931-01-01", "1931-01-01T00:00:00Z", "1931-01-01T00:00:00.000+02:00", "1931-01-01 00:00:00", "+12026-01-01"},
			[]string{"1931-01-02", "1931-02-01", "1931-01-01T00:00:01Z", "Ann", "x-01-01", "-01-01"}},
		{"month", month, []string{"1931-07-01", "1931-07-01T00:00Z"}, []string{"1931-07-02", "1931-07-01T10:00:00Z"}},
		{"month from an earliest year on", policy.Date{Truncate: policy.Month, Earliest: 1937}, []string{"", "1937-01-01", "2024-02-01T00:00:00Z", "+12026-01-01"},
			[]string{"1936-12-01", "0001-01-01", "-12026-01-01", "1936-01-01T00:00:00Z", "1937-01-02"}},
		{"shift", policy.Shift{Max: 30}, []string{"", "2024-02-29", "1931-12-31T23:59", "1931-05-12 10:00:59+05", "0000-01-01T00:00:00.123456789-0530", "9999-12-31T00:00:00,5+05:30", "2024-02-29T23:59:59Z"},
			[]string{"Ann", "4155550142", "12/05/1931", "1931-5-12", "1931-13-01", "1931-00-01", "1931-01-32", "1931-01-00", "1931-01-01x", "1931-01-01T", "1931-01-01T10", "1931-01-01T24:00",
				"1931-01-01T10:60", "1931-01-01T10:00:60", "1931-01-01T10:00:00.", "1931-01-01T10:00:00.1234567890", "1931-01-01T10:00:00+5", "1931-01-01T10:00:00+24:00", "1931-01-01T10:00:00+05:60",
				"1931-01-01T10:00:00 0500", "1931-01-01T10:00:00z", "+12026-01-01", "1931-01-01 Ann", "1931-01-01T10:00 Ann"}},
		{"bucket", policy.Bucket{Width: 10}, []string{"", "0", "30", "-40", "30.00", "100000000000000000000", "-100000000000000000000.0"},
			[]string{"37", "-37", "30.5", "30.", "Ann", "-", "3e1", "100000000000000000001", "NaN", "30 "}},
		{"bucket with a top", policy.Bucket{Width: 10, Top: new(int64(95))}, []string{"-10", "90", "95", "95.0", "-100000000000000000000"}, []string{"94", "96", "100", "100000000000000000000"}},
		{"zip3", policy.Zip3{}, []string{"", "000", "021", "941"}, []string{"94103", "94", "94a", "036", "893", "Ann"}},
		{"fake name", policy.Fake{Kind: policy.FakeName}, []string{"", "Glen Sutton"}, []string{"ann lee", "Ann", "Ann B. Lee", "Lee, Ann", "Ann Lee 2", "ann@example.com", "4155550142", "Ann\tLee"}},
		{"fake first name", policy.Fake{Kind: policy.FakeFirstName}, []string{"", "Glen"}, []string{"Ann-Marie", "ann", "Ann Lee", "A1"}},
		{"fake company", policy.Fake{Kind: policy.FakeCompany}, []string{"Cloudspyre, Inc.", "eHealth (North)", "(Leg)Cyte"}, []string{"4155550142", "Room 12", "ann@example.com", strings.Repeat("A", 65), "\xff"}},
		{"fake street", policy.Fake{Kind: policy.FakeStreet}, []string{"12 West Forestfort", "9999 Viaview"}, []string{"12345 West Street", "West Street", "12", "12 5th Avenue", "12A West Street", "12 west Street"}},
		{"fake city", policy.Fake{Kind: policy.FakeCity}, []string{"Winston-Salem", "St. Paul", "Louisville/Jefferson"}, []string{"paris", "75001 Paris"}},
		{"fake country", policy.Fake{Kind: policy.FakeCountry}, []string{"Åland Islands", "Côte d'Ivoire"}, []string{"us", "+1"}},
		{"day", day, []string{"1931-07-14", "1931-07-14T00:00:00-05:00"}, []string{"1931-07-14T10:00:00Z", "the 14th of July"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			look := treatmentOf(tt.treat)
			for _, text := range tt.treated {
				if !look([]byte(text)) {
					t.Errorf("%q is taken for untreated", text)
				}
			}
			for _, text := range tt.raw {
				if look([]byte(text)) {
					t.Errorf("%q is taken for treated", text)
				}
			}
		})
	}
	for _, t2 := range []policy.Treatment{policy.Keep{}, policy.Scrub{}} {
		if treatmentOf(t2) != nil {
			t.Errorf("%s leaves no mark", t2.Name())
		}
	}
}
