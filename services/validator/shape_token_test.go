package validator

import (
	"testing"

	"github.com/maskrail/maskrail/libs/policy"
)

func TestTokenShapes(t *testing.T) {
	t.Parallel()
	const text = "abcdefghijklmnopqrstuvwxyz"
	tests := []struct {
		format policy.Format
		value  string
		want   bool
	}{
		{policy.CardNumber, "9000123412341234", !passesLuhn([]byte("9000123412341234"))},
		{policy.CardNumber, text, true},
		{policy.CardNumber, "4111111111111111", false},
		{policy.CardNumber, "4111111111111112", false},
		{policy.CardNumber, "9111111111111", !passesLuhn([]byte("9111111111111"))},
		{policy.CardNumber, "Jane", false},
		{policy.UUID, "0b8a2f6e-1111-8c3d-8e2f-5a6b7c8d9e0f", true},
		{policy.UUID, "0b8a2f6e-1111-4c3d-8e2f-5a6b7c8d9e0f", false},
		{policy.UUID, "0b8a2f6e-1111-8c3d-7e2f-5a6b7c8d9e0f", false},
		{policy.UUID, text, false},
		{policy.Digits, "004711", true},
		{policy.Digits, "04711", false},
		{policy.Digits, "a04711", false},
		{policy.Auto, "+999123456789012", true},
		{policy.Auto, text + "@masked.invalid", true},
		{policy.Auto, text, true},
		{policy.Auto, "+14155550142", false},
		{policy.Auto, "ann@example.com", false},
		{policy.Auto, "Jane", false},
	}
	for _, tt := range tests {
		if got := isToken([]byte(tt.value), policy.Token{Format: tt.format, Length: policy.TokenLength}); got != tt.want {
			t.Errorf("%s %q: %v, want %v", tt.format, tt.value, got, tt.want)
		}
	}
	if passesLuhn([]byte("9000123412341234")) || !passesLuhn([]byte("4111111111111111")) {
		t.Error("the check digit is computed otherwise than ISO/IEC 7812-1 says")
	}
	digits := policy.Alphabets["digits"]
	if !isPermuted([]byte("12-34 56"), digits) || isPermuted([]byte("12a"), digits) || isPermuted([]byte("1２"), digits) {
		t.Error("the alphabet of fpe is not held")
	}
}
