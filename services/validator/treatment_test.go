package validator

import (
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
