package detect

import (
	"math/rand/v2"
	"testing"

	"github.com/nyaruka/phonenumbers/v2"
	"github.com/nyaruka/phonenumbers/v2/metadata"
)

// TestPlans holds the plan of every calling code to the library: with random numbers, with the library's examples, and with
// examples in which a digit was changed, added or left out.
func TestPlans(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	most, valid, tried := 0, 0, 0
	for code := range metadata.CountryCodeToRegion() {
		p, known := planOf(code)
		if p == nil || !known {
			t.Errorf("the plan of +%d is left to the library", code)
			continue
		}
		most = max(most, len(p.states))
		for range 200 {
			valid, tried = valid+agrees(t, p, code, varied(r, exampleOf(r, code))), tried+1
		}
	}
	t.Logf("%d states at most, %d of %d numbers valid", most, valid, tried)
	if valid < tried/5 || valid > tried*4/5 {
		t.Errorf("%d of %d numbers are valid: too few of a kind to tell anything", valid, tried)
	}
	if _, known := planOf(999); known {
		t.Error("+999 is a calling code")
	}
}

// agrees holds the plan to the library, and is 1 for a valid number.
func agrees(t *testing.T, p *plan, code int, national []byte) int {
	t.Helper()
	want := validByLibrary(code, national)
	if got := p.valid(national); got != want {
		t.Errorf("+%d %v: valid is %v", code, national, got)
	}
	if want {
		return 1
	}
	return 0
}

// exampleOf are the digits of one of the library's examples for a code, which has some.
func exampleOf(r *rand.Rand, code int) []byte {
	region := phonenumbers.GetRegionCodeForCountryCode(code)
	n := phonenumbers.GetExampleNumberForTypeInRegion(region, phonenumbers.PhoneNumberType(r.IntN(int(phonenumbers.UAN)+1)))
	if region == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY || n == nil {
		n = phonenumbers.GetExampleNumberForNonGeoEntity(code)
	}
	if n == nil {
		n = phonenumbers.GetExampleNumber(region)
	}
	var digits []byte
	for _, c := range phonenumbers.GetNationalSignificantNumber(n) {
		digits = append(digits, byte(c-'0'))
	}
	return digits
}

// varied changes a number somehow, and never so that it begins with 0.
func varied(r *rand.Rand, d []byte) []byte {
	for range r.IntN(4) {
		at := r.IntN(len(d))
		switch r.IntN(6) {
		case 0:
			d = d[:max(at, 1)]
		case 1:
			if len(d) < maxE164 {
				d = append(d, byte(r.IntN(10)))
			}
		default:
			d[at] = byte(r.IntN(10))
		}
	}
	if d[0] == 0 {
		d[0] = 1 + byte(r.IntN(9))
	}
	return d
}

// FuzzPlans does so for whatever digits, behind every calling code that they begin with.
func FuzzPlans(f *testing.F) {
	for _, s := range []string{"442079460958", "4930123456", "390612345678", "80012345678", "5215512345678", "33612345678", "870773111632"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var d []byte
		for i := range min(len(s), maxE164) {
			d = append(d, s[i]%10)
		}
		code := 0
		for i := range min(3, max(len(d)-1, 0)) {
			code = code*10 + int(d[i])
			if p, known := planOf(code); known && d[i+1] != 0 {
				agrees(t, p, code, d[i+1:])
			}
		}
	})
}

// BenchmarkPlans makes the plan of a country, and looks into it.
func BenchmarkPlans(b *testing.B) {
	for code, region := range map[int]string{44: "GB", 49: "DE"} {
		b.Run(region, func(b *testing.B) {
			for b.Loop() {
				newPlan(code, region)
			}
		})
	}
	b.Run("valid", func(b *testing.B) {
		d := []byte{4, 4, 2, 0, 7, 9, 4, 6, 0, 9, 5, 8}
		for b.Loop() {
			validAtOnce(d)
		}
	})
}
