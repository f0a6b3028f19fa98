package masker

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
)

// TestRepeats: what a value becomes does not depend on the values in front of it, however near the last one like it is,
// whoever owns it, and whether it becomes null or is at fault.
func TestRepeats(t *testing.T) {
	t.Parallel()
	treatments := map[string]string{
		"text": "token: {domain: d}", "phone": "token: {domain: d, format: phone}", "auto": "token: {domain: d, format: auto}",
		"uuid": "token: {domain: d, format: uuid}", "fake": "fake: {kind: name}", "date": "date: {truncate: year}", "mask": "mask: {last: 2}",
	}
	tenants := []string{"acme", "globex", "initech"}
	for name, treatment := range treatments {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := testPlan(t, fmt.Sprintf(tenantColumn, treatment+", expect: {classes: [phone, card, ssn, email], why: test}"))
			rnd := rand.New(rand.NewPCG(7, 8))
			var often []string
			for i := range 40 {
				often = append(often, fmt.Sprintf("Name %d", i%20), someValue(rnd), fmt.Sprintf("19%02d-01-02", i))
			}
			const rows, few = 6 * repeatTries, 50
			var values, owners []string
			for range rows {
				v := often[rnd.IntN(len(often))]
				if rnd.IntN(4) == 0 {
					v = someValue(rnd)
				}
				values, owners = append(values, v), append(owners, tenants[rnd.IntN(len(tenants))])
			}
			whole, out, _ := answers(t, p, false, []piece{{arrayOf(t, arrow.BinaryTypes.String, values...), owners}})
			var pieces []piece
			for from := 0; from < rows; from += few {
				to := min(from+few, rows)
				pieces = append(pieces, piece{arrayOf(t, arrow.BinaryTypes.String, values[from:to]...), owners[from:to]})
			}
			parts, outs, _ := answers(t, p, false, pieces)
			if got, want := whole[0], slices.Concat(parts...); !slices.Equal(got, want) {
				for at := range got {
					if got[at] != want[at] {
						t.Fatalf("value %d, %q: together %q, in small batches %q", at, values[at], got[at], want[at])
					}
				}
			}
			left := 0
			for _, n := range outs {
				left += n
			}
			if out[0] != left {
				t.Errorf("%d records left out together, %d in small batches", out[0], left)
			}
		})
	}
}

// TestRepeatsFound: a column of names is found to repeat, and one of ids is given up.
func TestRepeatsFound(t *testing.T) {
	t.Parallel()
	p := testPlan(t, fmt.Sprintf(tenantColumn, "token: {domain: d}"))
	for name, of := range map[string]struct {
		value func(i int) string
		want  bool
	}{
		"names": {func(i int) string { return fmt.Sprintf("Name %d", i%100) }, true},
		"ids":   {func(i int) string { return fmt.Sprintf("CUST-%d", i) }, false},
	} {
		values := make([]string, 2*repeatTries)
		for i := range values {
			values[i] = of.value(i)
		}
		column := arrayOf(t, arrow.BinaryTypes.String, values...)
		defer column.Release()
		f := flatFrame(p, []arrow.Array{column}, len(values))
		f.tenantOf = make([]int32, len(values))
		var r repeats
		known := r.begin(p.fields[len(p.fields)-1].operator.(text).rewriter, f.columns[0], newTexts(column))
		for i, v := range values {
			if _, ok := known.before(i, i, []byte(v)); !ok {
				known = known.keep(i)
			}
		}
		if got := known != nil; got != of.want {
			t.Errorf("%s: looked at to the end: %v, want %v", name, got, of.want)
		}
	}
}

// TestRepeatsOfTenants: a value of another tenant is another value, also where both have one place.
func TestRepeatsOfTenants(t *testing.T) {
	t.Parallel()
	p := testPlan(t, fmt.Sprintf(tenantColumn, "token: {domain: d}"))
	column := arrayOf(t, arrow.BinaryTypes.String, slices.Repeat([]string{"Jane"}, 2*repeatTries)...)
	defer column.Release()
	f := flatFrame(p, []arrow.Array{column}, column.Len())
	f.tenantOf = make([]int32, column.Len())
	f.tenantOf[1], f.tenantOf[2] = repeatSlots, 0
	var r repeats
	known := r.begin(p.fields[len(p.fields)-1].operator.(text).rewriter, f.columns[0], newTexts(column))
	known.before(0, 0, []byte("Jane"))
	known.keep(0)
	if at, ok := known.before(1, 1, []byte("Jane")); ok {
		t.Errorf("slot 1 of one tenant repeats slot %d of another", at)
	}
	if at, ok := known.before(2, 2, []byte("Jane")); !ok || at != 0 {
		t.Errorf("slot 2: got %d, %v, want slot 0", at, ok)
	}
}
