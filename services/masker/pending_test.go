package masker

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// someValue makes a value of any kind that tokens are made of.
func someValue(rnd *rand.Rand) string {
	switch rnd.IntN(12) {
	case 0:
		return "null"
	case 1:
		return ""
	case 2:
		return fmt.Sprintf("+1415555%04d", rnd.IntN(10_000))
	case 3:
		return fmt.Sprintf("+44 20 7946 %04d", rnd.IntN(10_000))
	case 4:
		return fmt.Sprintf("user%d@Example.com", rnd.IntN(100))
	case 5:
		return "4111 1111 1111 1111"
	case 6:
		return fmt.Sprintf("%0*d", 1+rnd.IntN(40), rnd.IntN(1e9))
	case 7:
		return strings.Repeat("long ", rnd.IntN(40))
	case 8:
		return "José Ñandú"
	case 9:
		return "550E8400-e29b-41d4-a716-446655440000"
	default:
		return fmt.Sprintf("  Name %d  Family", rnd.IntN(1000))
	}
}

// TestTogether: tokens that are made side by side are what each would be alone.
func TestTogether(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "phone", "email", "card", "digits", "uuid", "auto"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			p := testPlan(t, fmt.Sprintf(tenantColumn, "token: {domain: d, format: "+format+"}, expect: {classes: [phone, card, ssn], why: test}"))
			rnd := rand.New(rand.NewPCG(5, 6))
			for range 20 {
				var values, tenants []string
				for range rnd.IntN(60) {
					values, tenants = append(values, someValue(rnd)), append(tenants, []string{"acme", "globex"}[rnd.IntN(2)])
				}
				together, _, _ := answers(t, p, false, []piece{{arrayOf(t, arrow.BinaryTypes.String, values...), tenants}})
				var alone []piece
				for i := range values {
					alone = append(alone, piece{arrayOf(t, arrow.BinaryTypes.String, values[i]), tenants[i : i+1]})
				}
				one, _, _ := answers(t, p, false, alone)
				if got := slices.Concat(one...); !slices.Equal(together[0], got) {
					t.Fatalf("together %q\nalone %q", together[0], got)
				}
			}
		})
	}
}

// TestTextArray: what is null or cut off in the source, what is emptied, and what is longer than was reckoned with.
func TestTextArray(t *testing.T) {
	t.Parallel()
	values := []string{"1931-05-12", "null", "no date", "", "2001-02-03", "none either", "null", "1931-05-12"}
	whole := arrayOf(t, arrow.BinaryTypes.String, values...)
	p := testPlan(t, fmt.Sprintf(tenantColumn, "date: {truncate: year}"))
	for from := range values {
		for to := from; to <= len(values); to++ {
			tenants := slices.Repeat([]string{"acme"}, to-from)
			got, rejected, arrays := answers(t, p, false, []piece{{array.NewSlice(whole, int64(from), int64(to)), tenants}})
			bad := 0
			for i, v := range values[from:to] {
				want := v
				switch {
				case strings.HasPrefix(v, "no"):
					want = "null"
					bad++
				case len(v) == 10:
					want = v[:4] + "-01-01"
				}
				if got[0][i] != want {
					t.Errorf("%d to %d: value %d: got %s, want %s", from, to, i, got[0][i], want)
				}
			}
			if rejected[0] != bad || arrays[0].Data().Offset() != 0 {
				t.Errorf("%d to %d: %d records left out, want %d", from, to, rejected[0], bad)
			}
		}
	}
	p = testPlan(t, fmt.Sprintf(tenantColumn, `mask: {char: "…"}`)) // three bytes for each
	many := arrayOf(t, arrow.BinaryTypes.String, slices.Repeat([]string{"añb"}, 500)...)
	got, _, _ := answers(t, p, false, []piece{{many, slices.Repeat([]string{"acme"}, 500)}})
	if !slices.Equal(got[0], slices.Repeat([]string{"………"}, 500)) {
		t.Error("another text")
	}
}

// TestTokenLength: a shorter token is the beginning of the whole one.
func TestTokenLength(t *testing.T) {
	t.Parallel()
	values := stringsOf([]string{"C-1", "C-2", "C-3"})
	own := []string{"acme", "acme", "acme"}
	whole, _, _ := answers(t, testPlan(t, fmt.Sprintf(tenantColumn, "token: {domain: d}")), false, []piece{{values, own}})
	for length := 8; length <= 26; length++ {
		got, _, _ := answers(t, testPlan(t, fmt.Sprintf(tenantColumn, fmt.Sprintf("token: {domain: d, length: %d}", length))), false, []piece{{values, own}})
		for i, token := range whole[0] {
			if len(token) != 26 || got[0][i] != token[:length] {
				t.Errorf("length %d: got %s, want the beginning of %s", length, got[0][i], token)
			}
		}
	}
}
